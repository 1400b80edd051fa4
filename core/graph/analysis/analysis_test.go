package analysis_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func analyze(t testing.TB, b *builder) *analysis.Report {
	t.Helper()
	r, err := analysis.Analyze(b.g, b.m)
	require.NoError(t, err)
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
	if want := []analysis.Part{{Config: "config", Entries: []string{"entry"}, Inner: []string{"x"},
		Exits: []string{"exit"}, LRL: 0, URL: 4}}; !reflect.DeepEqual(r.Parts, want) {
		t.Errorf("parts %+v, want %+v", r.Parts, want)
	}
	want := []analysis.Step{{"src", -1}, {"config", -1}, {"entry", -1}, {"x", 0}, {"exit", -1}, {"sink", -1}}
	assert.Equal(t, want, r.Schedule, "schedule")
	// A control token of 4 bytes crosses in any case; at worst 4 tokens of 10 bytes and 4 of at most 99.
	if want := []analysis.Traffic{{Link: "air", Best: 4, Worst: 4 + 40 + 396}}; !reflect.DeepEqual(r.Links, want) {
		t.Errorf("traffic %v, want %v", r.Links, want)
	}
	// Local: 2 control FIFOs of 8, 4 FIFOs of 20; both halves of 8 + 80 + 396.
	if want := []analysis.Memory{{"d0", 16 + 80 + 484}, {"d1", 484}}; !reflect.DeepEqual(r.Devices, want) {
		t.Errorf("memory %v, want %v", r.Devices, want)
	}
	x := r.Units[3]
	assert.Equal(
		t, (analysis.Work{Device: "d1", Unit: "u3", Lanes: 1, Actors: 1, WorstFirings: 1, Timed: true, Worst: 100}), x,
		"work of x",
	)
	f := r.Flows[0]
	// src 10, config 1, entry 5 and 4 tokens of 10 ns with 50 ns of flight, x, the same back, exit, sink.
	assert.EqualValues(t, 10+1+5+90+100+90+7+3, f.WorstPath.Time, "critical paths %+v\n", f.WorstPath)
	assert.EqualValues(t, 10+1+5+7+3, f.BestPath.Time, "critical paths %+v\n", f.WorstPath)
	var on []string
	for _, s := range f.WorstPath.Steps {
		on = append(on, s.Actor+s.FIFO)
	}
	if got, want := strings.Join(on, " "), "src config entry entry.o1->x.i1 x x.o0->exit.i2 exit sink"; got != want {
		t.Errorf("critical path %s, want %s", got, want)
	}
	assert.Greater(t, f.Worst.Period, f.Best.Period, "throughput %+v\n", f.Worst)
	require.True(t, f.Worst.Exact, "throughput %+v\n", f.Worst)
	require.False(t, f.Best.Exact, "throughput %+v\n", f.Worst)
	assert.NotEmpty(t, f.Best.Why, "throughput %+v\n", f.Worst)
	r = analyze(t, dynamic(2)) // never skipped
	assert.Equal(t, -1, r.Schedule[3].OnlyIf, "lrl 2")
	assert.EqualValues(t, 4+20, r.Links[0].Best, "lrl 2")
	assert.EqualValues(t, 60, r.Units[3].Best, "lrl 2")
	assert.True(t, r.Flows[0].Best.Exact, "lrl 2")
	// Two tokens each way are 20 ns shorter each, x is 40 faster.
	d := r.Flows[0].WorstPath.Time - r.Flows[0].BestPath.Time
	assert.EqualValues(t, 20+20+40, d, "best path is %d ns shorter", d)
}

func TestGraphAlone(t *testing.T) {
	b := dynamic(0)
	r, err := analysis.Analyze(b.g, nil)
	require.NoError(t, err)
	require.Len(t, r.Schedule, 6)
	require.Len(t, r.FIFOs, 9)
	assert.Empty(t, r.Flows)
	assert.EqualValues(t, 16+80+484, r.Devices[0].FIFOBytes)
}

func TestMissingCosts(t *testing.T) {
	b := dynamic(0)
	b.m.Cost[3].Known = false
	r := analyze(t, b)
	assert.Equal(t, []string{"x"}, r.Missing)
	require.False(t, r.Flows[0].Timed)
	assert.Equal(t, 0.0, r.Flows[0].Worst.PerSecond)
	require.False(t, r.Units[3].Timed)
	assert.True(t, r.Units[2].Timed)
	b.m.Cost = nil
	r = analyze(t, b)
	require.Len(t, r.Missing, 6)
	assert.EqualValues(t, 440, r.Links[0].Worst)
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
	assert.Equal(t, 70.0, w.Period)
	assert.Equal(t, analysis.ByUnit, w.Limit)
	assert.Equal(t, "d0.u0", w.On[0].Name)
	require.False(t, w.Exact)
	assert.Contains(t, w.Why, "2 actors share 1 lanes of unit d0.u0")
	w = analyze(t, chain(2)).Flows[0].Worst
	assert.Equal(t, 40.0, w.Period)
	assert.Equal(t, analysis.ByCycle, w.Limit)
	require.False(t, w.Exact)
	assert.Contains(t, w.Why, "air")
	b := chain(2)
	b.m.Cross[1].Occupancy = 100
	w = analyze(t, b).Flows[0].Worst
	assert.Equal(t, 105.0, w.Period)
	assert.Equal(t, analysis.ByLink, w.Limit)
	assert.Equal(t, "air", w.On[0].Name)
}

