package count

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCountsSaturate(t *testing.T) {
	assert.Equal(t, int64(5), Add(2, 3))
	assert.Equal(t, int64(-1), Add(-1, 3))
	assert.Equal(t, int64(math.MaxInt64), Add(math.MaxInt64, 1))
	assert.Equal(t, int64(6), Mul(2, 3))
	assert.Equal(t, int64(-1), Mul(2, -1))
	assert.Equal(t, int64(math.MaxInt64), Mul(math.MaxInt64, 2))
	assert.Equal(t, int64(0), Mul(math.MaxInt64, 0))
}

func TestProduct(t *testing.T) {
	assert.Equal(t, int64(1), Product(nil))
	assert.Equal(t, int64(0), Product([]int64{0, math.MaxInt64, 3}))
	assert.Equal(t, int64(-1), Product([]int64{0, -1}))
	assert.Equal(t, int64(math.MaxInt64), Product([]int64{math.MaxInt64, 3}))
}

// A sum says what Add makes of what is in it.
func TestSumTakesAway(t *testing.T) {
	all := []int64{3, -1, math.MaxInt64, math.MaxInt64, 0, 5}
	sum, first := Sum{}, Sum{}
	for i, n := range all {
		sum = sum.Plus(n)
		if i < 2 {
			first = first.Plus(n)
		}
	}
	assert.EqualValues(t, -1, sum.Value())
	assert.EqualValues(t, math.MaxInt64, sum.Minus(-1).Value())
	assert.EqualValues(t, math.MaxInt64, sum.Less(first).Value())
	assert.EqualValues(t, 8, sum.Minus(-1).Minus(math.MaxInt64).Minus(math.MaxInt64).Value())
	assert.EqualValues(t, 5, sum.Less(first).Minus(math.MaxInt64).Minus(math.MaxInt64).Value())
}
