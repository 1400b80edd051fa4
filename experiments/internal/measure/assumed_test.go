package measure

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the simulator assumes stands in the sweep, its table, its CSV and its summary;
// what is measured assumes nothing.
func TestAssumed(t *testing.T) {
	r, _ := toy(t)
	const what = "FIFO a->b: every token has the 8 bytes of its bound"
	r.Sim.(*exptest.Driver).Spoil = func(p *plan.Plan, tr *trace.Trace) {
		if len(p.Platform.Devices) == 2 && !strings.Contains(p.Name, "all on endpoint") {
			tr.Assumed = []string{what}
		}
	}
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{what}, s.Assumed(), "assumed")
	var table, data bytes.Buffer
	err = result.WriteTable(&table, s)
	require.NoError(t, err, "%v; table\n", err)
	assert.Equal(t, 1, strings.Count(table.String(), what), "%v; table\n", err)
	require.NoError(t, result.WriteCSV(&data, s))
	records, err := csv.NewReader(&data).ReadAll()
	require.NoError(t, err)
	column := slices.Index(records[0], "sim_assumed")
	for i, row := range s.Rows {
		want := map[bool]string{true: "false", false: "true"}[row.Baseline == result.AllOnEndpoint]
		got := records[1+i][column]
		assert.Equal(t, want, got, "%s: %s, measured", row.Title(), got)
		if row.Measured != nil {
			assert.Nil(t, row.Measured.Assumed, "%s: %s, measured", row.Title(), got)
		}
	}
	sum, err := result.Summarise(s)
	require.NoError(t, err, "summary")
	assert.Equal(t, s.Assumed(), sum.Assumed, "summary")
}
