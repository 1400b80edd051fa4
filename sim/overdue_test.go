package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Tokens that take longer to cross than an acknowledgement is waited for are asked for and
// found to be on their way: every one is sent once, and leaves when the one before has.
func TestSlowLinkSendsTokensOnce(t *testing.T) {
	const frames = 10
	b := enginetest.NewBuilder("slow", frames, 1, 1)
	b.Chain(1, 3, 0, 1)
	l := &b.Plan().Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency = quantity.BytesPerSec(1), time.Second // 8 s a token
	d := &Driver{Profile: enginetest.Profile()}
	tr, err := d.Run(t.Context(), b.Plan())
	require.NoError(t, err)
	sent := map[int64]time.Duration{}
	for _, e := range tr.Events {
		if e.Kind == trace.Send {
			assert.Zero(t, sent[e.Frame], "token %d is sent again", e.Frame)
			sent[e.Frame] = time.Duration(e.End)
		}
	}
	require.Len(t, sent, frames)
	for n := int64(1); n < frames; n++ {
		assert.InDelta(t, 8*time.Second, sent[n]-sent[n-1], float64(time.Millisecond))
	}
}

// A run whose last tokens are never asked for ends with its last event, not with a timer.
func TestTimersDoNotProlongARun(t *testing.T) {
	b := enginetest.NewBuilder("timers", 3, 1, 1)
	b.Chain(1, 3, 0, 1)
	b.FIFO(1, 0, 1, 2, 3) // the last delay tokens are never consumed
	b.Plan().Workload.Kind = plan.SingleStream
	r, err := (&Driver{Profile: enginetest.Profile()}).newRun(b.Plan())
	require.NoError(t, err)
	r.makeRoom()
	require.NoError(t, r.run(t.Context()))
	assert.Less(t, r.now, int64(time.Second))
}
