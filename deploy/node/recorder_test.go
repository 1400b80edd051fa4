package node

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counting makes the node of a source and a sink, which counts firings.
func counting(t *testing.T, frames int64, o Options) (*Node, *atomic.Int64) {
	t.Helper()
	b := enginetest.NewBuilder("p", frames, 1)
	b.Chain(1, 1, 0, 0)
	var fired atomic.Int64
	mk := all(func(int, *kernel.Firing) error { fired.Add(1); return nil })
	n, err := New(b.Plan(), 0, mk, &fakeOutbox{}, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, n.Close()) })
	return n, &fired
}

// While records wait to be sent no firing begins.
func TestFiringsWaitForRecords(t *testing.T) {
	var behind atomic.Bool
	behind.Store(true)
	asked := make(chan struct{}, 1000)
	n, fired := counting(t, 10, Options{Behind: func() bool {
		select {
		case asked <- struct{}{}:
		default:
		}
		return behind.Load()
	}})
	require.NoError(t, n.Start(clock.Now()))
	for range 3 {
		<-asked
	}
	require.Zero(t, fired.Load())
	behind.Store(false)
	require.Eventually(t, func() bool { return fired.Load() == 20 }, 10*time.Second, time.Millisecond)
	// Two workers ask, so that of three questions one at least came after a sleep.
	assert.GreaterOrEqual(t, n.Waited(), int64(recordsEvery))
}

// Too many records that nobody takes hold firings up, and are announced, where firings
// wait for records at all; no record is lost.
func TestFiringsWaitForRecordsToBeTaken(t *testing.T) {
	const frames = 2 * crowdedRecords
	n, fired := counting(t, frames, Options{Behind: func() bool { return false }})
	require.NoError(t, n.Start(clock.Now()))
	taken := 0
	for taken < 2*frames {
		select {
		case <-n.Full():
			records := len(n.Take().Records)
			require.GreaterOrEqual(t, records, announcedRecords)
			require.LessOrEqual(t, records, crowdedRecords+2)
			taken += records
		case <-time.After(50 * time.Millisecond): // the rest
			if fired.Load() == 2*frames {
				taken += len(n.Take().Records)
			}
		}
	}
	assert.Equal(t, 2*frames, taken)

	free, fired := counting(t, crowdedRecords, Options{})
	require.NoError(t, free.Start(clock.Now()))
	require.Eventually(t, func() bool { return fired.Load() == 2*crowdedRecords }, 20*time.Second, time.Millisecond)
	assert.Zero(t, free.Waited())
}

// Values of results are announced, too.
func TestManyValuesAreAnnounced(t *testing.T) {
	n, _ := counting(t, 1, Options{})
	record := n.recordResult(&actor{})
	record(trace.Result{Values: make([]float32, announcedValues-1)})
	assert.Empty(t, n.Full())
	record(trace.Result{Values: make([]float32, 1)})
	assert.Len(t, n.Full(), 1)
	n.Record(wire.Record{})
	assert.Len(t, n.Full(), 1)
}
