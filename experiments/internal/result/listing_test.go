package result

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/listing"
)

// cell is that of a column in a row.
func cell(t *testing.T, table *listing.Table, row int, column string) listing.Cell {
	t.Helper()
	i := slices.IndexFunc(table.Columns, func(c listing.Column) bool { return c.Name == column })
	require.GreaterOrEqual(t, i, 0, "no column %s in %v", column, table.Columns)
	return table.Rows[row].Cells[i]
}

func names(table *listing.Table) (all []string) {
	for _, c := range table.Columns {
		all = append(all, c.Name)
	}
	return all
}

// A sweep's table has the rows of all groups with values to sort them by; what nobody has is left
// out.
func TestTables(t *testing.T) {
	s := sweep()
	s.Rows[3].Quality = map[string]float64{"MOTA": 0.9}
	s.Rows[4].Failed = "no agent"
	s.TwoEndpoints = s.Rows[:1]
	all := s.Tables()
	require.Len(t, all, 2)
	assert.Equal(t, "Endpoints at once on one server", all[1].Name)
	assert.Len(t, all[1].Rows, 1)
	table := &all[0]
	assert.Equal(t, []string{"cut or baseline", "endpoint", "link", "bytes", "endpoint time, stored prediction",
		"endpoint time, measured", "endpoint time, error of stored", "endpoint time, notes", "latency, stored prediction",
		"latency, measured", "latency, error of stored", "latency, notes", "throughput, stored prediction",
		"throughput, measured", "throughput, error of stored", "MOTA", "failed"}, names(table))
	assert.Equal(t, listing.Column{Name: "endpoint time, measured", Unit: "ms", Numeric: true,
		About: "± is half the 95 % interval."}, table.Columns[5])
	require.Len(t, table.Rows, 7)
	assert.Equal(t, listing.Number("190 ± 1.90", 190), cell(t, table, 3, "endpoint time, measured"))
	assert.Equal(t, listing.Number("220", 220), cell(t, table, 3, "endpoint time, stored prediction"))
	assert.InDelta(t, 100*0.03/0.19, *cell(t, table, 3, "endpoint time, error of stored").Value, 1e-9)
	assert.Equal(t, listing.Number("0.900", 0.9), cell(t, table, 3, "MOTA"))
	assert.Equal(t, listing.Cell{Text: "-"}, cell(t, table, 2, "MOTA"))
	assert.Equal(t, listing.Cell{Text: "failed"}, cell(t, table, 4, "endpoint time, measured"))
	assert.Equal(t, "no agent", cell(t, table, 4, "failed").Text)
	assert.Equal(t, "within noise", cell(t, table, 0, "endpoint time, notes").Text)
	assert.True(t, table.Rows[0].Measured)
	assert.False(t, table.Rows[4].Measured)
	assert.NotContains(t, s.About(), "~", "marks stand there as words")
	assert.Contains(t, s.About(), "95 % interval")
}

// The table of a swept parameter has the medians of its modes.
func TestTablesOfParameter(t *testing.T) {
	s := sweep()
	s.Kind, s.Swept = OfParameter, &Swept{Param: "gate.every"}
	s.Rows[2].Measured.Modes = []Mode{{ATR: 1, EndpointTime: statOf(0.3, 0.01)}, {ATR: 0, EndpointTime: statOf(0.1, 0.01)}}
	table := &s.Tables()[0]
	assert.Equal(t, "gate.every or baseline", table.Columns[0].Name)
	assert.Equal(t, listing.Number("300", 300), cell(t, table, 2, "endpoint time where it ran, measured"))
	assert.Equal(t, listing.Number("100", 100), cell(t, table, 2, "endpoint time where it was skipped, measured"))
	assert.Equal(t, listing.Cell{Text: "-"}, cell(t, table, 0, "endpoint time where it ran, measured"))
	assert.Equal(t, "100 %", cell(t, table, 0, "on").Text)
}

// The tables of a plan's runs have all instances, and what simulations made of devices and links.
func TestTablesOfPlan(t *testing.T) {
	longest := 3
	runs := &PlanRuns{Runs: []PlanRun{
		{Driver: "sim", Instance: "a", Outcome: *outcome(0.11, 0.4), Origin: Origin{Profile: "box"}, Resources: &Resources{
			Units:  []UnitUse{{Device: "d", Unit: "cpu", Utilisation: 0.5, Firings: 7, Lanes: 1}},
			Queues: []Queue{{FIFO: "f", Max: &longest}},
		}},
		{Driver: "local", Instance: "a", Outcome: *outcome(0.1, 0.4)},
	}}
	for range 30 {
		runs.Runs = append(runs.Runs, PlanRun{Driver: "local", Outcome: *outcome(0.1, 0.4)})
	}
	all := runs.Tables()
	require.Len(t, all, 3)
	assert.Len(t, all[0].Rows, 32)
	assert.Equal(t, []string{"run", "instance", "endpoint time", "latency", "latency, p99", "throughput",
		"bytes per frame", "frames", "firings of"}, names(&all[0]))
	assert.Equal(t, listing.Number("110 ± 1.10", 110), cell(t, &all[0], 0, "endpoint time"))
	assert.False(t, all[0].Rows[0].Measured)
	assert.True(t, all[0].Rows[1].Measured)
	assert.Equal(t, "Units, as simulated", all[1].Name)
	assert.Equal(t, []listing.Cell{{Text: "d.cpu"}, listing.Number("50.0 %", 50), listing.Number("7", 7),
		listing.Number("1", 1)}, all[1].Rows[0].Cells)
	assert.Equal(t, listing.Number("3", 3), cell(t, &all[2], 0, "longest queue"))
}

func TestConditions(t *testing.T) {
	s := sweep()
	assert.Contains(t, s.Conditions(), "Emulated:")
	s.Emulated = false
	assert.Empty(t, s.Conditions())
	s.Testbed = &Testbed{}
	assert.Contains(t, s.Conditions(), "Real:")
}
