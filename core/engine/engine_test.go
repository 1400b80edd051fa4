package engine_test

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEffects(t *testing.T) {
	data := func(f int, seq uint64) engine.Event {
		return engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{FIFO: f, Seq: seq, Prev: seq, From: 1, To: 1}}
	}
	ack := func(f int, seq uint64) engine.Event {
		return engine.Event{Kind: engine.Ack, TokenID: boundary.TokenID{FIFO: f, Seq: seq, From: 1, To: 1}}
	}
	type in struct {
		ev   engine.Event
		want []string
	}
	chain2 := build(2, chain(2, 2)...)
	cases := []struct {
		name  string
		slice *slice.Slice
		steps []in
	}{
		{"chain, one lane: consumer before the next frame", cut(chain2, []int{0, 0}, 1, 2)[0], []in{
			{start, []string{"fire a0 #0"}},
			{done(0), []string{"fire a1 #0"}},
			{done(1), []string{"fire a0 #1"}},
			{done(0), []string{"fire a1 #1"}},
			{done(1), nil},
		}},
		{"chain, two lanes: both at once, back-pressure at 2 tokens", cut(chain2, []int{0, 0}, 2, 9)[0], []in{
			{start, []string{"fire a0 #0"}},
			{done(0), []string{"fire a1 #0", "fire a0 #1"}},
			{done(0), nil}, // token 0 is being read, token 1 waits
			{done(1), []string{"fire a0 #2", "fire a1 #1"}},
		}},
		{"TX: credit, cumulative and stale acks", cut(chain2, []int{0, 1}, 1, 9)[0], []in{
			{start, []string{"fire a0 #0"}},
			{done(0), []string{"send f0 #0", "timer a-1 @2000000000", "fire a0 #1"}},
			{done(0), []string{"send f0 #1"}},
			{ack(0, 2), []string{"fire a0 #2"}},
			{ack(0, 1), nil},
			{done(0), []string{"send f0 #2", "fire a0 #3"}},
		}},
		{"RX: ack after the firing, duplicates dropped", cut(chain2, []int{0, 1}, 1, 9)[1], []in{
			{data(0, 0), nil}, // before Start
			{start, []string{"fire a1 #0"}},
			{data(0, 1), nil},
			{data(0, 0), nil},
			{done(1), []string{"fire a1 #1", "ack f0 #1"}},
			{done(1), []string{"ack f0 #2"}},
		}},
		{"rate 3 over a boundary", cut(build(2, link{from: 0, to: 1, rate: 3, capacity: 5}), []int{0, 1}, 1, 9)[0], []in{
			{start, []string{"fire a0 #0"}},
			{done(0), []string{"send f0 #0", "send f0 #1", "send f0 #2", "timer a-1 @2000000000"}},
			{ack(0, 1), []string{"fire a0 #1"}},
		}},
		{"rate 3: an ack of fewer tokens frees too little",
			cut(build(2, link{from: 0, to: 1, rate: 3, capacity: 3}), []int{0, 1}, 1, 9)[0], []in{
				{start, []string{"fire a0 #0"}},
				{done(0), []string{"send f0 #0", "send f0 #1", "send f0 #2", "timer a-1 @2000000000"}},
				{ack(0, 2), nil},
				{ack(0, 3), []string{"fire a0 #1"}},
			}},
		{"feedback of one token keeps one frame in flight",
			cut(build(2, link{from: 0, to: 1}, link{from: 1, to: 0, delay: 1, capacity: 1}), []int{0, 0}, 2, 2)[0], []in{
				{start, []string{"fire a0 #0"}},
				{done(0), []string{"fire a1 #0"}},
				{done(1), []string{"fire a0 #1"}},
				{done(0), []string{"fire a1 #1"}},
				{done(1), nil},
			}},
		{"initial tokens of a boundary lie at the consumer",
			cut(build(2, link{from: 0, to: 1}, link{from: 1, to: 0, delay: 1, capacity: 2}), []int{0, 1}, 1, 9)[1], []in{
				{start, nil},
				{data(0, 0), []string{"fire a1 #0"}},
				{done(1), []string{"send f1 #1", "timer a-1 @2000000000", "ack f0 #1"}}, // the feedback token is saved
				{data(0, 1), nil}, // both slots of the feedback FIFO hold tokens
				{ack(1, 1), []string{"fire a1 #1"}},
			}},
		{"a stopped source starts nothing more", cut(chain2, []int{0, 0}, 1, 9)[0], []in{
			{start, []string{"fire a0 #0"}},
			{engine.Event{Kind: engine.Stop, Actor: 0}, nil},
			{engine.Event{Kind: engine.Stop, Actor: 0}, nil},
			{done(0), []string{"fire a1 #0"}},
			{done(1), nil},
		}},
		{"a source stopped while it waits for a lane", cut(chain2, []int{0, 0}, 1, 9)[0], []in{
			{start, []string{"fire a0 #0"}},
			{done(0), []string{"fire a1 #0"}},
			{engine.Event{Kind: engine.Stop, Actor: 0}, nil},
			{done(1), nil},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := engineOf(t, c.slice)
			for i, s := range c.steps {
				require.Equal(t, s.want, step(t, e, 0, s.ev), "step %d %+v", i, s.ev)
			}
		})
	}
}

