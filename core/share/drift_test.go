package share_test

import (
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/share"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTimesDoNotDrift lets three senders send tokens of 1000 ns beside one flow that passes all
// the time, for ten million ends. No number of that is exact in binary: 0.1 bytes per ns each,
// and a third of a token from one end to the next.
func TestTimesDoNotDrift(t *testing.T) {
	const rounds = 10_000_000 / 3
	p := share.New(0.4e9)
	of := p.Class(0)
	p.Add(0, of, 100*rounds, 3)
	next := [3]int64{1000, 333, 667} // when the senders' tokens end
	for i, at := range next {
		p.Add(0, of, float64(at)/10, int32(i))
	}
	var at int64
	for {
		at, _ = p.Next()
		if at >= 1000*rounds {
			break
		}
		_, tag, ok := p.Take(at)
		if !ok || tag == 3 || next[tag] != at {
			require.Fail(t, "another end", "%d at %d, expected at one of %v", tag, at, next)
		}
		next[tag] += 1000
		p.Add(at, of, 100, tag)
	}
	assert.Equal(t, int64(1000*rounds), at)
	_, tag, ok := p.Take(at)
	assert.True(t, ok)
	assert.Zero(t, tag, "the first sender's last token ends on its ns")
	end, _ := p.Next()
	assert.InDelta(t, at, end, 1, "so does the flow that passed all the time, within 1 ns")
	assert.InEpsilon(t, 0.4*1000*rounds, p.Totals(at).Bytes, 1e-9)
}

// TestManyLimitsDoNotDrift lets flows of many limits come and go, and sees to it that what they
// have passed in all is what their ends say.
func TestManyLimitsDoNotDrift(t *testing.T) {
	const flows, ends = 50, 300_000
	rng := rand.New(rand.NewPCG(1, 1))
	p := share.New(1e9)
	var of [flows]share.Class
	sent, began := 0.0, 0
	for i := range of {
		of[i] = p.Class(1e6 * (1 + 100*rng.Float64()))
	}
	for i := range of {
		p.Add(0, of[i], 1e4, int32(i))
		sent += 1e4
	}
	var at int64
	for began < ends {
		at, _ = p.Next()
		for _, tag, ok := p.Take(at); ok; _, tag, ok = p.Take(at) {
			bytes := float64(1 + rng.IntN(1e5))
			p.Add(at, of[tag], bytes, tag)
			sent += bytes
			began++
		}
	}
	left := 0.0
	for id := range share.Flow(flows) {
		left += p.Remove(at, id)
	}
	assert.InDelta(t, sent-left, p.Totals(at).Bytes, 1e-9*sent)
	assert.Zero(t, p.Len())
}
