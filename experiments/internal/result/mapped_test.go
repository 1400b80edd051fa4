package result

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/golden"
)

// mappedSweep has two groups and a baseline. Of the first group one case is off by a
// tenth, one is within noise and one is not measured; of the second one failed.
func mappedSweep() *Sweep {
	row := func(group, label string, b Baseline, sim, measured float64) Row {
		r := Row{Case: Case{Experiment: "x", Endpoint: "camera", Group: group, Label: label, Baseline: b, Codec: "none",
			PP: -1, Slowdown: 4}}
		r.Stored = outcome(sim, 2*sim)
		if measured > 0 {
			r.Measured = outcome(measured, 2.5*measured)
			r.Measured.Throughput = rate(r.Measured.Throughput.Value, 0.01)
		}
		return r
	}
	s := &Sweep{Kind: OfMappings, Experiment: "x", Machine: "box", Date: "2025-06-01", Emulated: true,
		Gateways: []Slowed{{"gateway", 2}}, Rows: []Row{
			row("", "all on endpoint", AllOnEndpoint, 1, 1),
			row("rows", "early", "", 0.22, 0.2), row("rows", "late", "", 0.4, 0.401), row("rows", "later", "", 0.5, 0),
			row("branches", "apart", "", 0.3, 0),
		}}
	s.Rows[1].Equal, s.Rows[4].Failed = "bit-equal", "agent gateway died"
	return s
}

func TestGroupErrors(t *testing.T) {
	errs := GroupErrors(mappedSweep())
	require.Len(t, errs, 3*9, "nine for each of two groups and the baselines")
	of := func(group string, q Quantity, p Prediction) ErrorSummary {
		for _, e := range errs {
			if e.Group == group && e.Quantity == q && e.Prediction == p {
				return e
			}
		}
		t.Fatalf("no errors of %s", group)
		return ErrorSummary{}
	}
	rows := of("rows", EndpointTime, Stored)
	near(t, "median", rows.Median, (0.1+0.001/0.401)/2)
	near(t, "worst", rows.Max, 0.1)
	assert.Equal(t, "early", rows.Worst)
	assert.Equal(t, 2, rows.Rows)
	assert.Equal(t, 1, rows.Noise)
	near(t, "latency", of("rows", Latency, Stored).Max, 1-0.8/(2.5*0.401))
	assert.Zero(t, of("rows", EndpointTime, Fresh).Rows, "not predicted")
	assert.Equal(t, "endpoint time, stored: not measured", of("branches", EndpointTime, Stored).String())
	assert.Equal(t, 1, of(Baselines, Throughput, Stored).Rows)
	lines := GroupErrorLines(errs)
	require.Len(t, lines, 3)
	assert.Contains(
		t, lines[0], "rows: endpoint time, stored: median 5.1 %, 95th percentile 10.0 %, worst 10.0 % (early); "+
			"1 of 2 rows within noise; latency, stored: median")
	assert.Nil(t, GroupErrors(sweep()), "a sweep of cuts has no groups")
}

func TestSummaryOfMappings(t *testing.T) {
	sum, err := Summarise(mappedSweep())
	require.NoError(t, err)
	b, err := json.Marshal(sum)
	require.NoError(t, err)
	require.Len(t, sum.GroupErrors, 27)
	assert.Contains(t, string(b), `"group_errors":[{"group":"rows","quantity":"endpoint time"`)
	assert.Equal(t, "early", sum.BestCutMeasured, "summary")
	assert.Equal(t, 1, sum.RowsFailed, "summary")
}

func TestMappedTableGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, mappedSweep()))
	golden.Check(t, filepath.Join("testdata", "mapped.txt"), b.String())
}

func TestMappedCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteCSV(&b, mappedSweep()))
	recs, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	at := slices.Index(recs[0], "group")
	for row, want := range map[int][]string{
		1: {"", "0.01", "-0.2", "false", "0.25", "false", "false"},
		2: {"rows", "0.01", "-0.12", "false", "0.136363636", "false", "false"},
		5: {"branches", "", "", "", "", "", "false"},
	} {
		assert.Equal(t, want, recs[row][at:at+len(want)], "row %d", row)
	}
}

func TestErrorWithinNoise(t *testing.T) {
	r := Row{Stored: outcome(1, 1), Measured: outcome(1.05, 1.005)}
	r.Measured.Throughput = rate(1.1, 0.2)
	for q, want := range map[Quantity]bool{EndpointTime: false, Latency: true, Throughput: true} {
		_, noise, ok := r.ErrorOf(q, Stored)
		require.True(t, ok, "%s: within noise", q)
		assert.Equal(t, want, noise, "%s: within noise", q)
	}
	r.Measured = nil
	_, _, ok := r.ErrorOf(Latency, Stored)
	assert.False(t, ok, "an error without a measurement")
}