// token is token seq of FIFO 0 from the peer.
func token(seq uint64) engine.Event {
	return engine.Event{Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 0, Seq: seq, Prev: seq, From: 1, To: 1}}
}

func TestCamera(t *testing.T) {
	s := cut(build(2, chain(2, 2)...), []int{0, 0}, 2, 3)[0]
	s.Actors[0].Arrivals.PeriodNs = 100
	e := engineOf(t, s)
	timer := engine.Event{Kind: engine.Timer, Actor: 0}
	for i, c := range []struct {
		now  int64
		ev   engine.Event
		want []string
	}{
		{0, start, []string{"fire a0 #0", "timer a0 @100"}},
		{10, done(0), []string{"fire a1 #0"}},
		{60, timer, []string{"timer a0 @100"}}, // too early: armed again
		{100, timer, []string{"fire a0 #1", "timer a0 @200"}},
		{200, timer, nil}, // release 2 waits: firing 1 still runs
		{220, done(1), nil},
		{250, done(0), []string{"fire a1 #1", "fire a0 #2"}}, // the last: no timer
	} {
		require.Equal(t, c.want, step(t, e, c.now, c.ev), "step %d", i)
	}
}

func TestUnitQueueOrder(t *testing.T) {
	// a0 feeds a1, a2 and a3, which share one lane with it.
	g := build(4, link{from: 0, to: 1}, link{from: 0, to: 2}, link{from: 0, to: 3})
	e := one(t, g, 1, 2)
	got := step(t, e, 0, start, done(0), done(1), done(2), done(3), done(0), done(1))
	want := []string{"fire a0 #0", "fire a1 #0", "fire a2 #0", "fire a3 #0", "fire a0 #1", "fire a1 #1", "fire a2 #1"}
	assert.Equal(t, want, got)
}

func TestTokens(t *testing.T) {
	e := one(t, build(2, link{from: 0, to: 1, rate: 2, capacity: 5}), 1, 9)
	step(t, e, 0, start, done(0), done(1), done(0))
	got, want := e.In(1), []engine.Tokens{{FIFO: 0, Seq: 2, N: 2}}
	assert.Equal(t, want, got)
	step(t, e, 0, done(1))
	got, want = e.Out(0), []engine.Tokens{{FIFO: 0, Seq: 4, N: 2}}
	assert.Equal(t, want, got, "Out")
	assert.Equal(t, 4, e.Slot(0, 4), "slots: got %d %d %d, want 4 0 -1", e.Slot(0, 4), e.Slot(0, 5), e.Slot(7, 0))
	assert.Equal(t, 0, e.Slot(0, 5), "slots: got %d %d %d, want 4 0 -1", e.Slot(0, 4), e.Slot(0, 5), e.Slot(7, 0))
	assert.Equal(t, -1, e.Slot(7, 0), "slots: got %d %d %d, want 4 0 -1", e.Slot(0, 4), e.Slot(0, 5), e.Slot(7, 0))
	assert.EqualValues(t, 2, e.Fired(0), "fired")
	assert.EqualValues(t, 2, e.Fired(1), "fired")
	assert.EqualValues(t, 0, e.Fired(9), "fired")
	assert.Nil(t, e.In(9), "fired")
	assert.Nil(t, e.Out(9), "fired")
	in, out := e.Blocked(1)
	assert.Equal(t, []int{0}, in, "blocked: got %v %v, want input FIFO 0", in, out)
	assert.Nil(t, out, "blocked: got %v %v, want input FIFO 0", in, out)
	in, out = e.Blocked(9)
	assert.Nil(t, in, "unknown actor is blocked by")
	assert.Nil(t, out, "unknown actor is blocked by")
}

