package trace_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// interrupted is a run of two frames over a source and two sinks, of which the
// source fired twice for the first frame. Actor 7 belongs to them, 8 and 9 have no
// results.
func interrupted() (*trace.Trace, trace.Laws) {
	t := &trace.Trace{Plan: "p", Driver: "sim", Restarts: 1, Events: []trace.Event{
		firing("end", 0, 0, 0, 10), firing("end", 0, 0, 50, 60),
		firing("srv", 1, 0, 60, 61), firing("srv", 2, 0, 61, 62),
		firing("end", 0, 1, 60, 70),
		token(trace.Send, "end", 1, 70, 71, 90),
		firing("srv", 1, 1, 71, 72), firing("srv", 2, 1, 72, 73),
	}}
	return t, trace.Laws{Flows: [][]int{{0, 1, 2, 7}, {8, 9}}, Ends: []int{1, 2}, Rates: []int{1}}
}

func TestCheckInterrupted(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *trace.Trace)
		words string // "" if the law holds
	}{
		{"as it was", func(*trace.Trace) {}, ""},
		{"not interrupted", func(t *trace.Trace) { t.Restarts = 0 }, "a0 fired frame 0 where frame 1 was due"},
		{"a result twice", func(t *trace.Trace) { t.Events = append(t.Events, t.Events[7]) },
			"a2 fired frame 1 where frame 2 was due"},
		{"a result too early", func(t *trace.Trace) { t.Events[2].Frame = 1 }, "a1 fired frame 1 where frame 0 was due"},
		{"a result lost", func(t *trace.Trace) { t.Events = t.Events[:7] },
			"actor 2 fired 1 times, actor 1 of the same flow 2 times"},
		{"recorded", func(t *trace.Trace) {
			t.Events = nil // a deployment's may be lost
			t.Results = []trace.Result{{Frame: 0}, {Instance: "b", Frame: 0}, {Frame: 1}}
		}, ""},
		{"two sinks", func(t *trace.Trace) { t.Results = []trace.Result{{Frame: 0}, {Frame: 0}, {Frame: 1}, {Frame: 1}} },
			""},
		{"recorded twice", func(t *trace.Trace) { t.Results = []trace.Result{{Frame: 0}, {Frame: 1}, {Frame: 1}} },
			`instance "": 2 results of frame 1, expected 1`},
		{"not recorded", func(t *trace.Trace) { t.Results = []trace.Result{{Frame: 0}, {Frame: 2}, {Frame: 2}} },
			"0 results of frame 1, expected 1"},
		{"no such frame", func(t *trace.Trace) { t.Results = []trace.Result{{Frame: 9}} },
			"a result of frame 9, of 1 results"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, laws := interrupted()
			c.spoil(tr)
			err := trace.Check(tr, laws)
			if c.words == "" {
				require.NoError(t, err)
			}
			if c.words != "" {
				assert.False(t, !errors.Is(err, trace.ErrConservation) || !strings.Contains(err.Error(), c.words))
			}
		})
	}
}
