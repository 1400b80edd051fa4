package testbed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
)

// A testbed of two agents in this process, and a plan that is cut between them.
func Example() {
	kernels, err := kerneltest.Registry(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tb, err := testbed.Start(ctx, testbed.Config{
		Devices: []string{"d0", "d1"}, InProcess: true, Agent: agent.Config{Kernels: kernels},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tb.Close()
	b := enginetest.NewBuilder("cut", 5, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	t, err := tb.Driver().Run(ctx, b.Plan())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range t.Results {
		fmt.Println("frame", r.Frame, r.Values)
	}
	// Output:
	// frame 0 [0]
	// frame 1 [1]
	// frame 2 [2]
	// frame 3 [3]
	// frame 4 [4]
}
