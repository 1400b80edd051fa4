package profile

import (
	"math"
	"sort"
)

// At returns the bandwidth in bytes/s at a time, in ns since the run's start, and until when it
// stays so; that is the largest int64 where it does for ever.
func (r *Rates) At(at int64) (bytesPerSec float64, until int64) {
	var begin int64
	if r.loop {
		begin = at / r.end * r.end
	}
	i := sort.Search(len(r.at), func(i int) bool { return r.at[i] > at-begin }) - 1
	switch {
	case i+1 < len(r.at):
		until = begin + r.at[i+1]
	case r.loop:
		until = begin + r.end
	default:
		until = math.MaxInt64
	}
	return r.perNs[i] * 1e9, until
}
