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
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Assumed(); !slices.Equal(got, []string{what}) {
		t.Errorf("assumed %q", got)
	}
	var table, data bytes.Buffer
	if err := result.WriteTable(&table, s); err != nil || strings.Count(table.String(), what) != 1 {
		t.Errorf("%v; table\n%s", err, table.String())
	}
	if err := result.WriteCSV(&data, s); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&data).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(records[0], "sim_assumed")
	for i, row := range s.Rows {
		want := map[bool]string{true: "false", false: "true"}[row.Baseline == result.AllOnEndpoint]
		if got := records[1+i][column]; got != want || row.Measured != nil && row.Measured.Assumed != nil {
			t.Errorf("%s: %s, measured %v", row.Title(), got, row.Measured)
		}
	}
	if sum, err := result.Summarise(s); err != nil || !slices.Equal(sum.Assumed, s.Assumed()) {
		t.Errorf("summary: %v, %v", sum.Assumed, err)
	}
}
