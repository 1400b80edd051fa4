package engine

// table maps indices of the plan's graph to places in the engine's own arrays.
// It spans only the range of indices that the slice holds, so that the tables of
// many small slices of a large graph stay small.
type table struct {
	base  int
	place []int32 // -1: not in the slice
}

func newTable(n int, index func(i int) int) table {
	if n == 0 {
		return table{}
	}
	low, high := index(0), index(0)
	for i := 1; i < n; i++ {
		low, high = min(low, index(i)), max(high, index(i))
	}
	t := table{base: low, place: make([]int32, high-low+1)}
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
	if i < t.base || i-t.base >= len(t.place) {
		return -1
	}
	return t.place[i-t.base]
}

// actor is the state of one actor. It may fire when waits is 0.
type actor struct {
	index   int // in the graph
	unit    int32
	waits   int32 // conditions not met: ports, not started, firing, limit, release, stopped
	ins     []int32
	outs    []int32 // the FIFOs of its ports, in port order
	in, out []Tokens
	begun   int64 // firings that have started
	done    int64 // firings that have completed
	limit   int64
	period  int64
	firing  bool
	armed   bool // waits for its timer
	stopped bool
}

// fifo is the state of a FIFO or of one half of it. All four numbers count
// tokens from the first initial one:
//
//	consumed <= taken <= produced <= reserved <= consumed + capacity
//
// On the TX side consumed is what the peer has acknowledged and taken is not
// used; on the RX side produced is what has arrived and reserved is not used.
type fifo struct {
	index    int   // in the graph
	from, to int32 // actors here, or -1 for the peer's
	rate     uint64
	capacity uint64
	reserved uint64 // the producer has begun to write
	produced uint64 // wholly written; TX: handed to the driver to send
	taken    uint64 // the consumer has begun to read
	consumed uint64 // slots free again
	filled   bool   // has tokens for a firing of the consumer
	free     bool   // has room for a firing of the producer
}

// unit is a processing unit: a FIFO queue of ready actors before its lanes. The
// queue is empty whenever a lane is free.
type unit struct {
	lanes int      // free ones
	queue []*actor // ring; holds every actor of the unit at most once
	head  int
	count int
}

func (u *unit) push(a *actor) {
	u.queue[(u.head+u.count)%len(u.queue)] = a
	u.count++
}

func (u *unit) pop() *actor {
	a := u.queue[u.head]
	u.head = (u.head + 1) % len(u.queue)
	u.count--
	return a
}
