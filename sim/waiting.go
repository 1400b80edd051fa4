package sim

import (
	"github.com/edgeprune/edgeprune/core/arrival"
)

// waiting adds up the frames that wait for an actor.
type waiting struct {
	actor  int
	waited int64         // of frames that have entered or were dropped
	ahead  arrival.Times // of those that are due and have not entered
	next   int64         // frame that is not due yet, as far as was looked
	most   int64
}

// addSource makes room for a source whose frames wait.
func (s *sums) addSource(r *run, a int) {
	due := arrival.Of(r.plan.Schedule(r.plan.Work[a].Instance))
	if !r.captures && !due.Scheduled() {
		return
	}
	s.sources = append(s.sources, waiting{actor: a, ahead: due})
}

// sourceAt returns the sums of a source whose frames wait; nil: they don't.
func (s *sums) sourceAt(a int) *waiting {
	low, high := 0, len(s.sources)
	for low < high {
		if mid := (low + high) / 2; s.sources[mid].actor < a {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(s.sources) && s.sources[low].actor == a {
		return &s.sources[low]
	}
	return nil
}

// takes takes note that a source takes a frame.
func (s *sums) takes(a int, f *firing, due *arrival.Times) {
	w := s.sourceAt(a)
	if w == nil {
		return
	}
	if f.number > 0 {
		w.waited += f.begun - f.captured
		return
	}
	w.waited += max(f.begun-due.At(f.frame), 0)
	for w.next = max(w.next, f.frame); w.ahead.At(w.next) < f.begun; w.next++ {
	}
	w.most = max(w.most, w.next-f.frame)
}

// dropped takes note that a frame was dropped that had waited.
func (s *sums) dropped(a int, ns int64) {
	if w := s.sourceAt(a); w != nil {
		w.waited += ns
	}
}

// line is what tokens do before a channel.
type line struct {
	starts []int64 // ring: when those that wait will begin to occupy their sender, in order
	first  int
	n      int
	most   int
}

// wait takes note that a token waits for the channel from now on.
func (l *line) wait(now, start int64) {
	for l.n > 0 && l.starts[l.first] <= now {
		if l.first++; l.first == len(l.starts) {
			l.first = 0
		}
		l.n--
	}
	if l.n == len(l.starts) {
		grown := make([]int64, max(2*l.n, 4))
		for i := range l.n {
			grown[i] = l.starts[(l.first+i)%l.n]
		}
		l.starts, l.first = grown, 0
	}
	l.starts[(l.first+l.n)%len(l.starts)] = start
	l.n++
	l.most = max(l.most, l.n)
}

// queued adds up how many tokens wait in a FIFO, of a plan with faults.
type queued struct {
	at, sum int64 // when the number changed last; of number times ns until then
	n, most int

	late struct{ end, at, sum, n int64 } // how it stood at the end of the last firing before now
}

// look takes note of how many wait now, when the last firing so far has ended at end.
func (q *queued) look(now, end int64, n int) {
	if now > end && q.late.end != end {
		q.late.end, q.late.at, q.late.sum, q.late.n = end, q.at, q.sum, int64(q.n)
	}
	q.sum += int64(q.n) * (now - q.at)
	q.at, q.n, q.most = now, n, max(q.most, n)
}

// until returns the sum of number times ns until the end of the last firing.
func (q *queued) until(end int64) int64 {
	if q.late.end == end {
		return q.late.sum + q.late.n*(end-q.late.at)
	}
	return q.sum + int64(q.n)*(end-q.at)
}
