package quantile

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// maxDistinct bounds the memory of Counts, to some 5 MB.
const maxDistinct = 1 << 16

// Counts holds samples as their values with how often each came, so that its memory does
// not grow with equal samples. Its quantiles are those of the samples as long as there are
// at most 65,536 different ones; beyond that values are rounded, see Error. The zero value
// holds none.
type Counts struct {
	of   map[int64]int64
	kept int // significant bits; 0: all
	sum  float64
	n    int
}

// Add adds a sample.
func (c *Counts) Add(v int64) {
	if c.of == nil {
		c.of = map[int64]int64{}
	}
	c.n++
	c.sum += float64(v)
	c.of[c.round(v)]++
	for len(c.of) > maxDistinct {
		c.coarsen()
	}
}

// coarsen keeps fewer bits. At 11 there are no more than 65,536 values.
func (c *Counts) coarsen() {
	c.kept = cmp.Or(c.kept, 24) - 1
	old := c.of
	c.of = make(map[int64]int64, len(old))
	for v, n := range old {
		c.of[c.round(v)] += n
	}
}

// round returns the value in the middle of those with the same significant bits.
func (c *Counts) round(v int64) int64 {
	if v < 0 {
		return -c.round(-v)
	}
	if drop := bits.Len64(uint64(v)) - c.kept; c.kept > 0 && drop > 0 {
		return v>>drop<<drop | 1<<(drop-1)
	}
	return v
}

// Error returns by how much of its value a quantile may be off: 0 if it is exact.
func (c *Counts) Error() float64 {
	if c.kept == 0 {
		return 0
	}
	return 1 / float64(int(1)<<c.kept)
}

// N returns the number of samples.
func (c *Counts) N() int { return c.n }

// Mean returns the mean of the samples as they were added; 0 of none.
func (c *Counts) Mean() float64 { return c.sum / float64(max(c.n, 1)) }

// Ranked returns the samples by rank.
func (c *Counts) Ranked() Ranks {
	values := slices.Sorted(maps.Keys(c.of))
	r := ranked{values: make([]float64, len(values)), counts: make([]float64, len(values)), upTo: make([]int, len(values))}
	n := 0
	for i, v := range values {
		n += int(c.of[v])
		r.values[i], r.counts[i], r.upTo[i] = float64(v), float64(c.of[v]), n
	}
	return r
}

// Ranks give samples by their rank.
type Ranks interface {
	// At returns the sample of a rank, from 0 on and below the number of samples.
	At(rank int) float64
	// Of returns what the package's Of does. There must be a sample.
	Of(p float64) float64
}

// ranked is samples in order.
type ranked struct {
	values, counts []float64
	upTo           []int // samples up to and with the value
}

// At returns the sample of a rank, from 0 on and below the number of samples.
func (r ranked) At(rank int) float64 {
	i, _ := slices.BinarySearch(r.upTo, rank+1)
	return r.values[i]
}

// Of returns what the package's Of does. There must be a sample.
func (r ranked) Of(p float64) float64 { return stat.Quantile(p, kind, r.values, r.counts) }
