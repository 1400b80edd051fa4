package local_test

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/local"
)

// squares is a sink of one's own that records the square of what comes.
type squares struct{ spec kernel.Spec }

func (k *squares) Fire(f *kernel.Firing) error {
	v := kernel.View[float32](f.In[0][0])[0]
	k.spec.Record(trace.Result{Instance: k.spec.Instance, Frame: f.Frame, Values: []float32{v * v}})
	return nil
}

func (*squares) Close() error { return nil }

// numbers is a source of one's own: frame n is n.
type numbers struct{}

func (numbers) Fire(f *kernel.Firing) error {
	kernel.View[float32](f.Out[0][0])[0] = float32(f.Frame)
	return nil
}

func (numbers) Close() error { return nil }

// A plan of own kernels, mapped to two devices, runs in this process.
func ExampleDriver_Run() {
	file, err := planfile.Parse("squares.yaml", []byte(`
plan: squares
application:
  name: squares
  actors:
    - {name: source, kernel: numbers, out: [{port: x, type: "float32[1]"}]}
    - {name: sink, kernel: squares, in: [{port: x}]}
  fifos:
    - {from: source.x, to: sink.x}
platform:
  devices:
    - {name: box, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [box, server]}
instances:
  - mapping: [{unit: box.cpu, through: source}, {unit: server.cpu}]
workload: {kind: offline, frames: 4}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := compile.Compile(file, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	kernels := kernel.NewRegistry()
	for name, n := range map[string]kernel.New{
		"numbers": func(kernel.Spec) (kernel.Kernel, error) { return numbers{}, nil },
		"squares": func(s kernel.Spec) (kernel.Kernel, error) { return &squares{s}, nil },
	} {
		if err := kernels.Register(name, n); err != nil {
			fmt.Println(err)
			return
		}
	}
	t, err := (&local.Driver{Kernels: kernels}).Run(context.Background(), p)
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := 0
	for _, e := range t.Events {
		if e.Kind == trace.Send {
			sent++
		}
	}
	fmt.Println("tokens over the boundary:", sent)
	for _, r := range t.Results {
		fmt.Println("frame", r.Frame, r.Values)
	}
	// Output:
	// tokens over the boundary: 4
	// frame 0 [0]
	// frame 1 [1]
	// frame 2 [4]
	// frame 3 [9]
}
