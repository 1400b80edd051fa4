package local

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func offline(frames int64) plan.Workload { return plan.Workload{Kind: plan.Offline, Frames: frames} }

// Whatever the workload and wherever the cut, the sinks record the same.
func TestRun(t *testing.T) {
	for _, w := range []plan.Workload{
		offline(5), {Kind: plan.SingleStream, Frames: 5}, {Kind: plan.Camera, Frames: 5, Period: time.Hour},
		offline(3000), // more effects than the queue keeps
	} {
		for _, through := range []string{"", "source", "left", "right", "both"} {
			_, reg := newLab(t)
			var got []trace.Result
			h := &kernel.Host{Kernels: reg, Record: func(r trace.Result) { got = append(got, r) }}
			r, err := New(h, nil, compiled(t, diamond(), through, w), nil)
			require.NoError(t, err)
			for range 2 { // a runner runs as often as it is asked to
				got = nil
				_, err := r.Run(t.Context())
				require.NoError(t, err, "%s, through %q", w.Kind, through)
				require.Equal(t, w.Frames, int64(len(got)), "%s, through %q: %d results of %d frames", w.Kind, through, len(got),
					w.Frames)
				for n, res := range got {
					require.Equal(t, int64(n), res.Frame, "%s, through %q, frame", w.Kind, through)
					require.Equal(t, []float32{float32(2*(n+1) + 110)}, res.Values, "%s, through %q, frame", w.Kind, through)
				}
			}
			require.NoError(t, r.Close())
		}
	}
}

// A FIFO's delay is tokens of zeros: here the running sum of 1, 2, 3, ….
func TestStateInAFIFO(t *testing.T) {
	app := planfile.Application{
		Name: "sum",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("sum", "add", 2, 2, 0),
			actor("sink", "sink", 1, 0, 0)},
		FIFOs: append(join("source.x", "sum.a", "sum.x", "sink.a"), planfile.FIFOSpec{From: "sum.y", To: "sum.b", Delay: 1}),
	}
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	got, _, err := f.Results(t.Context(), compiled(t, app, "source", offline(4)))
	require.NoError(t, err)
	for n, want := range []float32{1, 3, 6, 10} {
		assert.Equal(t, want, got[n].Values[0], "frame")
	}
}

// Hooks see every firing of the included actors once; the others make tokens of
// zeros.
func TestIncludeAndHooks(t *testing.T) {
	l, reg := newLab(t)
	p := compiled(t, diamond(), "source", offline(3))
	left := slices.IndexFunc(p.Graph.Actors, func(a graph.Actor) bool { return a.Name == "left" })
	var results []trace.Result
	h := &kernel.Host{Kernels: reg, Record: func(r trace.Result) { results = append(results, r) }}
	r, err := New(h, nil, p, func(a int) bool { return a != left })
	require.NoError(t, err)
	var before, observed []string
	r.Before = func(a int) { before = append(before, p.Graph.Actors[a].Name) }
	r.Observe = func(a int, frame int64, took time.Duration) {
		assert.GreaterOrEqual(t, took, time.Duration(0), "actor %d took", a)
		observed = append(observed, fmt.Sprintf("%s %d", p.Graph.Actors[a].Name, frame))
	}
	_, err = r.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, before, 4*3, "before %v\nobserved", before)
	require.Len(t, observed, 4*3, "before %v\nobserved", before)
	assert.NotContains(t, before, "left", "before %v\nobserved", before)
	for _, name := range []string{"source", "right", "both", "sink"} {
		for n := range 3 {
			assert.Contains(t, observed, fmt.Sprintf("%s %d", name, n), "%s wasn't observed at frame", name)
		}
	}
	for n, res := range results {
		assert.Equal(t, float32(n+1)+100, res.Values[0], "frame %d without the left way", n)
	}
	assert.Equal(t, 0, l.made["left"], "made")
	assert.Equal(t, 1, l.made["right"], "made")
	for range 2 { // closing twice is harmless
		require.NoError(t, r.Close())
	}
	assert.Equal(t, 1, l.closed["right"], "closed")
	assert.Equal(t, 0, l.closed["left"], "closed")
}

func TestOutBytes(t *testing.T) {
	app := planfile.Application{
		Name: "long",
		Actors: []planfile.ActorSpec{{
			Name: "source", Kernel: "long", Out: []planfile.PortSpec{{Port: "x", Type: "bytes[99]"}},
		}, actor("sink", "sink", 1, 0, 0)},
		FIFOs: join("source.x", "sink.a"),
	}
	_, reg := newLab(t)
	r, err := New(&kernel.Host{Kernels: reg, Record: func(trace.Result) {}}, nil, compiled(t, app, "", offline(4)), nil)
	require.NoError(t, err)
	_, err = r.Run(t.Context())
	require.NoError(t, err)
	got := r.OutBytes(0)
	assert.Equal(t, []int64{40}, got, "got %v, want those of the last frame, 40", got)
}

func TestRunErrors(t *testing.T) {
	fails := planfile.Application{
		Name: "fails",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("camera", "fail", 1, 1, 0),
			actor("sink", "sink", 1, 0, 0)},
		FIFOs: join("source.x", "camera.a", "camera.x", "sink.a"),
	}
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	_, _, err := f.Results(t.Context(), compiled(t, fails, "", offline(5)))
	require.ErrorIs(t, err, errFilm, "a kernel that fails")
	assert.Contains(t, err.Error(), "actor camera, frame 2", "a kernel that fails")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = f.Results(ctx, compiled(t, diamond(), "", offline(5)))
	assert.ErrorIs(t, err, context.Canceled, "a context that has ended")
	p := compiled(t, diamond(), "", offline(5))
	p.Graph.Actors[3].Kernel = "magic"
	l, reg := newLab(t)
	f = &Driver{Kernels: reg}
	_, _, err = f.Results(t.Context(), p)
	require.ErrorIs(t, err, kernel.ErrUnknown, "an unknown kernel")
	assert.Contains(t, err.Error(), "both", "an unknown kernel")
	assert.Equal(t, 1, l.closed["source"], "kernels that were made before stay open")
	assert.Equal(t, 1, l.closed["right"], "kernels that were made before stay open")
	p = compiled(t, diamond(), "", offline(5))
	p.Work[1].Model = "net"
	_, _, err = f.Results(t.Context(), p)
	assert.ErrorIs(t, err, compile.ErrNoModel, "a model that isn't there")
}

// Results come by instance, then by frame, whatever fired first.
func TestRefereeOrder(t *testing.T) {
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	got, _, err := f.Results(t.Context(), compiled(t, diamond(), "left", offline(3), "b", "a"))
	require.NoError(t, err)
	var order []string
	for _, r := range got {
		order = append(order, fmt.Sprintf("%s%d=%g", r.Instance, r.Frame, r.Values[0]))
	}
	assert.Equal(t, []string{"a0=112", "a1=114", "a2=116", "b0=112", "b1=114", "b2=116"}, order)
}
