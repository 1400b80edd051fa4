package engine

import (
	"math"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// table maps indices of the plan's graph to places in the engine's own arrays.
// It spans only the range of indices that the slice holds, so that the tables of
// many small slices of a large graph stay small.
type table struct {
	base  int
	n     int     // indices that the table spans
	place []int32 // -1: not in the slice; nil: the places are 0, 1, ... in order
}

func newTable(n int, index func(i int) int) table {
	if n == 0 {
		return table{}
	}
	low, high := index(0), index(0)
	for i := 1; i < n; i++ {
		low, high = min(low, index(i)), max(high, index(i))
	}
	inOrder := high-low == n-1
	for i := 0; i < n && inOrder; i++ {
		inOrder = index(i) == low+i
	}
	if inOrder {
		return table{base: low, n: n}
	}
	t := table{base: low, n: high - low + 1, place: make([]int32, high-low+1)}
	for i := range t.place {
		t.place[i] = -1
	}
	for i := range n {
		t.place[index(i)-low] = int32(i)
	}
	return t
}

// find returns the place of index i, or -1.
func (t *table) find(i int) int32 {
	i -= t.base
	if uint(i) >= uint(t.n) {
		return -1
	}
	if t.place == nil {
		return int32(i)
	}
	return t.place[i]
}

// unknown is the atr of an iteration whose control token is not here yet.
const unknown = -1

// near is how many ports an actor may have for their FIFOs to lie beside its state.
const near = 4

// actor is the state of one actor. It may fire, or skip an iteration, when waits is 0.
// What every firing needs comes first, within the 64 bytes of a cache line: of a plan with
// thousands of devices, no state is in the cache when its event comes.
type actor struct {
	waits int32 // conditions not met: ports, not running, firing, limit, release, stopped, standing by
	unit  int32
	index int32 // in the graph

	inputs, outputs uint16
	near            [near]int32 // the FIFOs of its ports, inputs first, if they are that few: see ins and outs

	begun int64 // iterations begun
	done  int64 // iterations done or skipped

	firing  bool
	paced   bool // has a limit or a period
	inner   bool // a dynamic processing actor: skips iterations with atr 0
	config  bool // sets the atr of others
	tracked bool // somebody waits for its commits
	durable bool // its firings leave records
	stopped bool
	dynamic bool // has a control port

	*actorRest
}

// actorRest is what not every firing of an actor needs.
type actorRest struct {
	committed int64 // iterations that a restart doesn't need again
	saved     int64 // iterations whose record is durable
	blocked   int32 // what the next commit waits for: a FIFO, or a negative blocked… value
	scanned   int32 // outputs that hold what the next commit needs

	control int32 // FIFO of the control port, -1: none
	rate    int32 // atr of the iteration to come; unknown if it isn't; of no meaning without a control port
	now     int32 // atr of the firing in progress
	low     int32 // limits of the atr that it sets or gets
	high    int32
	port    int32 // place of its first port among those of all actors

	relay   bool // hands on the atr that it gets
	standby bool // a peer's, run here only without the peer
	passive bool // standby: does not run now
	armed   bool // waits for its timer

	limit   int64
	times   int32 // of a source with a schedule: one more than its index in Engine.times; 0: of others
	capture int32 // one more than the place of the frames that it captures; 0: it captures none
}

// ins returns the FIFOs of an actor's inputs, in port order.
func (e *Engine) ins(a *actor) []int32 {
	if a.inputs+a.outputs <= near {
		return a.near[:a.inputs]
	}
	return e.ports[a.port:][:a.inputs]
}

// outs returns the FIFOs of an actor's outputs, in port order.
func (e *Engine) outs(a *actor) []int32 {
	if a.inputs+a.outputs <= near {
		return a.near[a.inputs : a.inputs+a.outputs]
	}
	return e.ports[a.port:][a.inputs : a.inputs+a.outputs]
}

// What a commit waits for, other than an output.
const (
	blockedDone int32 = -1 - iota // the firing
	blockedSave                   // its record
)

// fifo is the state of a FIFO or of one half of it. The numbers count tokens from
// the first initial one. On one device
//
//	consumed <= taken <= produced <= reserved <= consumed + capacity
//
// holds but for a producer that repeats what its consumer has already:
// then consumed and taken are ahead. On the TX side consumed is what the peer has
// committed and taken is not used; on the RX side produced is what has arrived,
// consumed what this side has committed, and reserved is not used.
//
// What every firing needs comes first, within the 64 bytes of a cache line.
type fifo struct {
	from, to int32 // actors here, or -1 for the peer's
	capacity int32
	url      int32 // see rate
	reserved int64 // the producer has begun to write
	produced int64 // wholly written; RX: arrived
	taken    int64 // the consumer has begun to read
	consumed int64 // slots free again
	role     slice.Role
	carries  carries
	crosses  bool   // has an end on another device. Without that, it is Local too
	filled   bool   // doesn't keep its consumer waiting
	free     bool   // doesn't keep its producer waiting
	restored bool   // stored is greater than 0
	most     uint16 // tokens that waited for its consumer; that many or more, of the greatest number

	*fifoRest
}

// carries says what is particular about a FIFO's tokens.
type carries uint8

const (
	plain      carries = iota
	atVariable         // their number varies
	atrs               // they are control tokens
	delays             // some are there from the beginning: its maker saves them
)

func carriesOf(variable, control, delayed bool) carries {
	switch {
	case control:
		return atrs
	case variable:
		return atVariable
	case delayed:
		return delays
	}
	return plain
}

func (f *fifo) variable() bool { return f.carries == atVariable }
func (f *fifo) control() bool  { return f.carries == atrs }
func (f *fifo) delayed() bool  { return f.carries == delays }

// waiting returns how many tokens are there that no firing has taken.
func (f *fifo) waiting() int64 { return max(f.produced-f.taken, 0) }

// note takes note of how many tokens wait.
func (f *fifo) note() {
	if n := f.produced - f.taken; n > int64(f.most) {
		f.most = uint16(min(n, math.MaxUint16))
	}
}

// rate returns the tokens that a firing moves, of a variable FIFO at most: its url.
func (f *fifo) rate() int64 { return int64(f.url) }

// fifoRest is what not every firing at a FIFO needs.
type fifoRest struct {
	index int32 // in the graph
	peer  int32 // the other device, if the FIFO crosses
	first int32 // control FIFO: slot of the next token to take
	next  int32 // control FIFO: slot of the next token to make
	delay int64
	group int64 // of a feedback FIFO: how many firings its consumer begins at a time; 0: it doesn't
	// Local, with delay tokens: those before are made, but after a restart not all of
	// them are back in their slots.
	stored int64
	rates  []int32 // control FIFO: values by slot; variable TX FIFO: atr by burst
	*boundaryState
}

// boundaryState is what a FIFO with an end on another device has beside; nil for others.
type boundaryState struct {
	have int64 // TX: the peer has all before, as far as it has said
	last int64 // TX: number after that of the last token sent
	// TX: what a peer that answers the last question must have got: it was sent before.
	asked int64
	since int64 // TX: when the first of the tokens that are not committed began to wait for that
	timed int64 // TX: the acknowledgement of all before this one ends a round trip; 0: of none
	sent  int64 // TX: when that began
	// TX: nothing is sent to a peer that hasn't committed all before: it doesn't know yet
	// what was done without it.
	mark int64
}

// peer is another device.
type peer struct {
	index    int32
	name     string
	session  boundary.Session
	fifos    []int32 // those between the two, ascending
	hello    boundary.Hello
	helloDue boundary.Action // Answer, Ask or Check, due at the end of the step
	timers   int             // armed
	retryAt  int64           // when the last question is asked again; 0: never
	retries  int             // how often it has been
	checkAt  int64           // when to look for what is overdue; 0: nothing can be
	checks   int             // questions in a row about what is overdue
	trip     boundary.RoundTrip
	lostAt   int64 // when this device goes on alone; 0: never
}

// unit is a processing unit: a FIFO queue of ready actors before its lanes. The
// queue is empty whenever a lane is free.
type unit struct {
	lanes int32    // free ones
	head  int32    // place in the queue
	count int32    // in the queue
	queue []int32  // ring; holds every actor of the unit at most once
	few   [8]int32 // memory of a short ring
}

func (u *unit) push(a int32) {
	i := int(u.head + u.count)
	if i >= len(u.queue) {
		i -= len(u.queue)
	}
	u.queue[i] = a
	u.count++
}

func (u *unit) pop() int32 {
	a := u.queue[u.head]
	if u.head++; int(u.head) == len(u.queue) {
		u.head = 0
	}
	u.count--
	return a
}
