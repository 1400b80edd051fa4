package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
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
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a runner runs as often as it is asked to
				got = nil
				if _, err := r.Run(t.Context()); err != nil {
					t.Fatalf("%s, through %q: %v", w.Kind, through, err)
				}
				if int64(len(got)) != w.Frames {
					t.Fatalf("%s, through %q: %d results of %d frames", w.Kind, through, len(got), w.Frames)
				}
				for n, res := range got {
					if res.Frame != int64(n) || !slices.Equal(res.Values, []float32{float32(2*(n+1) + 110)}) {
						t.Fatalf("%s, through %q, frame %d: %+v", w.Kind, through, n, res)
					}
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A FIFO's delay is tokens of zeros: here the running sum of 1, 2, 3, ….
func TestStateInAFIFO(t *testing.T) {
	app := planfile.Application{
		Name:   "sum",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("sum", "add", 2, 2, 0), actor("sink", "sink", 1, 0, 0)},
		FIFOs:  append(join("source.x", "sum.a", "sum.x", "sink.a"), planfile.FIFOSpec{From: "sum.y", To: "sum.b", Delay: 1}),
	}
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	got, _, err := f.Results(t.Context(), compiled(t, app, "source", offline(4)))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []float32{1, 3, 6, 10} {
		if got[n].Values[0] != want {
			t.Errorf("frame %d: %v, want %g", n, got[n].Values, want)
		}
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
	if err != nil {
		t.Fatal(err)
	}
	var before, observed []string
	r.Before = func(a int) { before = append(before, p.Graph.Actors[a].Name) }
	r.Observe = func(a int, frame int64, took time.Duration) {
		if took < 0 {
			t.Errorf("actor %d took %v", a, took)
		}
		observed = append(observed, fmt.Sprintf("%s %d", p.Graph.Actors[a].Name, frame))
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(before) != 4*3 || len(observed) != 4*3 || slices.Contains(before, "left") {
		t.Errorf("before %v\nobserved %v", before, observed)
	}
	for _, name := range []string{"source", "right", "both", "sink"} {
		for n := range 3 {
			if !slices.Contains(observed, fmt.Sprintf("%s %d", name, n)) {
				t.Errorf("%s wasn't observed at frame %d", name, n)
			}
		}
	}
	for n, res := range results {
		if want := float32(n+1) + 100; res.Values[0] != want {
			t.Errorf("frame %d without the left way: %g, want %g", n, res.Values[0], want)
		}
	}
	if l.made["left"] != 0 || l.made["right"] != 1 {
		t.Errorf("made %v", l.made)
	}
	for range 2 { // closing twice is harmless
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if l.closed["right"] != 1 || l.closed["left"] != 0 {
		t.Errorf("closed %v", l.closed)
	}
}

func TestOutBytes(t *testing.T) {
	app := planfile.Application{
		Name:   "long",
		Actors: []planfile.ActorSpec{{Name: "source", Kernel: "long", Out: []planfile.PortSpec{{Port: "x", Type: "bytes[99]"}}}, actor("sink", "sink", 1, 0, 0)},
		FIFOs:  join("source.x", "sink.a"),
	}
	_, reg := newLab(t)
	r, err := New(&kernel.Host{Kernels: reg, Record: func(trace.Result) {}}, nil, compiled(t, app, "", offline(4)), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.OutBytes(0); !slices.Equal(got, []int64{40}) {
		t.Errorf("got %v, want those of the last frame, 40", got)
	}
}

func TestRunErrors(t *testing.T) {
	fails := planfile.Application{
		Name:   "fails",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("camera", "fail", 1, 1, 0), actor("sink", "sink", 1, 0, 0)},
		FIFOs:  join("source.x", "camera.a", "camera.x", "sink.a"),
	}
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	_, _, err := f.Results(t.Context(), compiled(t, fails, "", offline(5)))
	if !errors.Is(err, errFilm) || !strings.Contains(err.Error(), "actor camera, frame 2") {
		t.Errorf("a kernel that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Results(ctx, compiled(t, diamond(), "", offline(5))); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	p := compiled(t, diamond(), "", offline(5))
	p.Graph.Actors[3].Kernel = "magic"
	l, reg := newLab(t)
	f = &Driver{Kernels: reg}
	if _, _, err := f.Results(t.Context(), p); !errors.Is(err, kernel.ErrUnknown) || !strings.Contains(err.Error(), "both") {
		t.Errorf("an unknown kernel: %v", err)
	}
	if l.closed["source"] != 1 || l.closed["right"] != 1 {
		t.Errorf("kernels that were made before stay open: %v", l.closed)
	}
	p = compiled(t, diamond(), "", offline(5))
	p.Work[1].Model = "net"
	if _, _, err := f.Results(t.Context(), p); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("a model that isn't there: %v", err)
	}
}

// Results come by instance, then by frame, whatever fired first.
func TestRefereeOrder(t *testing.T) {
	_, reg := newLab(t)
	f := &Driver{Kernels: reg}
	got, _, err := f.Results(t.Context(), compiled(t, diamond(), "left", offline(3), "b", "a"))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, r := range got {
		order = append(order, fmt.Sprintf("%s%d=%g", r.Instance, r.Frame, r.Values[0]))
	}
	if want := []string{"a0=112", "a1=114", "a2=116", "b0=112", "b1=114", "b2=116"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}
