package cli

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The timeline finds the traces of the last group of mappings whatever its name, and
// no other's.
func TestTimelineOfMappings(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run [1]")
	row := func(group, label string) result.Row {
		return result.Row{Case: result.Case{Endpoint: "camera", Group: group, Label: label, Codec: "none"}}
	}
	s := &result.Sweep{Kind: result.OfMappings, Experiment: "e", Rows: []result.Row{
		{Case: result.Case{Endpoint: "camera", Baseline: result.AllOnEndpoint, Label: "all on endpoint", Codec: "none"}},
		row("rows", "a | b"), row("by branch, [ab]*", "b | c"), row("by branch, [ab]*", "c"),
	}}
	frames := int64(5)
	keep := func(c result.Case) {
		var b bytes.Buffer
		tr := trace.Trace{Plan: c.Label, Driver: "sim"}
		for frame := range frames {
			tr.Events = append(tr.Events, trace.Event{
				Kind: trace.Firing, Device: "camera", Unit: "cpu", Name: "net", FIFO: -1, Frame: frame, Start: 2000 * frame,
				End: 2000*frame + 1000,
			})
		}
		require.NoError(t, trace.Write(&b, &tr))
		write(t, filepath.Join(out, "traces", "sim", measure.TraceFile(c, plan.SingleStream)), b.String())
	}
	keep(s.Rows[0].Case)
	keep(s.Rows[1].Case)
	paths, err := drawSweepTimeline(out, s)
	assert.Nil(t, paths, "without a trace of the group")
	assert.NoError(t, err, "without a trace of the group")
	keep(s.Rows[3].Case)
	paths, err = drawSweepTimeline(out, s)
	require.Len(t, paths, 2, "got %v, %v; want two files", paths, err)
	assert.NoError(t, err, "got %v, %v; want two files", paths, err)
	frames = 0
	keep(s.Rows[3].Case)
	paths, err = drawSweepTimeline(out, s)
	assert.Empty(t, paths, "the trace has no frame")
	assert.NoError(t, err, "the trace has no frame")
	paths, err = drawSweepTimeline(out, &result.Sweep{Experiment: "e"})
	assert.Nil(t, paths, "no mappings, all endpoints at once")
	assert.NoError(t, err, "no mappings, all endpoints at once")
}
