package table_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/listing"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/table"
)

var (
	factors = []*factor.Factor{
		{Name: "cut", Levels: []factor.Level{{Text: "camera", Number: math.NaN()}}},
		{Name: "bandwidth", Levels: []factor.Level{{Text: "1MB/s", Number: 1e6}}},
	}
	point = []factor.Level{{Text: "camera", Number: math.NaN()}, {Text: "1MB/s", Number: 1e6}}
	rows  = []runner.Row{
		{Case: "0123456789abcdef", Levels: []string{"camera", "1MB/s"}, Runs: 1, Values: [][]float64{{0.5, 0.25, 0.75}, {2}}},
		{Case: "fedcba9876543210", Levels: []string{"camera", "1MB/s"}, Failed: "it did, \"so\""},
		{Case: "aaaaaaaaaaaaaaaa", Levels: []string{"camera", "1MB/s"}, Runs: 7, Settled: true},
	}
)

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, table.WriteCSV(&b, []string{"cut", "bandwidth"}, rows))
	lines := bytes.Split(b.Bytes(), []byte("\n"))
	assert.Equal(t, "case,cut,bandwidth,simulations,settled,endpoint_time_s,endpoint_time_s_low,endpoint_time_s_high,"+
		"latency_p50_s,latency_p50_s_low,latency_p50_s_high,latency_p95_s,latency_p95_s_low,latency_p95_s_high,"+
		"latency_p99_s,latency_p99_s_low,latency_p99_s_high,latency_mean_s,latency_mean_s_low,latency_mean_s_high,"+
		"latency_max_s,latency_max_s_low,latency_max_s_high,throughput_per_s,throughput_per_s_low,throughput_per_s_high,"+
		"bytes,bytes_low,bytes_high,energy_j,energy_j_low,energy_j_high,endpoint_energy_j,endpoint_energy_j_low,"+
		"endpoint_energy_j_high,dropped,dropped_low,dropped_high,late,late_low,late_high,availability,availability_low,"+
		"availability_high,recovery_time_s,recovery_time_s_low,recovery_time_s_high,"+
		"unit_utilisation,unit_utilisation_low,unit_utilisation_high,link_utilisation,link_utilisation_low,"+
		"link_utilisation_high,medium_utilisation,medium_utilisation_low,medium_utilisation_high,"+
		"queue_mean,queue_mean_low,queue_mean_high,queue_max,queue_max_low,queue_max_high,"+
		"failed", string(lines[0]))
	assert.Equal(t, "0123456789ab,camera,1MB/s,1,,0.5,0.25,0.75,2"+strings.Repeat(",", 54), string(lines[1]))
	assert.Equal(t, "fedcba987654,camera,1MB/s,0"+strings.Repeat(",", 59)+`"it did, ""so"""`, string(lines[2]))
	assert.Equal(t, "aaaaaaaaaaaa,camera,1MB/s,7,true"+strings.Repeat(",", 58), string(lines[3]))
}

func TestParquet(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, table.WriteParquet(&b, factors, [][]factor.Level{point, point, point}, rows))
	type line struct {
		Case      string   `parquet:"case"`
		Cut       *string  `parquet:"cut,optional"`
		Bandwidth *float64 `parquet:"bandwidth,optional"`
		Runs      int32    `parquet:"simulations"`
		Settled   *bool    `parquet:"settled,optional"`
		Endpoint  *float64 `parquet:"endpoint_time_s,optional"`
		Low       *float64 `parquet:"endpoint_time_s_low,optional"`
		P50       *float64 `parquet:"latency_p50_s,optional"`
		P50Low    *float64 `parquet:"latency_p50_s_low,optional"`
		Failed    *string  `parquet:"failed,optional"`
	}
	got, err := parquet.Read[line](bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	cut, mbps, half, quarter, two, why, yes := "camera", 1e6, 0.5, 0.25, 2.0, `it did, "so"`, true
	assert.Equal(t, []line{
		{Case: "0123456789abcdef", Cut: &cut, Bandwidth: &mbps, Runs: 1, Endpoint: &half, Low: &quarter, P50: &two},
		{Case: "fedcba9876543210", Cut: &cut, Bandwidth: &mbps, Failed: &why},
		{Case: "aaaaaaaaaaaaaaaa", Cut: &cut, Bandwidth: &mbps, Runs: 7, Settled: &yes},
	}, got)
}

// A page lists the factors by their levels, and the metrics that a case has with their intervals.
func TestListing(t *testing.T) {
	half, other := 0.5, []factor.Level{point[0], {Text: "123456.7", Number: 123456.7}}
	varied := []*factor.Factor{factors[0], {Name: "bandwidth", Unit: "bytes/s", Levels: factors[1].Levels}}
	got := table.Listing(varied, [][]factor.Level{point, other, point}, rows)
	names := []string{}
	for _, c := range got.Columns {
		names = append(names, c.Name)
	}
	assert.Equal(t, []string{"cut", "bandwidth", "endpoint time", "latency p50", "simulations", "settled",
		"failed"}, names)
	assert.Equal(t, listing.Column{Name: "endpoint time", Unit: "s", Numeric: true,
		About: "time per frame that the endpoint is occupied, median"}, got.Columns[2])
	assert.True(t, got.Columns[1].Numeric)
	assert.Equal(t, []listing.Cell{{Text: "camera"}, listing.Number("1MB/s", 1e6),
		{Text: "0.5 (0.25 to 0.75)", Value: &half}, listing.Number("2", 2), {}, {}, {}}, got.Rows[0].Cells)
	assert.Equal(t, listing.Number("123.5 kB/s", 123456.7), got.Rows[1].Cells[1])
	assert.Equal(t, `it did, "so"`, got.Rows[1].Cells[6].Text)
	assert.Equal(t, []listing.Cell{listing.Number("7", 7), {Text: "yes"}}, got.Rows[2].Cells[4:6])
	assert.False(t, got.Rows[0].Measured)
}
