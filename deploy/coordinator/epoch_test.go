package coordinator

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/core/engine"
)

// Epochs grow by what an engine may count up in place, at least, and can't be guessed:
// neither the first one, nor from one the next.
func TestEpochs(t *testing.T) {
	firsts, steps := map[uint64]bool{}, map[uint64]bool{}
	for range 100 {
		a := agentState{}
		last, resume := a.nextLoad()
		assert.False(t, resume)
		assert.GreaterOrEqual(t, last, uint64(engine.EpochStep))
		firsts[last>>32] = true
		for range 300 {
			next, resume := a.nextLoad()
			assert.True(t, resume)
			assert.GreaterOrEqual(t, next, last+engine.EpochStep)
			steps[(next-last)>>16] = true
			last = next
		}
	}
	assert.Greater(t, len(firsts), 90)
	assert.Greater(t, len(steps), 29_900)
}

// The greatest first epoch leaves room for 32,000 restarts, each as far from the last one
// as can be.
func TestEpochsDoNotRunOut(t *testing.T) {
	const first, step = uint64(1)<<63 + engine.EpochStep, uint64(1)<<epochBits + engine.EpochStep
	assert.Greater(t, (^uint64(0)-first)/step, uint64(32_000))
}
