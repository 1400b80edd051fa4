package trace_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/trace"
)

// counted is good with the counters of its units.
func counted() (*trace.Trace, trace.Laws) {
	t, laws := good()
	t.Counted = []trace.Counted{
		{Device: "end", Unit: "cpu", Firings: 2, BusyNs: 20}, {Device: "srv", Unit: "cpu", Firings: 2, BusyNs: 8},
	}
	return t, laws
}

func TestCheckAcceptsWhatUnitsCounted(t *testing.T) {
	tr, laws := counted()
	tr.Counted = append(tr.Counted, trace.Counted{Device: "end", Unit: "gpu"}) // it never fired
	require.NoError(t, trace.Check(tr, laws))
}

func TestCheckComparesWithWhatUnitsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*trace.Trace)
		words string
	}{
		"a record lost": {
			// The last frame's records are lost at both ends: nothing else in the trace tells.
			func(t *trace.Trace) {
				t.Events = slices.DeleteFunc(t.Events, func(e trace.Event) bool { return e.Frame == 1 })
			},
			"unit cpu of device end: the trace has 1 firings of 10 ns in all, the unit's own counters 2 of 20 ns",
		},
		"a time altered": {
			func(t *trace.Trace) { t.Events[8].End-- },
			"unit cpu of device srv: the trace has 2 firings of 7 ns in all, the unit's own counters 2 of 8 ns",
		},
		"no firing of a unit that counted": {
			func(t *trace.Trace) {
				t.Counted = append(t.Counted, trace.Counted{Device: "srv", Unit: "gpu", Firings: 1})
			},
			"unit gpu of device srv: the trace has 0 firings",
		},
		"no counters of a unit that fired": {
			func(t *trace.Trace) { t.Counted = t.Counted[:1] },
			"unit cpu of device srv fired, and has no counters",
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr, laws := counted()
			c.spoil(tr)
			err := trace.Check(tr, laws)
			require.ErrorIs(t, err, trace.ErrConservation)
			require.ErrorContains(t, err, c.words)
		})
	}
}
