package analysis_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
)

func analyze(t testing.TB, b *builder) *analysis.Report {
	t.Helper()
	r, err := analysis.Analyze(b.g, b.m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// dynamic is a graph whose inner actor x lies across a link:
//
//	config ──────────────┐ (control, to all)
//	src ─> entry ─[lrl,4]─> x ─[lrl,4]─> exit ─> sink
func dynamic(lrl int) *builder {
	b := newBuilder(2)
	src, config, entry := b.actor(0, 10), b.actor(0, 1), b.actor(0, 5)
	x, exit, sink := b.actor(1, 100), b.actor(0, 7), b.actor(0, 3)
	b.m.Cost[x].Best = 60
	b.g.Actors[config].Kind, b.g.Actors[x].Kind = graph.Configuration, graph.DynamicProcessing
	b.g.Actors[entry].Kind, b.g.Actors[exit].Kind = graph.Dynamic, graph.Dynamic
	for i, name := range []string{"src", "config", "entry", "x", "exit", "sink"} {
		b.g.Actors[i].Name = name
	}
	b.fifo(src, config, 1, 1, 0, 2)
	b.fifo(src, entry, 1, 1, 0, 2)
	b.fifo(entry, exit, 1, 1, 0, 2)
	for _, to := range []int{entry, x, exit} {
		f := b.fifo(config, to, 1, 1, 0, 2)
		q := b.g.FIFOs[f]
		out, in := &b.g.Actors[config].Out[q.OutPort], &b.g.Actors[to].In[q.InPort]
		out.Control, in.Control = true, true
		out.Type, in.Type = graph.ControlToken, graph.ControlToken
	}
	b.fifo(entry, x, lrl, 4, 0, 8)
	back := b.fifo(x, exit, lrl, 4, 0, 4)
	b.fifo(exit, sink, 1, 1, 0, 2)
	for f, q := range b.g.FIFOs {
		if from := b.device(q.From); from != b.device(q.To) {
			b.m.Cross[f] = analysis.Crossing{Channel: q.From, Occupancy: 10, Flight: 50, Ack: 50}
		}
	}
	opaque := graph.TokenType{Elem: graph.Opaque, Shape: []int64{99}}
	q := b.g.FIFOs[back]
	b.g.Actors[q.From].Out[q.OutPort].Type, b.g.Actors[q.To].In[q.InPort].Type = opaque, opaque
	return b
}

func TestDynamicPart(t *testing.T) {
	r := analyze(t, dynamic(0))
	if want := []analysis.Part{{Config: "config", Entries: []string{"entry"}, Inner: []string{"x"}, Exits: []string{"exit"}, LRL: 0, URL: 4}}; !reflect.DeepEqual(r.Parts, want) {
		t.Errorf("parts %+v, want %+v", r.Parts, want)
	}
	want := []analysis.Step{{"src", -1}, {"config", -1}, {"entry", -1}, {"x", 0}, {"exit", -1}, {"sink", -1}}
	if !reflect.DeepEqual(r.Schedule, want) {
		t.Errorf("schedule %v, want %v", r.Schedule, want)
	}
	// A control token of 4 bytes crosses in any case; at worst 4 tokens of 10 bytes and 4 of at most 99.
	if want := []analysis.Traffic{{Link: "air", Best: 4, Worst: 4 + 40 + 396}}; !reflect.DeepEqual(r.Links, want) {
		t.Errorf("traffic %v, want %v", r.Links, want)
	}
	// Local: 2 control FIFOs of 8, 4 FIFOs of 20; both halves of 8 + 80 + 396.
	if want := []analysis.Memory{{"d0", 16 + 80 + 484}, {"d1", 484}}; !reflect.DeepEqual(r.Devices, want) {
		t.Errorf("memory %v, want %v", r.Devices, want)
	}
	if x := r.Units[3]; x != (analysis.Work{Device: "d1", Unit: "u3", Lanes: 1, Actors: 1, WorstFirings: 1, Timed: true, Worst: 100}) {
		t.Errorf("work of x: %+v", x)
	}
	f := r.Flows[0]
	// src 10, config 1, entry 5 and 4 tokens of 10 ns with 50 ns of flight, x, the same back, exit, sink.
	if f.WorstPath.Time != 10+1+5+90+100+90+7+3 || f.BestPath.Time != 10+1+5+7+3 {
		t.Errorf("critical paths %+v\n%+v", f.WorstPath, f.BestPath)
	}
	var on []string
	for _, s := range f.WorstPath.Steps {
		on = append(on, s.Actor+s.FIFO)
	}
	if got, want := strings.Join(on, " "), "src config entry entry.o1->x.i1 x x.o0->exit.i2 exit sink"; got != want {
		t.Errorf("critical path %s, want %s", got, want)
	}
	if f.Worst.Period <= f.Best.Period || !f.Worst.Exact || f.Best.Exact || f.Best.Why == "" {
		t.Errorf("throughput %+v\n%+v", f.Worst, f.Best)
	}
	r = analyze(t, dynamic(2)) // never skipped
	if r.Schedule[3].OnlyIf != -1 || r.Links[0].Best != 4+20 || r.Units[3].Best != 60 || !r.Flows[0].Best.Exact {
		t.Errorf("lrl 2: %+v", r)
	}
	// Two tokens each way are 20 ns shorter each, x is 40 faster.
	if d := r.Flows[0].WorstPath.Time - r.Flows[0].BestPath.Time; d != 20+20+40 {
		t.Errorf("best path is %d ns shorter", d)
	}
}

func TestGraphAlone(t *testing.T) {
	b := dynamic(0)
	r, err := analysis.Analyze(b.g, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Schedule) != 6 || len(r.FIFOs) != 9 || len(r.Flows) != 0 || r.Devices[0].FIFOBytes != 16+80+484 {
		t.Errorf("got %+v", r)
	}
}

func TestMissingCosts(t *testing.T) {
	b := dynamic(0)
	b.m.Cost[3].Known = false
	r := analyze(t, b)
	if !slices.Equal(r.Missing, []string{"x"}) || r.Flows[0].Timed || r.Flows[0].Worst.PerSecond != 0 || r.Units[3].Timed || !r.Units[2].Timed {
		t.Errorf("got %+v", r)
	}
	b.m.Cost = nil
	if r = analyze(t, b); len(r.Missing) != 6 || r.Links[0].Worst != 440 {
		t.Errorf("got %+v", r)
	}
}

func TestSharedUnitsAndChannels(t *testing.T) {
	chain := func(lanes int) *builder {
		b := newBuilder(2)
		x, y, z := b.actor(0, 30), b.actor(0, 40), b.actor(1, 10)
		b.fifo(x, y, 1, 1, 0, 9)
		b.fifo(y, z, 1, 1, 0, 9)
		b.fifo(x, z, 1, 1, 0, 9)
		b.m.UnitOf[y], b.m.Units[0].Lanes = 0, lanes
		b.m.Cross[1] = analysis.Crossing{Occupancy: 5}
		b.m.Cross[2] = analysis.Crossing{Occupancy: 5}
		return b
	}
	w := analyze(t, chain(1)).Flows[0].Worst
	if w.Period != 70 || w.Limit != analysis.ByUnit || w.On[0].Name != "d0.u0" || w.Exact || !strings.Contains(w.Why, "2 actors share 1 lanes of unit d0.u0") {
		t.Errorf("got %+v", w)
	}
	w = analyze(t, chain(2)).Flows[0].Worst
	if w.Period != 40 || w.Limit != analysis.ByCycle || w.Exact || !strings.Contains(w.Why, "air") {
		t.Errorf("got %+v", w)
	}
	b := chain(2)
	b.m.Cross[1].Occupancy = 100
	if w = analyze(t, b).Flows[0].Worst; w.Period != 105 || w.Limit != analysis.ByLink || w.On[0].Name != "air" {
		t.Errorf("got %+v", w)
	}
}

func TestFlowsAreApart(t *testing.T) {
	b := newBuilder(1)
	x, y, z := b.actor(0, 30), b.actor(0, 40), b.actor(0, 0)
	b.fifo(x, y, 1, 1, 0, 1)
	r := analyze(t, b)
	if len(r.Flows) != 2 || r.Flows[0].Actors != 2 || r.Flows[0].Worst.Period != 70 || r.Flows[0].Most.Period != 40 {
		t.Fatalf("got %+v", r.Flows)
	}
	if want := []analysis.Hop{{"a0", "a0.o0->a1.i0", false}, {"a1", "a0.o0->a1.i0", true}}; !reflect.DeepEqual(r.Flows[0].Worst.On, want) {
		t.Errorf("bottleneck %v, want %v", r.Flows[0].Worst.On, want)
	}
	if want := []analysis.Enough{{"a0.o0->a1.i0", 1, 2}}; !reflect.DeepEqual(r.Flows[0].Capacities, want) {
		t.Errorf("capacities %v, want %v", r.Flows[0].Capacities, want)
	}
	if f := r.Flows[1]; f.First != b.g.Actors[z].Name || f.Worst.Limit != analysis.ByNone || f.Worst.PerSecond != 0 || f.Capacities != nil {
		t.Errorf("an actor without cost: %+v", f)
	}
}

// With the capacities that are said to suffice, the throughput is that of
// unbounded FIFOs; with one less in any of them, it is lower or the graph can't run.
func TestCapacitiesAreMinimal(t *testing.T) {
	for seed := range uint64(1000) {
		b := randomMapped(rand.New(rand.NewPCG(seed, 2)))
		most := analyze(t, b).Flows[0].Most.Period
		list := analyze(t, b).Flows[0].Capacities
		if len(list) != len(b.g.FIFOs) {
			t.Fatalf("seed %d: %d capacities for %d FIFOs", seed, len(list), len(b.g.FIFOs))
		}
		for f := range list {
			b.g.FIFOs[f].Capacity = list[f].Enough
		}
		if err := graph.Validate(b.g); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := analyze(t, b).Flows[0].Worst.Period; got != most {
			t.Fatalf("seed %d: period %g with %v, want %g", seed, got, list, most)
		}
		for f, q := range b.g.FIFOs {
			_, url := b.g.Rate(f)
			b.g.FIFOs[f].Capacity--
			if b.m.Cross[f].Link >= 0 && q.Capacity-1 < q.Delay+url {
				// an engine refuses less room across a link
			} else if graph.Validate(b.g) == nil {
				if r, err := analysis.Analyze(b.g, b.m); err == nil && r.Flows[0].Worst.Period <= most {
					t.Errorf("seed %d: FIFO %d needs only %d of %v", seed, f, q.Capacity-1, list)
				}
			}
			b.g.FIFOs[f].Capacity = q.Capacity
		}
	}
}

func TestBadMappings(t *testing.T) {
	for _, c := range []struct {
		says  string
		spoil func(b *builder)
	}{
		{"5 units", func(b *builder) { b.m.UnitOf = b.m.UnitOf[:5] }},
		{"8 crossings", func(b *builder) { b.m.Cross = b.m.Cross[:8] }},
		{"2 costs", func(b *builder) { b.m.Cost = b.m.Cost[:2] }},
		{"0 lanes", func(b *builder) { b.m.Units[0].Lanes = 0 }},
		{"device 7 of 2", func(b *builder) { b.m.Units[0].Device = 7 }},
		{"unit 9 of 6", func(b *builder) { b.m.UnitOf[1] = 9 }},
		{"5 to 4 ns", func(b *builder) { b.m.Cost[2].Worst = 4 }},
		{"has link -1 of 1", func(b *builder) { b.m.Cross[6].Link = -1 }},
		{"has link 0 of 1", func(b *builder) { b.m.Cross[0].Link = 0 }},
		{"negative time", func(b *builder) { b.m.Cross[6].Flight = -1 }},
	} {
		b := dynamic(0)
		c.spoil(b)
		if _, err := analysis.Analyze(b.g, b.m); !errors.Is(err, analysis.ErrMapping) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.says, err)
		}
	}
}

func TestDeadlocks(t *testing.T) {
	b := newBuilder(2)
	x, y := b.actor(0, 1), b.actor(1, 1)
	f := b.fifo(x, y, 1, 1, 0, 1)
	b.m.Cross[f] = analysis.Crossing{}
	b.fifo(y, x, 1, 1, 0, 1)
	b.m.Cross[1] = analysis.Crossing{}
	if _, err := analysis.Analyze(b.g, b.m); !errors.Is(err, graph.ErrDeadlock) {
		t.Errorf("a cycle without tokens: %v", err)
	}
	b.g.FIFOs[1].Delay = 1 // no room for the consumer's acknowledgement
	b.g.FIFOs[0].Delay, b.g.FIFOs[0].Capacity = 1, 1
	if _, err := analysis.Analyze(b.g, b.m); !errors.Is(err, graph.ErrDeadlock) || !strings.Contains(err.Error(), "a0") {
		t.Errorf("a cycle without room: %v", err)
	}
}
