package world_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
)

// A chain of three actors on two devices runs while connections break and devices
// crash. Every frame is at the sink once, in order, and with the right values.
func Example() {
	b := enginetest.NewBuilder("chain", 20, 1, 1)
	b.Chain(1, 2, 0, 0, 1)
	parts := b.Plan().Slices()
	for _, s := range parts {
		for i := range s.Actors {
			s.Actors[i].Limit = 20
		}
	}
	w := world.New(7, parts, 20)
	w.Faults = world.Faults{Reconnects: 2, Crashes: 2, DownEvents: 30}
	sent := 0
	w.OnSend = func(*engine.Effect) { sent++ }
	if err := w.Run(); err != nil {
		fmt.Println(err)
	}
	fmt.Println("frames at the sink:", len(w.Results()[2]))
	fmt.Println("tokens were sent again:", sent > 20)
	fmt.Println("wrong results:", w.Verify())
	// Output:
	// frames at the sink: 20
	// tokens were sent again: true
	// wrong results: <nil>
}
