package result

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// predicted is a row whose endpoint time is measured as 1 s, and its latency as 2 s, and
// predicted with the given errors.
func predicted(label string, stored, fresh, corrected float64) Row {
	return Row{
		Case:     Case{Experiment: "x", Endpoint: "slow", Link: "wired", Label: label},
		Measured: outcome(1, 2),
		Stored:   outcome(1+stored, 2), Fresh: outcome(1+fresh, 2), Corrected: outcome(1+corrected, 2),
	}
}

func TestErrorsNameQuantityAndPrediction(t *testing.T) {
	rows := []Row{predicted("a", 0.3, 0.001, 0.02), predicted("b", -0.1, 0.002, 0.03), predicted("c", 0.2, 0.2, 0.04)}
	s := &Sweep{Rows: rows}
	errs := Errors(s.All(), (*Row).name)
	require.Len(t, errs, 9)

	stored := Find(errs, EndpointTime, Stored)
	near(t, "stored median", stored.Median, 0.2)
	near(t, "stored 95th percentile", stored.P95, 0.3)
	near(t, "stored worst", stored.Max, 0.3)
	assert.Equal(t, "a (slow, wired)", stored.Worst)
	assert.Equal(t, 3, stored.Rows)

	fresh := Find(errs, EndpointTime, Fresh)
	near(t, "fresh median", fresh.Median, 0.002)
	assert.Equal(t, "c (slow, wired)", fresh.Worst)
	assert.Equal(t, 2, fresh.Noise)
	near(t, "corrected median", Find(errs, EndpointTime, Corrected).Median, 0.03)

	// Which is best is said over all rows, not by row: fresh is worst of all at c.
	best, ok := Best(errs, EndpointTime)
	assert.True(t, ok)
	assert.Equal(t, Fresh, best)
	near(t, "latency", Find(errs, Latency, Stored).Max, 0)
	lines := strings.Join(ErrorLines(errs), "\n")
	assert.Contains(
		t, lines, "endpoint time, stored: median 20.0 %, 95th percentile 30.0 %, worst 30.0 % (a (slow, wired))",
	)
	assert.Contains(t, lines, "smallest median over all rows: endpoint time fresh, latency stored, throughput stored")
}

// A row whose interval is wide is counted and leaves the headline, in that quantity only.
func TestErrorsLeaveOutWhatIsNotSettled(t *testing.T) {
	wide := predicted("wide", 5, 5, 5)
	wide.Measured.EndpointTime = statOf(0.921, 0.4)
	s := &Sweep{Rows: []Row{predicted("a", 0.1, 0.1, 0.1), wide}}
	errs := Errors(s.All(), (*Row).name)
	e := Find(errs, EndpointTime, Stored)
	near(t, "worst", e.Max, 0.1)
	assert.Equal(t, 1, e.Rows)
	assert.Equal(t, 1, e.NotSettled)
	assert.Contains(t, e.String(), "1 rows not settled")
	assert.Zero(t, Find(errs, Latency, Stored).NotSettled)

	few := predicted("few", 0.1, 0.1, 0.1)
	few.Measured.Throughput.N = 5
	assert.False(t, few.Settled(Throughput), "of five frames no throughput is settled")
	assert.True(t, few.Settled(EndpointTime))
}

func TestErrorsOfNothing(t *testing.T) {
	errs := Errors(nil, (*Row).name)
	_, ok := Best(errs, Latency)
	assert.False(t, ok)
	assert.Equal(t, []string{"not measured"}, ErrorLines(errs))
	assert.Nil(t, Find(nil, Latency, Fresh).Median)
}

func TestReproduction(t *testing.T) {
	other := sweep()
	other.Experiment = "y"
	for i := range other.Rows {
		other.Rows[i].Experiment = "y"
	}
	r, err := Reproduce([]*Sweep{sweep(), other})
	require.NoError(t, err)
	r.Machine, r.Date, r.Revision = "box", "2025-06-01", "0e76bad"
	path := filepath.Join(t.TempDir(), "results", "reproduce.json")
	require.NoError(t, r.Write(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var got struct {
		Revision    string
		Errors      []map[string]any
		Best        map[string]string `json:"best_prediction"`
		Experiments map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(b, &got))
	assert.Equal(t, "0e76bad", got.Revision)
	require.Len(t, got.Errors, 9)
	for _, key := range []string{"quantity", "prediction", "median", "p95", "max", "worst", "rows", "rows_not_settled",
		"rows_within_noise"} {
		assert.Contains(t, got.Errors[0], key)
	}
	assert.Equal(t, "x: PP2 (slow, wired)", got.Errors[0]["worst"])
	assert.Equal(t, map[string]string{"endpoint time": "stored", "latency": "stored", "throughput": "stored"}, got.Best)
	for _, key := range []string{
		"errors", "speedup_measured", "speedup_simulated", "best_cut_measured", "best_cut_simulated", "best_cut_regret",
		"groups",
	} {
		assert.NotNil(t, got.Experiments["x"][key], key)
	}
	assert.Contains(t, string(b), `"speedup_measured": null`, "a speed-up that was not measured must be null")

	_, err = Reproduce([]*Sweep{{Experiment: "z"}})
	assert.ErrorIs(t, err, ErrEmpty)
}
