package engine_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hello is a friend's Hello to the incarnation that to names.
func helloFrom(from, to uint64, positions ...boundary.Position) engine.Event {
	return engine.Event{Kind: engine.HelloFrom, Hello: &boundary.Hello{From: from, To: to, FIFOs: positions}}
}

func known(fifo int, arrived, committed uint64) boundary.Position {
	return boundary.Position{FIFO: fifo, Known: true, Arrived: arrived, Committed: committed}
}

// script steps an engine and compares the effects of every step.
func script(t *testing.T, e *engine.Engine, steps []scripted) {
	t.Helper()
	for i, s := range steps {
		require.Equal(t, s.want, step(t, e, 0, s.ev), "step %d %+v", i, s.ev)
	}
}

type scripted struct {
	ev   engine.Event
	want []string
}

func TestResendAfterReconnect(t *testing.T) {
	e := engineOf(t, cut(build(2, chain(2, 3)...), []int{0, 1}, 1, 9)[0])
	answer := helloFrom(1, 1, known(0, 1, 0)) // token 0 had arrived
	answer.Hello.Re = 1
	script(t, e, []scripted{
		{start, []string{"fire a0 #0"}},
		{done(0), []string{"send f0 #0", "timer a-1 @2000000000", "fire a0 #1"}},
		{done(0), []string{"send f0 #1", "fire a0 #2"}},
		{engine.Event{Kind: engine.Reconnected}, []string{"hello p0", "timer a-1 @200000000"}},
		{helloFrom(1, 1, known(0, 1, 0)), nil}, // what answers an earlier question may be older than the token
		{answer, []string{"send f0 #1"}},
		{engine.Event{Kind: engine.Timer, Actor: -1}, nil},                               // the other one is left
		{engine.Event{Kind: engine.Timer, Actor: -1}, []string{"timer a-1 @2000000000"}}, // it is too early
	})
}

func TestGapAsksOnce(t *testing.T) {
	e := engineOf(t, cut(build(2, chain(2, 3)...), []int{0, 1}, 1, 9)[1])
	script(t, e, []scripted{
		{start, nil},
		{token(1), []string{"hello p0", "timer a-1 @200000000", "timer a-1 @2000000000"}},
		{token(2), nil},
		{token(0), []string{"fire a1 #0"}},
	})
	for _, c := range []struct {
		ev   engine.Event
		want bool
	}{
		{token(1), true},
		{token(0), false}, // it has come
		{token(2), false}, // token 1 has not
		// another incarnation
		{engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 0, Seq: 1, Prev: 1, From: 2, To: 1}}, false},
		{engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 7}}, false},
	} {
		assert.Equal(t, c.want, e.Accepts(c.ev), "%+v: accepted", c.ev)
	}
}

// TestRestartOfTheMiddle restarts a device without records: it learns from its
// peers where to go on.
func TestRestartOfTheMiddle(t *testing.T) {
	g := build(3, link{from: 0, to: 1, capacity: 4}, link{from: 1, to: 2, capacity: 4})
	s := cut(g, []int{0, 1, 2}, 1, 9)[1]
	e, err := engine.New(s, engine.Options{Epoch: 5, Resume: true})
	require.NoError(t, err)
	up, down := 0, 1 // peers d0 and d2
	got := step(t, e, 0, start)
	require.Nil(t, got, "it runs before it knows where")
	require.False(t, e.Running(), "it runs before it knows where")
	// The consumer has committed 3 tokens and holds one more.
	hello := helloFrom(1, 5, known(1, 4, 3))
	hello.Peer = down
	got = step(t, e, 0, hello)
	want := []string{"hello p0", "hello p1", "timer a-1 @200000000", "timer a-1 @200000000",
		"timer a-1 @2000000000", "timer a-1 @2000000000"}
	slices.Sort(got)
	require.Equal(t, want, got, "got %q, running", got)
	require.True(t, e.Running(), "got %q, running", got)
	hello = helloFrom(1, 5, known(0, 0, 3))
	hello.Peer = up
	step(t, e, 0, hello)
	data := engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 0, Seq: 3, Prev: 3, From: 1, To: 5}}
	got = step(t, e, 0, data, done(1))
	assert.Equal(t, []string{"fire a1 #3"}, got,
		"token 3: got %q; the consumer has it already, so that nothing is to be sent", got)
	data.Seq, data.Prev = 4, 4
	assert.Equal(t, []string{"fire a1 #4", "send f1 #4"}, step(t, e, 0, data, done(1)), "token 4")
	assert.EqualValues(t, 5, e.Epoch(), "epoch %d, fired", e.Epoch())
	assert.EqualValues(t, 5, e.Fired(1), "epoch %d, fired", e.Epoch())
}