func TestFlowsAreApart(t *testing.T) {
	b := newBuilder(1)
	x, y, z := b.actor(0, 30), b.actor(0, 40), b.actor(0, 0)
	b.fifo(x, y, 1, 1, 0, 1)
	r := analyze(t, b)
	require.Len(t, r.Flows, 2)
	require.Equal(t, 2, r.Flows[0].Actors)
	require.Equal(t, 70.0, r.Flows[0].Worst.Period)
	require.Equal(t, 40.0, r.Flows[0].Most.Period)
	want := []analysis.Hop{{"a0", "a0.o0->a1.i0", false}, {"a1", "a0.o0->a1.i0", true}}
	assert.Equal(t, want, r.Flows[0].Worst.On, "bottleneck")
	if want := []analysis.Enough{{"a0.o0->a1.i0", 1, 2}}; !reflect.DeepEqual(r.Flows[0].Capacities, want) {
		t.Errorf("capacities %v, want %v", r.Flows[0].Capacities, want)
	}
	f := r.Flows[1]
	assert.Equal(t, b.g.Actors[z].Name, f.First, "an actor without cost")
	assert.Equal(t, analysis.ByNone, f.Worst.Limit, "an actor without cost")
	assert.Equal(t, 0.0, f.Worst.PerSecond, "an actor without cost")
	assert.Nil(t, f.Capacities, "an actor without cost")
}

// With the capacities that are said to suffice, the throughput is that of
// unbounded FIFOs; with one less in any of them, it is lower or the graph can't run.
func TestCapacitiesAreMinimal(t *testing.T) {
	for seed := range uint64(1000) {
		b := randomMapped(rand.New(rand.NewPCG(seed, 2)))
		most := analyze(t, b).Flows[0].Most.Period
		list := analyze(t, b).Flows[0].Capacities
		require.Len(t, list, len(b.g.FIFOs), "seed %d: %d capacities for %d FIFOs", seed, len(list), len(b.g.FIFOs))
		for f := range list {
			b.g.FIFOs[f].Capacity = list[f].Enough
		}
		require.NoError(t, graph.Validate(b.g), "seed %d", seed)
		got := analyze(t, b).Flows[0].Worst.Period
		require.Equal(t, most, got, "seed %d: period %g with %v", seed, got, list)
		for f, q := range b.g.FIFOs {
			_, url := b.g.Rate(f)
			b.g.FIFOs[f].Capacity--
			if b.m.Cross[f].Link >= 0 && q.Capacity-1 < q.Delay+url {
				// an engine refuses less room across a link
			} else if graph.Validate(b.g) == nil {
				r, err := analysis.Analyze(b.g, b.m)
				if err == nil {
					assert.Greater(t, r.Flows[0].Worst.Period, most, "seed %d: FIFO %d needs only %d of %v", seed, f, q.Capacity-1,
						list)
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
		_, err := analysis.Analyze(b.g, b.m)
		require.ErrorIs(t, err, analysis.ErrMapping)
		assert.Contains(t, err.Error(), c.says)
	}
}

func TestDeadlocks(t *testing.T) {
	b := newBuilder(2)
	x, y := b.actor(0, 1), b.actor(1, 1)
	f := b.fifo(x, y, 1, 1, 0, 1)
	b.m.Cross[f] = analysis.Crossing{}
	b.fifo(y, x, 1, 1, 0, 1)
	b.m.Cross[1] = analysis.Crossing{}
	_, err := analysis.Analyze(b.g, b.m)
	assert.ErrorIs(t, err, graph.ErrDeadlock, "a cycle without tokens")
	b.g.FIFOs[1].Delay = 1 // no room for the consumer's acknowledgement
	b.g.FIFOs[0].Delay, b.g.FIFOs[0].Capacity = 1, 1
	_, err = analysis.Analyze(b.g, b.m)
	require.ErrorIs(t, err, graph.ErrDeadlock, "a cycle without room")
	assert.Contains(t, err.Error(), "a0", "a cycle without room")
}

// Two chains to a server, each over a link of its own, share a medium.
func TestMediaBoundThroughput(t *testing.T) {
	two := func(takes int64) *builder {
		b := newBuilder(3)
		for i := range 2 {
			from, to := b.actor(i, 10), b.actor(2, 10)
			b.fifo(from, to, 1, 1, 0, 9)
		}
		join := b.actor(2, 0)
		b.fifo(1, join, 1, 1, 0, 9)
		b.fifo(3, join, 1, 1, 0, 9)
		b.m.Links, b.m.Media = []string{"l0", "l1"}, []string{"air"}
		b.m.Cross[0] = analysis.Crossing{Link: 0, Channel: 0, Occupancy: 20, Medium: 1, Takes: takes}
		b.m.Cross[1] = analysis.Crossing{Link: 1, Channel: 2, Occupancy: 20, Medium: 1, Takes: takes}
		return b
	}
	w := analyze(t, two(20)).Flows[0].Worst
	assert.Equal(t, 40.0, w.Period)
	assert.Equal(t, analysis.ByMedium, w.Limit)
	assert.Equal(t, "air", w.On[0].Name)
	require.False(t, w.Exact)
	assert.Equal(t, "several links share medium air", w.Why)
	assert.Equal(t, 20.0, analyze(t, two(5)).Flows[0].Worst.Period, "the links hold up more")
}
