package local

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/stretchr/testify/require"
)

// lab makes test kernels and counts them. Tokens are float32[1,1].
type lab struct {
	mu     sync.Mutex     // kernels are made and fired by several goroutines
	made   map[string]int // by actor
	closed map[string]int // by actor
	fired  []string       // actors, in order
}

// testKernel counts itself in its lab.
type testKernel struct {
	lab  *lab
	name string
	fire func(f *kernel.Firing) error
}

func (k *testKernel) Fire(f *kernel.Firing) error {
	k.lab.mu.Lock()
	k.lab.fired = append(k.lab.fired, k.name)
	k.lab.mu.Unlock()
	return k.fire(f)
}

func (k *testKernel) Close() error {
	k.lab.mu.Lock()
	defer k.lab.mu.Unlock()
	k.lab.closed[k.name]++
	return nil
}

var errFilm = errors.New("no more film")

// newLab returns a lab and kernels: "number" makes the frame's number plus 1,
// "add" the sum of its inputs plus its parameter by, "long" tokens whose length
// in use varies, "fail" fails at frame 2, "count" and "sink" are the built-in
// ones.
func newLab(t testing.TB) (*lab, *kernel.Registry) {
	t.Helper()
	l := &lab{made: map[string]int{}, closed: map[string]int{}}
	r := builtin.Registry()
	for name, fire := range map[string]func(kernel.Spec) func(*kernel.Firing) error{
		"number": func(kernel.Spec) func(*kernel.Firing) error {
			return func(f *kernel.Firing) error { return emit(f, float32(f.Frame+1)) }
		},
		"add": func(s kernel.Spec) func(*kernel.Firing) error {
			by, _ := s.Params["by"].(uint64)
			return func(f *kernel.Firing) error {
				sum := float32(by)
				for _, port := range f.In {
					for _, in := range port {
						sum += in.Float32()[0]
					}
				}
				return emit(f, sum)
			}
		},
		"long": func(kernel.Spec) func(*kernel.Firing) error {
			return func(f *kernel.Firing) error {
				f.Out[0][0].Len = int(10 * (f.Frame + 1))
				return nil
			}
		},
		"fail": func(kernel.Spec) func(*kernel.Firing) error {
			return func(f *kernel.Firing) error {
				if f.Frame == 2 {
					return errFilm
				}
				return nil
			}
		},
	} {
		err := r.Register(name, func(s kernel.Spec) (kernel.Kernel, error) {
			l.mu.Lock()
			l.made[s.Actor]++
			l.mu.Unlock()
			return &testKernel{lab: l, name: s.Actor, fire: fire(s)}, nil
		})
		require.NoError(t, err)
	}
	return l, r
}

func emit(f *kernel.Firing, v float32) error {
	for _, port := range f.Out {
		for _, t := range port {
			t.Float32()[0] = v
		}
	}
	return nil
}

// actor describes an actor of n in ports a, b, … and m out ports x, y, ….
func actor(name, kernelName string, n, m int, by uint64) planfile.ActorSpec {
	a := planfile.ActorSpec{Name: name, Kernel: kernelName}
	if by > 0 {
		a.Params = map[string]any{"by": by}
	}
	for i := range n {
		a.In = append(a.In, planfile.PortSpec{Port: string(rune('a' + i))})
	}
	for i := range m {
		a.Out = append(a.Out, planfile.PortSpec{Port: string(rune('x' + i)), Type: "float32[1,1]"})
	}
	return a
}

func join(fifos ...string) []planfile.FIFOSpec {
	var list []planfile.FIFOSpec
	for i := 0; i < len(fifos); i += 2 {
		list = append(list, planfile.FIFOSpec{From: fifos[i], To: fifos[i+1]})
	}
	return list
}

// diamond is source -> (left: +10, right: +100) -> both -> sink: frame n gives
// 2 (n + 1) + 110.
func diamond() planfile.Application {
	return planfile.Application{
		Name: "diamond",
		Actors: []planfile.ActorSpec{
			actor("source", "number", 0, 2, 0), actor("left", "add", 1, 1, 10), actor("right", "add", 1, 1, 100),
			actor("both", "add", 2, 1, 0), actor("sink", "sink", 1, 0, 0),
		},
		FIFOs: join("source.x", "left.a", "source.y", "right.a", "left.x", "both.a", "right.x", "both.b", "both.x", "sink.a"),
	}
}

// compile maps the actors through one to an endpoint, the rest to a server;
// "" leaves all on the endpoint.
func compiled(t testing.TB, app planfile.Application, through string, w plan.Workload, instances ...string) *plan.Plan {
	t.Helper()
	f := &planfile.File{Plan: app.Name + " " + through, Application: app, Workload: w}
	f.Platform.Devices = append(f.Platform.Devices,
		plan.Device{Name: "server", Role: plan.Server, Units: []plan.Unit{{Name: "cpu"}}})
	if instances == nil {
		instances = []string{""}
	}
	for i, name := range instances {
		device := fmt.Sprintf("endpoint%d", i)
		f.Platform.Devices = append(f.Platform.Devices,
			plan.Device{Name: device, Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu"}}})
		f.Platform.Links = append(f.Platform.Links, plan.Link{Name: "to " + device, Between: []string{device, "server"}})
		inst := planfile.Instance{Name: name, Mapping: []planfile.Assign{{Unit: device + ".cpu"}}}
		if through != "" {
			inst.Mapping = []planfile.Assign{{Unit: device + ".cpu", Through: through}, {Unit: "server.cpu"}}
		}
		f.Instances = append(f.Instances, inst)
	}
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	return p
}
