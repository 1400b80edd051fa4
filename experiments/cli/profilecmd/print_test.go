package profilecmd_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/profilecmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A table of costs says what the fitted cost models make of the samples, and which fit is bad.
func TestPrintEntries(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	of := func(n int, median func(i int) time.Duration) profile.Entry {
		e := profile.Entry{}
		for i := range n {
			l := costmodel.LogNormal{Mu: math.Log(float64(median(i))), Sigma: 0.05}
			e.Samples = append(e.Samples, l.At(rng.NormFloat64()))
		}
		return e
	}
	var b strings.Builder
	require.NoError(t, profilecmd.PrintEntries(&b, map[string]profile.Entry{
		"even":   of(100, func(int) time.Duration { return time.Millisecond }),
		"few":    of(5, func(int) time.Duration { return time.Millisecond }),
		"phased": of(100, func(i int) time.Duration { return time.Duration(1+i/25%2*2) * time.Millisecond }),
	}))
	lines := strings.Split(b.String(), "\n")
	assert.Regexp(t, `^WHAT +MEDIAN +SPREAD \(quartiles\) +SAMPLES +LOG-NORMAL FIT +SLOW PHASES$`, lines[0])
	assert.Regexp(t, `^even .* 100 +sigma 0\.0\d, distance 0\.\d\d +-$`, lines[1])
	assert.Regexp(t, `^few .* 5 +- +-$`, lines[2])
	assert.Regexp(t, `^phased .* 100 +sigma 0\.5\d, distance 0\.\d\d, bad +(2\.9\d*|3(\.0\d*)?)ms, distance 0\.\d\d$`,
		lines[3])
}
