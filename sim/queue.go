package sim

import "math/bits"

// queue holds the events to come and gives them in the order of their times, those at one
// time in the order in which they were pushed. It is a calendar queue (R. Brown, CACM 31(10),
// 1988) with heaps at its ends: virtual time is divided into days of equal length; events of
// the coming days lie in a bucket a day, those of today in a heap, those of later years in
// another. With about one event a bucket, pushing and popping take constant time, whatever the
// number of events, and touch little memory. Few events, and all events of one time, are in
// one heap.
type queue struct {
	today  eventHeap
	later  eventHeap // of days from today+len(first) on
	events []pending // those in buckets, and free places
	free   int32     // first free place in events, -1: none
	first  []int32   // by day modulo its length, a power of two: place of the bucket's first event
	used   []uint64  // a bit for each bucket that is not empty
	in     int       // events in buckets
	day    int64     // of today: time >> shift
	shift  uint

	pushed uint64
	popped int   // since the lengths were chosen or found right
	since  int64 // time of that
	check  int   // how many are popped before they are looked at again
}

const (
	// fewEvents is how many events a heap alone holds as fast as buckets.
	fewEvents = 128
	// oneDay lets all times be of today.
	oneDay = 63
)

func newQueue() queue { return queue{free: -1, shift: oneDay, check: fewEvents} }

func (q *queue) len() int { return len(q.today) + len(q.later) + q.in }

func (q *queue) push(p *pending) {
	p.order = q.pushed
	q.pushed++
	q.put(p)
}

// put puts an event where its time belongs.
func (q *queue) put(p *pending) {
	day := p.at >> q.shift
	switch {
	case day <= q.day:
		q.today.push(p)
	case day-q.day < int64(len(q.first)):
		q.bucket(day, p)
	default:
		q.later.push(p)
	}
}

// bucket puts an event into the bucket of its day.
func (q *queue) bucket(day int64, p *pending) {
	at := q.free
	if at < 0 {
		at = int32(len(q.events))
		q.events = append(q.events, pending{})
	} else {
		q.free = q.events[at].next
	}
	i := day & int64(len(q.first)-1)
	e := &q.events[at]
	*e = *p
	e.next = q.first[i]
	q.first[i] = at
	q.used[i/64] |= 1 << (i % 64)
	q.in++
}

// peek returns the first event, which stays; the queue must not be empty. It is valid until
// the next push.
func (q *queue) peek() *pending {
	if len(q.today) == 0 {
		q.wake()
	}
	return &q.today[0]
}

// pop removes the first event; the queue must not be empty.
func (q *queue) pop() pending {
	if len(q.today) == 0 {
		q.wake()
	}
	p := q.today.pop()
	if q.popped++; q.popped >= q.check {
		q.tune(p.at)
	}
	return p
}

// wake makes the next day with an event today.
func (q *queue) wake() {
	day := int64(-1)
	if q.in > 0 {
		day = q.nextUsed()
	}
	if len(q.later) > 0 {
		if d := q.later[0].at >> q.shift; day < 0 || d < day {
			day = d
		}
	}
	q.day = day
	if n := int64(len(q.first)); n > 0 {
		i := day & (n - 1)
		for at := q.first[i]; at >= 0; {
			e := &q.events[at]
			q.today.push(e)
			next := e.next
			e.next, q.free = q.free, at
			at = next
			q.in--
		}
		q.first[i] = -1
		q.used[i/64] &^= 1 << (i % 64)
	}
	for len(q.later) > 0 && q.later[0].at>>q.shift-day < max(int64(len(q.first)), 1) {
		p := q.later.pop()
		q.put(&p)
	}
}

// nextUsed returns the next day whose bucket is not empty; there is one.
func (q *queue) nextUsed() int64 {
	n := int64(len(q.first))
	from := q.day + 1
	i := from & (n - 1)
	word := q.used[i/64] >> (i % 64)
	if word != 0 {
		return from + int64(bits.TrailingZeros64(word))
	}
	words := int64(len(q.used))
	for k := int64(1); ; k++ {
		if w := q.used[(i/64+k)%words]; w != 0 {
			return from - i%64 + 64*k + int64(bits.TrailingZeros64(w))
		}
	}
}

// tune fits the length of a day to the time between events, and the number of buckets to that
// of the events: a day has a few of those, and a year about four times as long as an event is
// pushed ahead on average.
func (q *queue) tune(now int64) {
	n := q.len()
	shift := uint(oneDay)
	if n > fewEvents {
		apart := max(now-q.since, 0) / int64(q.popped)
		shift = uint(bits.Len64(uint64(apart))) + 1
	}
	q.popped, q.since, q.check = 0, now, max(4*n, fewEvents)
	days := 1 << bits.Len(uint(max(n, 64)-1))
	off := int(shift) - int(q.shift)
	if off >= -1 && off <= 1 && (shift == oneDay || days <= 2*len(q.first) && len(q.first) <= 4*days) {
		return
	}
	q.arrange(now, shift, days)
}

// arrange puts all events anew, into days of another length.
func (q *queue) arrange(now int64, shift uint, days int) {
	all := make([]pending, 0, q.len())
	q.each(func(p *pending) { all = append(all, *p) })
	q.today, q.later = q.today[:0], q.later[:0]
	q.events, q.free, q.in = q.events[:0], -1, 0
	q.shift, q.day = shift, now>>shift
	if shift == oneDay {
		days = 0
	}
	q.first, q.used = make([]int32, days), make([]uint64, (days+63)/64)
	for i := range q.first {
		q.first[i] = -1
	}
	for i := range all {
		q.put(&all[i])
	}
}

// each gives every event, in no certain order.
func (q *queue) each(give func(*pending)) {
	for i := range q.today {
		give(&q.today[i])
	}
	for i := range q.later {
		give(&q.later[i])
	}
	for _, at := range q.first {
		for ; at >= 0; at = q.events[at].next {
			give(&q.events[at])
		}
	}
}
