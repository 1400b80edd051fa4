package factor_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// Levels of a range have more digits than people read; what somebody wrote stays as it is.
func TestWords(t *testing.T) {
	bandwidth, slowdown := &factor.Factor{Unit: "bytes/s"}, &factor.Factor{}
	for _, c := range []struct {
		of     *factor.Factor
		text   string
		number float64
		want   string
	}{
		{bandwidth, "28117100", 28117100, "28.12 MB/s"}, {bandwidth, "50000", 50000, "50 kB/s"},
		{bandwidth, "2e9", 2e9, "2 GB/s"}, {bandwidth, "12.5", 12.5, "12.5 B/s"}, {bandwidth, "1MB/s", 1e6, "1MB/s"},
		{slowdown, "1.77828", 1.77828, "1.778"}, {slowdown, "100", 100, "100"},
		{slowdown, "0.000123456", 0.000123456, "0.0001235"},
		{slowdown, "camera", math.NaN(), "camera"}, {slowdown, "1.5ms", 0.0015, "1.5ms"},
		{slowdown, "nan", math.NaN(), "nan"},
		{&factor.Factor{Whole: true}, "123456", 123456, "123456"},
	} {
		assert.Equal(t, c.want, c.of.Words(factor.Level{Text: c.text, Number: c.number}))
	}
}
