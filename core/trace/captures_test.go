package trace_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// captured is good with a source that captured five frames: the first and the fourth entered, two
// were dropped, and the last one waited at the end.
func captured() (*trace.Trace, trace.Laws) {
	t, laws := good()
	laws.Drops = []int{0}
	frame := func(kind trace.Kind, frame, number, start, end int64) trace.Event {
		return trace.Event{Kind: kind, Device: "end", Name: "a0", Actor: 0, FIFO: -1, Frame: frame, Number: number,
			Start: start, End: end}
	}
	t.Events = append([]trace.Event{
		frame(trace.Capture, 0, 1, 0, 0), frame(trace.Drop, 1, 2, 3, 6), frame(trace.Drop, 1, 3, 6, 9),
		frame(trace.Capture, 1, 4, 9, 10),
	}, t.Events...)
	t.Captured = []trace.Captured{
		{Device: "end", Name: "a0", Actor: 0, Counts: admission.Counts{Captured: 5, Dropped: 2, Waiting: 1}},
	}
	return t, laws
}

func TestCheckCountsCapturedFrames(t *testing.T) {
	tr, laws := captured()
	require.NoError(t, trace.Check(tr, laws))
	assert.Equal(t, "source a0: 5 frames captured, 2 entered, 2 dropped, 1 left waiting", tr.Captured[0].String())
	// Frames that are dropped as they come are dropped before earlier ones enter.
	slices.Reverse(tr.Events[1:3])
	require.NoError(t, trace.Check(tr, laws))
}

func TestCheckFindsHiddenDrops(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*trace.Trace)
		words string
	}{
		"a drop left out of the trace": {
			func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 1, 2) },
			"source a0: the trace has 2 frames that entered and 1 that were dropped; the source counts 5 captured, 2 dropped " +
				"and 1 left",
		},
		"a drop left out of the counters": {
			func(t *trace.Trace) { t.Captured[0].Dropped-- },
			"the trace has 2 frames that entered and 2 that were dropped; the source counts 5 captured, 1 dropped and 1 left",
		},
		"a drop called left": {
			func(t *trace.Trace) {
				t.Events = slices.Delete(t.Events, 1, 2)
				t.Captured[0].Dropped--
			},
			"the source counts 5 captured, 1 dropped and 1 left",
		},
		"a frame dropped twice": {
			func(t *trace.Trace) { t.Events[2].Number = 2 },
			"source a0: its frame 2 entered or was dropped twice",
		},
		"a frame that was never captured": {
			func(t *trace.Trace) { t.Events[3].Number = 6 },
			"source a0: a frame that entered or was dropped has a number beyond the 5 that were captured",
		},
		"an older frame after a newer one": {
			func(t *trace.Trace) { t.Events[0].Number, t.Events[3].Number = 4, 1 },
			"source a0: its frame 1 entered after its frame 4",
		},
		"a frame out of turn": {
			func(t *trace.Trace) { t.Events[3].Frame = 2 },
			"source a0: frame 2 entered where frame 1 was due",
		},
		"a firing without a frame": {
			func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 3, 4) },
			"source a0: 1 frames entered, and it fired 2 times",
		},
		"no counters": {
			func(t *trace.Trace) { t.Captured = nil },
			"source 0 may drop frames, and has no counters of them",
		},
		"a frame without a number": {
			func(t *trace.Trace) { t.Events[3].Number = 0 },
			"source a0: a frame that entered or was dropped has number 0; they count from 1",
		},
		"counters of no actor": {
			func(t *trace.Trace) { t.Captured[0].Actor = -1 },
			"source a0: its counters name no actor",
		},
		"a source that should capture none": {
			func(t *trace.Trace) {
				t.Events = append(t.Events, trace.Event{Kind: trace.Drop, Device: "srv", Name: "a1", Actor: 1, FIFO: -1, Number: 1})
			},
			"source a1 captured frames, and has no counters of them",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr, laws := captured()
			c.spoil(tr)
			err := trace.Check(tr, laws)
			require.ErrorIs(t, err, trace.ErrConservation)
			require.ErrorContains(t, err, c.words)
		})
	}
}