// TestRestartFromRecords restarts a device that has nobody to ask.
func TestRestartFromRecords(t *testing.T) {
	s := cut(build(2, link{from: 0, to: 1}, link{from: 1, to: 0, delay: 1, capacity: 1}), []int{0, 0}, 1, 9)[0]
	e, err := engine.New(s, engine.Options{
		Epoch: 2, Resume: true, Saved: func(actor int) int64 { return int64(6 * actor) },
	})
	require.NoError(t, err)
	want := []string{"restore a1 #6", "reload f1 #6+1", "fire a0 #6"}
	assert.Equal(t, want, step(t, e, 0, start))
	require.True(t, e.Durable(1), "the maker of delay tokens leaves records, and no other actor")
	require.False(t, e.Durable(0), "the maker of delay tokens leaves records, and no other actor")
	assert.False(t, e.Durable(9), "the maker of delay tokens leaves records, and no other actor")
}

func TestRatesOutsideLimits(t *testing.T) {
	g := gated(1)
	e := one(t, g, 1, 3)
	step(t, e, 0, start, done(0))
	ev := engine.Event{Kind: engine.FiringDone, Actor: 1, Rate: 2}
	_, err := e.Step(0, ev, nil)
	assert.ErrorIs(t, err, engine.ErrRate, "atr 2 of 0 to 1")
	ev.Rate = 1
	_, err = e.Step(0, ev, nil)
	assert.NoError(t, err, "after the error")
	where := make([]int, len(g.Actors))
	where[1] = 1
	e = engineOf(t, cut(g, where, 1, 3)[0])
	control := engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{From: 1, To: 1}, Rate: -1}
	for f, q := range g.FIFOs {
		if q.From == 1 {
			control.FIFO = f
		}
	}
	_, err = e.Step(0, control, nil)
	assert.ErrorIs(t, err, engine.ErrRate, "a control token of -1")
}

// TestAlone loses the device with the middle actor: the first one does its work,
// and gives it back.
func TestAlone(t *testing.T) {
	g := build(3, link{from: 0, to: 1, capacity: 2}, link{from: 1, to: 2, capacity: 2})
	slices2 := cut(g, []int{0, 1, 0}, 2, 9)
	s := slices2[0]
	s.Alone = &slice.Alone{Peer: "d1", AfterNs: 1000, Actors: []slice.Actor{{Actor: 1}}}
	e := engineOf(t, s)
	script(t, e, []scripted{
		{start, []string{"fire a0 #0"}},
		{done(0), []string{"send f0 #0", "timer a-1 @2000000000", "fire a0 #1"}},
		{engine.Event{Kind: engine.Lost}, []string{"timer a-1 @1000"}},
		{done(0), []string{"send f0 #1"}},
	})
	got := step(t, e, 1000, engine.Event{Kind: engine.Timer, Actor: -1})
	require.Equal(t, []string{"fire a1 #0"}, got, "after the time: got %q, alone", got)
	require.True(t, e.Alone(), "after the time: got %q, alone", got)
	require.Equal(t, []string{"fire a2 #0", "fire a1 #1"}, step(t, e, 1000, done(1)), "alone")
	// The sink's record lets the first token go.
	require.Equal(t, []string{"fire a0 #2"}, step(t, e, 1000, done(2)), "alone")
	// The peer is back, with nothing: it gets token 1 when the firing here has ended.
	step(t, e, 2000, engine.Event{Kind: engine.Found})
	step(t, e, 2000, helloFrom(2, 1))
	require.True(t, e.Alone(), "it gave the work back while a firing was in progress")
	got = step(t, e, 2000, done(1))
	require.False(t, e.Alone(), "the firing has ended: got %q, alone", got)
	require.Contains(t, got, "hello p0", "the firing has ended: got %q, alone", got)
	require.Contains(t, got, "fire a2 #1", "the firing has ended: got %q, alone", got)
	got = step(t, e, 2000, helloFrom(2, 1, known(0, 1, 1)))
	assert.Equal(t, []string{"send f0 #1"}, got)
}
