package timeline

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/trace"
)

// collect gives the events of a trace of so many instances of three actors to a collector in
// the order of their ends; most is its bound, 0 the usual one.
func collect(t *trace.Trace, frames int64, instances, most int) *Collector {
	var of []string
	for a := range 3 * instances {
		of = append(of, fmt.Sprintf("cam-%d", a/3))
	}
	c := NewCollector(frames, of)
	if most > 0 {
		c.most = most
	}
	events := slices.Clone(t.Events)
	slices.SortStableFunc(events, func(a, b trace.Event) int { return int(a.End - b.End) })
	for i := range events {
		c.Add(&events[i])
	}
	return c
}

// What is collected of a long run gives a timeline from its middle, and is little.
func TestCollectorKeepsTheMiddle(t *testing.T) {
	tr := fleet(3, 1000)
	c := collect(tr, 1000, 3, 0)
	assert.Less(t, len(c.Events()), 300)
	some := *tr
	some.Events = c.Events()
	v, err := Of(&some)
	require.NoError(t, err)
	assert.Equal(t, []string{"cam-0", "cam-1", "cam-2"}, v.Instances)
	for i, n := range holds(&some, v) {
		assert.GreaterOrEqual(t, n, whole, v.Instances[i])
	}
	assert.GreaterOrEqual(t, v.From, int64(500*10e6), "when the fastest one is in the middle of its frames")
	assert.Less(t, v.To, int64(520*10e6))
}

// A pipeline whose frames overlap is collected until some have gone all the way.
func TestCollectorOfOverlappingFrames(t *testing.T) {
	tr := &trace.Trace{Plan: "p"}
	for n := range int64(100) {
		tr.Events = append(tr.Events, frame(0, n, n*1e6)...) // nine at a time
	}
	c := collect(tr, 100, 1, 0)
	some := *tr
	some.Events = c.Events()
	v, err := Of(&some)
	require.NoError(t, err)
	assert.Equal(t, int64(10e6), v.To-v.From)
	assert.Less(t, len(c.Events()), 100)
}

// Where no instance gets to the middle, as most frames were dropped, the first ones are shown;
// and of few frames, all.
func TestCollectorOfFewFrames(t *testing.T) {
	assert.Len(t, collect(fleet(1, 6), 1000, 1, 0).Events(), 4*5)
	assert.Len(t, collect(fleet(1, 4), 4, 1, 0).Events(), 4*5)
	assert.Len(t, collect(fleet(1, 1), 1, 1, 0).Events(), 5)
	assert.Empty(t, collect(&trace.Trace{}, 0, 0, 0).Events())
}

// An actor that never fires makes it keep what is bounded.
func TestCollectorIsBounded(t *testing.T) {
	c := NewCollector(0, []string{"", ""})
	e := trace.Event{Kind: trace.Firing, Name: "a"}
	for range mostEvents + 10 {
		c.Add(&e)
	}
	assert.Len(t, c.Events(), mostEvents)
}

// Instances are counted by their firings: another event of theirs that comes first counts none.
func TestCollectorCountsByFirings(t *testing.T) {
	of := make([]string, Most+2)
	for i := range of {
		of[i] = fmt.Sprintf("cam-%d", i)
	}
	c := NewCollector(0, of)
	c.most = 2
	c.Add(&trace.Event{Kind: trace.Firing, Name: "cam-0/a"})
	for i := Most; i < len(of); i++ {
		send := trace.Event{Kind: trace.Send, Actor: -1, Name: of[i] + "/a.out->" + of[i] + "/b.in"}
		firing := trace.Event{Kind: trace.Firing, Actor: i, Name: of[i] + "/a"}
		for _, e := range []trace.Event{send, send, firing, firing} {
			c.Add(&e)
		}
	}
	var kept []string
	for _, e := range c.Events() {
		kept = append(kept, string(e.Kind)+" "+e.Name)
	}
	assert.Equal(t, []string{
		"firing cam-0/a", "send cam-8/a.out->cam-8/b.in", "send cam-8/a.out->cam-8/b.in", "firing cam-8/a", "firing cam-9/a",
	}, kept)
}

// Of many instances, those that are shown have whole frames, and all are counted.
func TestCollectorOfManyInstances(t *testing.T) {
	const instances, most = 300, 2000
	tr := &trace.Trace{Plan: "p"}
	for i := range instances {
		for n := range int64(6) {
			tr.Events = append(tr.Events, frame(i, n, n*10e6+int64(i))...)
		}
	}
	c := collect(tr, 6, instances, most)
	assert.Less(t, len(c.Events()), most+instances+Most*30)
	some := *tr
	some.Events = c.Events()
	v, err := Of(&some)
	require.NoError(t, err)
	assert.Equal(t, instances, v.Of)
	assert.Len(t, v.Instances, Most)
	for i, n := range holds(&some, v) {
		assert.GreaterOrEqual(t, n, whole, v.Instances[i])
	}
}
