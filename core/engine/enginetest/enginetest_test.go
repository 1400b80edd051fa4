package enginetest

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPlansAreValid(t *testing.T) {
	names := map[string]bool{}
	for _, p := range plans() {
		assert.NoError(t, graph.Validate(p.Graph), p.Name)
		require.Len(t, p.Work, len(p.Graph.Actors), "%s: not all is mapped, or the name is not its own", p.Name)
		require.Len(t, p.Routes, len(p.Graph.FIFOs), "%s: not all is mapped, or the name is not its own", p.Name)
		assert.False(t, names[p.Name], "%s: not all is mapped, or the name is not its own", p.Name)
		names[p.Name] = true
		for f, q := range p.Graph.FIFOs {
			assert.Equal(t, (p.Routes[f] >= 0), p.Work[q.From].Device != p.Work[q.To].Device, "%s: FIFO %s has route", p.Name,
				p.Graph.FIFOName(f))
		}
	}
}

// goodRun returns a plan of two actors on two devices and a right trace of it.
func goodRun() (*plan.Plan, *trace.Trace) {
	b := NewBuilder("two", 2, 1, 1)
	b.Chain(1, 1, 0, 1)
	b.Plan().Workload.Kind, b.Plan().Workload.Period = plan.Camera, 50
	firing := func(dev string, actor int, frame, start, end int64) trace.Event {
		return trace.Event{Kind: trace.Firing, Device: dev, Unit: "cpu", Name: b.plan.Graph.Actors[actor].Name, Actor: actor,
			FIFO: -1, Frame: frame, Start: start, End: end}
	}
	message := func(kind trace.Kind, dev string, frame, start, end int64) trace.Event {
		return trace.Event{Kind: kind, Device: dev, Name: "f", Actor: -1, Frame: frame, Start: start, End: end}
	}
	return b.Plan(), &trace.Trace{Events: []trace.Event{
		firing("d0", 0, 0, 0, 10), message(trace.Send, "d0", 0, 10, 12), message(trace.Recv, "d1", 0, 15, 15),
		firing("d1", 1, 0, 15, 20), message(trace.Ack, "d0", 0, 25, 25),
		firing("d0", 0, 1, 50, 60), message(trace.Send, "d0", 1, 60, 62), message(trace.Recv, "d1", 1, 65, 65),
		firing("d1", 1, 1, 65, 70), message(trace.Ack, "d0", 1, 75, 75),
	}}
}

func TestProblems(t *testing.T) {
	p, tr := goodRun()
	require.Empty(t, Problems(p, tr), "a right trace has problems")
	for _, c := range []struct {
		name  string
		spoil func(p *plan.Plan, t *trace.Trace)
		words string
	}{
		{"partial", func(p *plan.Plan, t *trace.Trace) { t.Partial = "power cut" }, "power cut"},
		{"lost result", func(p *plan.Plan, t *trace.Trace) { t.Events = t.Events[:8] }, "sink1 fired 1 times for 2 frames"},
		{"law broken", func(p *plan.Plan, t *trace.Trace) { t.Events[2].Bytes = 9 }, "0 bytes sent, 9 received"},
		{"wrong unit", func(p *plan.Plan, t *trace.Trace) { t.Events[0].Device = "d1" }, "mapped to d0/cpu"},
		{"wrong device", func(p *plan.Plan, t *trace.Trace) { t.Events[2].Device = "d0" }, "on device d0 instead of d1"},
		{"unknown actor", func(p *plan.Plan, t *trace.Trace) { t.Events[0].Actor = 7 }, "actor 7, which is not in the plan"},
		{"unknown FIFO", func(p *plan.Plan, t *trace.Trace) { t.Events[4].FIFO = 7 }, "FIFO 7, which is not in the plan"},
		{"before its token was made", func(p *plan.Plan, t *trace.Trace) { t.Events[3].Start = 9 },
			"before firing 0 of the producer had ended"},
		{"before its token arrived", func(p *plan.Plan, t *trace.Trace) { t.Events[3].Start = 14 },
			"before its tokens had arrived"},
		{"FIFO overrun", func(p *plan.Plan, t *trace.Trace) { p.Workload.Period = 0; t.Events[5].Start = 18 },
			"while the FIFO was full"},
		{"credit overrun", func(p *plan.Plan, t *trace.Trace) { t.Events[4].End, t.Events[4].Start = 61, 61 },
			"2 tokens outstanding, capacity 1"},
		{"ack of nothing", func(p *plan.Plan, t *trace.Trace) { t.Events[4].Frame = 3 }, "tokens acknowledged"},
		{"early release", func(p *plan.Plan, t *trace.Trace) { t.Events[5].Start = 40 }, "began at 40 ns, due at 50 ns"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, tr := goodRun()
			c.spoil(p, tr)
			assert.Contains(t, strings.Join(Problems(p, tr), "\n"), c.words)
		})
	}
}
