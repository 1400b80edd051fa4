package engine_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What can't be captured is refused, and the engine goes on as it was.
func TestCaptureErrors(t *testing.T) {
	spoilt := func(spoil func(a *slice.Actor)) *slice.Slice {
		s := cut(build(2, chain(2, 2)...), []int{0, 0}, 1, 1)[0]
		spoil(&s.Actors[0])
		return s
	}
	for text, spoil := range map[string]func(a *slice.Actor){
		"actor a0: with a schedule, captured frames are dropped or simply wait: leave the rule out": func(a *slice.Actor) {
			a.Arrivals.PeriodNs, a.Capture = 5, &admission.Rule{}
		},
		"actor a0: bad drop policy: a queue of -1 frames; expected 1 to 1024": func(a *slice.Actor) {
			a.Capture = &admission.Rule{Queue: -1}
		},
	} {
		_, err := engine.New(spoilt(spoil), engine.Options{})
		require.ErrorIs(t, err, engine.ErrSlice)
		assert.EqualError(t, err, "slice can't be run: "+text)
	}
	e := engineOf(t, spoilt(func(a *slice.Actor) { a.Arrivals.PeriodNs = 40 }))
	require.ErrorIs(t, e.Live(7, 1), engine.ErrUnknown)
	require.ErrorIs(t, e.Live(0, admission.MaxQueue+1), admission.ErrRule)
	assert.False(t, e.AwaitsFrame(0))
	assert.Contains(t, step(t, e, 0, start), "fire a0 #0", "it keeps its period")
	require.ErrorIs(t, e.Live(0, 1), engine.ErrStarted)
	_, err := e.Step(0, engine.Event{Kind: engine.Captured, Actor: 0}, nil)
	require.ErrorIs(t, err, engine.ErrLive)

	e = engineOf(t, spoilt(func(*slice.Actor) {}))
	require.NoError(t, e.Live(0, 1))
	assert.Empty(t, step(t, e, 0, start))
	assert.True(t, e.AwaitsFrame(0))
}

// The counters of a source that captures say what became of its frames, and how many it lacks.
func TestCapturesAreCounted(t *testing.T) {
	s := cut(build(2, chain(2, 1)...), []int{0, 0}, 1, 2)[0]
	s.Actors[0].Limit = 3
	e := engineOf(t, s)
	_, ok := e.Captures(0)
	assert.False(t, ok, "it captures none")
	assert.Zero(t, e.Lacks(0))
	require.NoError(t, e.Live(0, 1))
	assert.EqualValues(t, 3, e.Lacks(0))
	frame := engine.Event{Kind: engine.Captured, Actor: 0}
	step(t, e, 0, start, frame, frame)
	n, ok := e.Captures(0)
	assert.True(t, ok)
	assert.Equal(t, admission.Counts{Captured: 2, Waiting: 1}, n)
	assert.EqualValues(t, 1, e.Lacks(0))
	all := e.Captured()
	require.Len(t, all, 1)
	assert.Equal(t, "a0", all[0].Name)
	assert.Equal(t, n, all[0].Counts)
	_, err := e.Step(0, frame, nil)
	require.ErrorIs(t, err, admission.ErrFull, "it has to wait")
	step(t, e, 0, engine.Event{Kind: engine.Stop, Actor: 0})
	assert.Zero(t, e.Lacks(0))
}
