package result

import (
	"bytes"
	"encoding/csv"
	"errors"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tableSweep is sweep with something in every column and every note.
func tableSweep() *Sweep {
	s := sweep()
	s.Rows[2].Codec, s.Rows[2].Quality = "fp16", map[string]float64{"MOTA": 0.875, "IDF1": 0.9}
	a := Part{Name: "head", Kind: Segment, OnEndpoint: true, Time: statOf(0.1, 0)}
	s.Rows[2].Measured.Parts = []Part{a}
	a.Time = statOf(0.16, 0)
	s.Rows[2].Stored.Parts = []Part{a}
	s.Rows[4].Failed = "agent server died"
	for i := range s.Rows {
		s.Rows[i].Slowdown = 4
	}
	two := s.Rows[2]
	two.Instances = 2
	s.TwoEndpoints = []Row{two}
	return s
}

func TestWriteTableGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, tableSweep()))
	golden.Check(t, filepath.Join("testdata", "table.txt"), b.String())
}

func TestWriteTableErrors(t *testing.T) {
	err := WriteTable(&bytes.Buffer{}, &Sweep{})
	assert.ErrorIs(t, err, ErrEmpty, "got %v, want ErrEmpty", err)
	err = WriteTable(full{}, tableSweep())
	assert.ErrorIs(t, err, errFull, "got %v, want the writer's error", err)
	err = WriteCSV(full{}, tableSweep())
	assert.ErrorIs(t, err, errFull, "got %v, want the writer's error", err)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestNothingMeasured(t *testing.T) {
	s := sweep()
	for i := range s.Rows {
		s.Rows[i].Measured = nil
	}
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, s))
	for _, want := range []string{"  not measured\n", "measured -\n", "- not obtained"} {
		assert.Contains(t, b.String(), want, "%q is missing in\n", want)
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteCSV(&b, tableSweep()))
	recs, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Len(t, recs, 9, "%d lines, want a header, 7 rows and 1 of two endpoints", len(recs))
	col := func(row int, name string) string {
		for i, h := range recs[0] {
			if h == name {
				return recs[row][i]
			}
		}
		t.Fatalf("no column %s", name)
		return ""
	}
	for _, c := range []struct {
		row        int
		name, want string
	}{
		{1, "baseline", "endpoint"}, {1, "endpoint_time_measured_s", "1"}, {1, "error", "0"}, {1, "within_noise", "true"},
		{3, "label", "PP1"}, {3, "error", "0.05"}, {3, "endpoint_time_measured_low_s", "0.198"}, {3, "latency_sim_s", "0.42"},
		{3, "latency_measured_s", "0.4"}, {3, "errors_cancel", "true"}, {3, "quality", "IDF1 0.900 MOTA 0.875"},
		{3, "throughput_measured_fps", "2.5"},
		{3, "throughput_sim_fps", number(1 / 0.42)}, {3, "boundary_bytes", "1000"}, {3, "frames_measured", "20"},
		{5, "endpoint_time_measured_s", ""}, {5, "throughput_measured_fps", ""}, {5, "error", ""}, {5, "quality", ""},
		{5, "failed", "agent server died"},
		{8, "instances", "2"}, {8, "emulated", "true"},
	} {
		assert.Equal(t, c.want, col(c.row, c.name), "row %d, %s", c.row, c.name)
	}
}

func TestMilliseconds(t *testing.T) {
	for s, want := range map[float64]string{
		0: "0.000", 0.0000123: "0.012", 0.00123: "1.23", 0.0123: "12.3", 0.123: "123", 1.2344: "1234", -0.0123: "-12.3",
	} {
		assert.Equal(t, want, milliseconds(s), "milliseconds(%v)", s)
	}
}
