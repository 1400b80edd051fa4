package builtin

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// stateful makes the kernels that keep state, each with what puts frame n of a
// stream into it.
var stateful = map[string]func(t *testing.T) (*bench, func(b *bench, seed uint64)){
	"tracker": func(t *testing.T) (*bench, func(*bench, uint64)) {
		return newTracking(t, map[string]any{"max_age": 2}), randomDetections
	},
	"predicting tracker": func(t *testing.T) (*bench, func(*bench, uint64)) {
		in := append(variable(ports(t, "float32[4,5]")), control(1)...)
		b := newBench(
			t,
			"tracker",
			kernel.Spec{In: in, Out: ports(t, "float32[4,6]"), Params: map[string]any{"momentum": .75}},
		)
		return b, func(b *bench, seed uint64) {
			open(&b.f.In[0], 1)
			randomDetections(b, seed)
			open(&b.f.In[0], int((seed+uint64(b.f.Frame))%2))
		}
	},
	"motion": func(t *testing.T) (*bench, func(*bench, uint64)) {
		return newWatch(t, map[string]any{"refresh": 5}), func(b *bench, seed uint64) {
			r := rand.New(rand.NewPCG(seed, uint64(b.f.Frame)))
			shade(b, byte(r.IntN(4)), byte(r.IntN(100)))
		}
	},
}

func randomDetections(b *bench, seed uint64) {
	r := rand.New(rand.NewPCG(seed, uint64(b.f.Frame)))
	in := b.in(0).Float32()
	clear(in)
	for n := range r.IntN(5) {
		copy(in[5*n:], at(float32(r.IntN(30)), float32(r.IntN(10))))
	}
}

// made returns what a firing has made.
func made(b *bench) []byte {
	var all []byte
	for _, port := range b.f.Out {
		for _, t := range port {
			all = append(all, t.Data[:t.Len]...)
		}
	}
	return all
}

// A kernel that is restored from a snapshot goes on as the one that gave it.
func TestSnapshots(t *testing.T) {
	for name, mk := range stateful {
		t.Run(name, func(t *testing.T) {
			a, put := mk(t)
			b, _ := mk(t)
			rapid.Check(t, func(rt *rapid.T) {
				seed, before := rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(0, 40).Draw(rt, "frames before")
				require.NoError(rt, kernel.State(a.Kernel).Restore(nil))
				a.f.Frame = 0
				for range before {
					put(a, seed)
					a.fire(t)
				}
				snapshot := kernel.State(a.Kernel).Snapshot([]byte("kept"))
				require.Equal(rt, "kept", string(snapshot[:4]), "Snapshot doesn't append")
				snapshot = snapshot[4:]
				require.NoError(rt, kernel.State(b.Kernel).Restore(snapshot))
				require.Equal(rt, snapshot, kernel.State(b.Kernel).Snapshot(nil), "a restored kernel gives another snapshot")
				clear(snapshot) // it may not be kept
				for b.f.Frame = a.f.Frame; a.f.Frame < int64(before+10); {
					put(a, seed)
					put(b, seed)
					a.fire(t)
					b.fire(t)
					require.Equal(rt, made(b), made(a), "frame %d differs after a snapshot at %d", a.f.Frame-1, before)
				}
			})
		})
	}
}

func TestBadSnapshots(t *testing.T) {
	for name, mk := range stateful {
		b, put := mk(t)
		for range 8 {
			put(b, 1)
			b.fire(t)
		}
		good := kernel.State(b.Kernel).Snapshot(nil)
		other := slices.Clone(good)
		other[0]++
		huge := slices.Clone(good)
		copy(huge[5:], []byte{255, 255, 255, 127})
		for what, bad := range map[string][]byte{
			"empty": {}, "cut off": good[:len(good)-1], "too long": append(slices.Clone(good), 0), "another version": other,
			"huge count": huge[:9],
		} {
			err := kernel.State(b.Kernel).Restore(bad)
			assert.ErrorIs(t, err, kernel.ErrSnapshot, "%s, %s: %v, want ErrSnapshot", name, what, err)
		}
	}
}

// An actor says that it keeps state if and only if its kernel does.
func TestMakeChecksState(t *testing.T) {
	for _, tc := range []struct {
		kernel   string
		declared bool
		want     error
	}{{"tracker", true, nil}, {"tracker", false, kernel.ErrState}, {"nms", false, nil}, {"nms", true, kernel.ErrState}} {
		width := map[string]string{"tracker": "float32[2,6]", "nms": "float32[2,5]"}[tc.kernel]
		f := &planfile.File{Plan: "p", Workload: plan.Workload{Kind: plan.SingleStream, Frames: 1},
			Application: planfile.Application{
				Name: "a",
				Actors: []planfile.ActorSpec{
					{Name: "source", Kernel: "count", Out: []planfile.PortSpec{{Port: "x", Type: "float32[2,5]"}}},
					{Name: "it", Kernel: tc.kernel, State: tc.declared, In: []planfile.PortSpec{{Port: "x"}},
						Out: []planfile.PortSpec{{Port: "y", Type: width}}},
					{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "x"}}},
				},
				FIFOs: []planfile.FIFOSpec{{From: "source.x", To: "it.x"}, {From: "it.y", To: "sink.x"}},
			}}
		f.Platform.Devices = []plan.Device{{Name: "d", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu"}}}}
		f.Instances = []planfile.Instance{{Mapping: []planfile.Assign{{Unit: "d.cpu"}}}}
		p, err := compile.Compile(f, nil)
		require.NoError(t, err)
		k, err := (&kernel.Host{Kernels: Registry()}).Make(p, p.Graph.Actor("it"), nil)
		require.ErrorIs(t, err, tc.want, "%s, state: %t", tc.kernel, tc.declared)
		assert.Equal(t, (tc.want != nil), (k == nil), "%s, state: %t", tc.kernel, tc.declared)
	}
}

// State is found behind a guard and inside of dynamic parts.
func TestStateBehindWrappers(t *testing.T) {
	in := append(variable(ports(t, "float32[4,5]")), control(1)...)
	k, err := Registry().New("tracker", kernel.Spec{In: in, Out: variable(ports(t, "float32[4,6]"))})
	require.NoError(t, err)
	g := &graph.Graph{Actors: []graph.Actor{{Name: "t", Kind: graph.DynamicProcessing}}}
	require.NotNil(t, kernel.State(kernel.Guard(k, g, 0)), "the tracker's state is hidden")
	assert.NotNil(t, kernel.State(k), "the tracker's state is hidden")
	assert.Nil(t, kernel.State(kernel.Guard(pass{}, g, 0)), "pass has no state")
}