func TestBlockedByOutput(t *testing.T) {
	e := engineOf(t, cut(build(2, chain(2, 1)...), []int{0, 1}, 1, 9)[0])
	step(t, e, 0, start, done(0))
	in, out := e.Blocked(0)
	assert.Nil(t, in, "blocked: got %v %v, want output FIFO 0", in, out)
	assert.Equal(t, []int{0}, out, "blocked: got %v %v, want output FIFO 0", in, out)
}

func TestStepErrors(t *testing.T) {
	g := build(3, link{from: 0, to: 1}, link{from: 1, to: 2})
	for _, c := range []struct {
		name   string
		device int
		events []engine.Event // all but the last are fine
		want   error
	}{
		{"done for an idle actor", 0, []engine.Event{start, done(0), done(0), done(0)}, engine.ErrIdle},
		{"done for an actor elsewhere", 0, []engine.Event{start, done(1)}, engine.ErrUnknown},
		{"done for no actor", 0, []engine.Event{start, done(-3)}, engine.ErrUnknown},
		{"second start", 0, []engine.Event{start, start}, engine.ErrStarted},
		{"beyond credit", 1, []engine.Event{token(0), token(1), token(2)}, engine.ErrCredit},
		{"hello of no peer", 0, []engine.Event{{Kind: engine.HelloFrom, Peer: 1, Hello: &boundary.Hello{}}},
			engine.ErrUnknown},
		{"hello without a hello", 0, []engine.Event{{Kind: engine.HelloFrom}}, engine.ErrHello},
		{"hello about a FIFO elsewhere", 0,
			[]engine.Event{{Kind: engine.HelloFrom, Hello: &boundary.Hello{FIFOs: []boundary.Position{{FIFO: 1}}}}},
			engine.ErrHello},
		{"no such peer", 0, []engine.Event{{Kind: engine.Reconnected, Peer: -1}}, engine.ErrUnknown},
		{"timer of no peer", 0, []engine.Event{{Kind: engine.Timer, Actor: -1, Peer: 7}}, engine.ErrTimer},
		{"saved by an actor that leaves no record", 0,
			[]engine.Event{start, done(0), {Kind: engine.Saved, Actor: 0, Firing: 1}}, engine.ErrSaved},
		{"saved before it is done", 1, []engine.Event{start, {Kind: engine.Saved, Actor: 2, Firing: 1}}, engine.ErrSaved},
		{"saved by no actor", 1, []engine.Event{start, {Kind: engine.Saved, Actor: 9, Firing: 1}}, engine.ErrUnknown},
		{"data on a TX FIFO", 0, []engine.Event{start, {Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 0}}},
			engine.ErrUnknown},
		{"data on no FIFO", 0, []engine.Event{start, {Kind: engine.Data, TokenID: boundary.TokenID{FIFO: 99}}},
			engine.ErrUnknown},
		{"ack beyond what was sent", 0,
			[]engine.Event{start, done(0), {Kind: engine.Ack, TokenID: boundary.TokenID{FIFO: 0, Seq: 2, From: 1, To: 1}}},
			engine.ErrAck},
		{"ack on an RX FIFO", 1, []engine.Event{start, {Kind: engine.Ack, TokenID: boundary.TokenID{FIFO: 0, Seq: 1}}},
			engine.ErrUnknown},
		{"timer that was not armed", 0, []engine.Event{start, {Kind: engine.Timer, Actor: 0}}, engine.ErrTimer},
		{"timer for no actor", 0, []engine.Event{start, {Kind: engine.Timer, Actor: 8}}, engine.ErrUnknown},
		{"stop for no actor", 0, []engine.Event{start, {Kind: engine.Stop, Actor: 8}}, engine.ErrUnknown},
		{"no such kind", 0, []engine.Event{{Kind: 99}}, engine.ErrBadEvent},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := engineOf(t, cut(g, []int{0, 1, 1}, 1, 0)[c.device])
			last := len(c.events) - 1
			step(t, e, 0, c.events[:last]...)
			before := []engine.Effect{{Kind: engine.Send}}
			effects, err := e.Step(0, c.events[last], before)
			assert.ErrorIs(t, err, c.want)
			assert.Equal(t, before, effects, "effects in spite of the error")
			if c.device == 0 && len(c.events) == 1 { // it is as it was
				assert.Equal(t, []string{"fire a0 #0"}, step(t, e, 0, start), "after the error, a start")
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	good := func() *slice.Slice { return cut(build(2, chain(2, 2)...), []int{0, 0}, 1, 1)[0] }
	for _, c := range []struct {
		name  string
		spoil func(s *slice.Slice)
		want  error
	}{
		{"no lanes", func(s *slice.Slice) { s.Units[0].Lanes = 0 }, engine.ErrSlice},
		{"actor not in the graph", func(s *slice.Slice) { s.Actors[0].Actor = 5 }, engine.ErrSlice},
		{"actor twice", func(s *slice.Slice) { s.Actors[1].Actor = 0 }, engine.ErrSlice},
		{"no such unit", func(s *slice.Slice) { s.Actors[0].Unit = 1 }, engine.ErrSlice},
		{"FIFO not in the graph", func(s *slice.Slice) { s.FIFOs[0].FIFO = -1 }, engine.ErrSlice},
		{"wrong role", func(s *slice.Slice) { s.FIFOs[0].Role = slice.RX }, engine.ErrSlice},
		{"port without FIFO", func(s *slice.Slice) { s.FIFOs = nil }, engine.ErrSlice},
		{"input without FIFO", func(s *slice.Slice) { s.Actors = s.Actors[1:]; s.FIFOs = nil }, engine.ErrSlice},
		{"variable rate without control", func(s *slice.Slice) { s.Graph.Actors[0].Out[0].LRL = 0 }, engine.ErrSlice},
		{"delay tokens on a variable FIFO",
			func(s *slice.Slice) { s.Graph.Actors[0].Out[0].LRL = 0; s.Graph.FIFOs[0].Delay = 1 }, engine.ErrSlice},
		{"boundary without room beside delay tokens", func(s *slice.Slice) {
			s.Graph.FIFOs[0].Delay, s.Graph.FIFOs[0].Capacity = 2, 2
			s.Actors, s.FIFOs[0].Role, s.FIFOs[0].Peer = s.Actors[:1], slice.TX, "d9"
		}, engine.ErrSlice},
		{"control tokens of rate 2", func(s *slice.Slice) {
			s.Graph.Actors[1].In[0].Control = true
			s.Graph.Actors[0].Out[0].LRL, s.Graph.Actors[0].Out[0].URL = 2, 2
		}, engine.ErrSlice},
		{"a stand-in for an actor with records", func(s *slice.Slice) {
			s.Actors, s.FIFOs[0].Role, s.FIFOs[0].Peer = s.Actors[:1], slice.TX, "d9"
			s.Alone = &slice.Alone{Peer: "d9", Actors: []slice.Actor{{Actor: 1}}}
		}, engine.ErrSlice},
		{"rate 0", func(s *slice.Slice) { s.Graph.Actors[0].Out[0].LRL = 0; s.Graph.Actors[0].Out[0].URL = 0 },
			engine.ErrSlice},
		{"capacity beyond what is counted", func(s *slice.Slice) { s.Graph.FIFOs[0].Capacity = math.MaxInt32 + 1 },
			engine.ErrSlice},
		{"capacity below delay", func(s *slice.Slice) { s.Graph.FIFOs[0].Delay = 3 }, engine.ErrSlice},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := good()
			c.spoil(s)
			_, err := engine.New(s, engine.Options{})
			assert.ErrorIs(t, err, c.want)
		})
	}
}
