package metrics

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
)

func TestInterrupted(t *testing.T) {
	tr := frames(10, 10, 20, 10)
	tr.Restarts = 1
	p := testPlan(0)
	// Frame 2 is read at 200 ms already; its token is sent and lost, and all begins anew at
	// 500 ms, on the endpoint alone.
	alone := append([]trace.Event{firing("board", "cam", 0, 2, 500*ms, 502*ms)},
		firing("board", "head", 1, 2, 502*ms, 512*ms), firing("board", "tail", 2, 2, 512*ms, 562*ms), firing("server", "sink", 3, 2, 562*ms, 563*ms))
	tr.Events = append(append(append([]trace.Event(nil), tr.Events[:16+3]...), alone...), tr.Events[24:]...)
	// Of frame 3 the deployment has lost that it was read.
	tr.Events = tr.Events[:len(tr.Events)-8]
	tr.Events = append(tr.Events, oneFrame(3, 600, 10)[1:]...)
	if _, err := Measure(p, tr, ""); !errors.Is(err, ErrDoubled) {
		t.Errorf("as a run that was not interrupted: %v", err)
	}
	out, err := Interrupted(p, tr, "")
	if err != nil {
		t.Fatal(err)
	}
	if out.Latency.N != 3 || out.Parts != nil {
		t.Errorf("%d frames, parts %v", out.Latency.N, out.Parts)
	}
	near(t, "longest latency", out.Latency.Max, 0.363) // from the first time that it was read
	near(t, "shortest latency", out.Latency.Min, 0.030)
	near(t, "frames per second", out.Throughput.Value, 2/(0.563-0.030))
	tr.Events = tr.Events[:8]
	if _, err := Interrupted(p, tr, ""); !errors.Is(err, ErrTooFew) {
		t.Errorf("one frame: %v", err)
	}
	if _, err := Interrupted(p, tr, "other"); !errors.Is(err, ErrInstance) {
		t.Errorf("no such instance: %v", err)
	}
}
