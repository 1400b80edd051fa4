package trace_test

import (
	"cmp"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/trace"
)

// checked adds the events of a trace one by one.
func checked(t *trace.Trace, laws trace.Laws) error {
	c := trace.NewChecker(laws)
	for i := range t.Events {
		e := t.Events[i] // the checker may not keep it
		c.Add(&e)
		e = trace.Event{}
	}
	return c.End(t)
}

// What is checked event by event has the violations of the whole trace.
func TestCheckerIsCheck(t *testing.T) {
	for name, spoil := range map[string]func(t *trace.Trace){
		"good": func(*trace.Trace) {}, "a frame twice": func(t *trace.Trace) { t.Events[2].Frame = 0 },
		"a frame lost":  func(t *trace.Trace) { t.Events = t.Events[:8] },
		"bytes changed": func(t *trace.Trace) { t.Events[3].Bytes = 99 },
		"not received":  func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 7, 8) },
		"twice":         func(t *trace.Trace) { t.Events = append(t.Events, t.Events[7]) },
		"overlap":       func(t *trace.Trace) { t.Events[2].Start = 9 },
		"merged":        func(t *trace.Trace) { slices.Reverse(t.Events[3:5]) },
		"other unit":    func(t *trace.Trace) { t.Events[0].Unit = "gpu" },
	} {
		tr, laws := good()
		spoil(tr)
		want, got := trace.Check(tr, laws), checked(tr, laws)
		if want == nil {
			require.NoError(t, got, name)
			continue
		}
		require.EqualError(t, got, want.Error(), name)
	}
	tr, laws := good()
	slices.SortStableFunc(tr.Events, func(a, b trace.Event) int { return cmp.Compare(b.Start, a.Start) })
	require.ErrorContains(t, checked(tr, laws), "a firing that starts at 0 ns comes after one that starts at 10 ns")
}

// A checker holds what is under way, however many events have come.
func TestCheckerIsFlat(t *testing.T) {
	_, laws := good()
	c := trace.NewChecker(laws)
	add := func(n int64) {
		at := 100 * n
		for _, e := range []trace.Event{
			firing("end", 0, n, at, at+10), token(trace.Send, "end", n, at+10, at+14, 100),
			token(trace.Recv, "srv", n, at+15, at+15, 100), firing("srv", 1, n, at+15, at+18),
		} {
			c.Add(&e)
		}
	}
	add(0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for n := range int64(50_000) {
		add(n + 1)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.NoError(t, c.End(&trace.Trace{}))
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(200<<10))
}
