package sim

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/quantile"
)

// flow holds the frames of an instance that are under way. They leave in the order of their
// numbers.
type flow struct {
	frames   []underway // by number modulo its length, a power of two
	first    int64      // number of the first frame that has not left
	ends     int32      // firings and tokens that a frame leaves with
	endpoint int32      // index in run.devices of that of the source

	counted int64         // frames that left, from the warm-up on
	due     arrival.Times // when they are due; of no schedule: they begin when their source fires, or are captured
	latency *quantile.Sketch
	name    string
}

// underway is a frame that is under way.
type underway struct {
	begin, end int64
	busy       int64 // of the endpoint, in times before the others here that have ended
	from, to   int64 // the last time in which it is busy
	bytes      int64
	number     int64 // one more than the frame's, so that 0 is of none
	left       int32 // firings and tokens that it waits for
	atr        int32
	more       []stretch // times in which the endpoint is busy before the last one, in order
}

type stretch struct{ from, to int64 }

// at returns a frame that is under way or begins to be; nil: it has left.
func (f *flow) at(frame int64) *underway {
	if frame < f.first {
		return nil
	}
	for frame-f.first >= int64(len(f.frames)) {
		f.grow()
	}
	u := &f.frames[frame&int64(len(f.frames)-1)]
	if u.number != frame+1 {
		*u = underway{number: frame + 1, begin: math.MaxInt64, left: f.ends, more: u.more[:0]}
	}
	return u
}

// grow makes room for twice as many frames under way.
func (f *flow) grow() {
	old := f.frames
	f.frames = make([]underway, max(2*len(old), 4))
	for i := range old {
		n := f.first + int64(i)
		f.frames[n&int64(len(f.frames)-1)] = old[n&int64(len(old)-1)]
	}
}

// occupy adds a time in which the endpoint is busy. None that begins before settled will come.
func (u *underway) occupy(settled, from, to int64) {
	switch {
	case from >= to:
	case u.from == u.to:
		u.from, u.to = from, to
	case from > u.to:
		if u.to <= settled && len(u.more) == 0 {
			u.busy += u.to - u.from
		} else {
			u.more = append(u.more, stretch{u.from, u.to})
		}
		u.from, u.to = from, to
	case to >= u.from:
		u.from, u.to = min(u.from, from), max(u.to, to)
		for n := len(u.more) - 1; n >= 0 && u.more[n].to >= u.from; n-- {
			u.from, u.more = min(u.from, u.more[n].from), u.more[:n]
		}
	default:
		u.insert(from, to)
	}
}

// insert adds a time that lies before the last one.
func (u *underway) insert(from, to int64) {
	i := 0
	for i < len(u.more) && u.more[i].to < from {
		i++
	}
	k := i
	for ; k < len(u.more) && u.more[k].from <= to; k++ {
		from, to = min(from, u.more[k].from), max(to, u.more[k].to)
	}
	u.more = slices.Replace(u.more, i, k, stretch{from, to})
}

// occupied returns how long the endpoint was busy with the frame.
func (u *underway) occupied() int64 {
	sum := u.busy + u.to - u.from
	for _, m := range u.more {
		sum += m.to - m.from
	}
	return sum
}
