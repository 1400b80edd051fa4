package result

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLeakageColumn(t *testing.T) {
	s := tableSweep()
	s.Rows[1].Leakage = &stat.Interval{Value: 0.71, Low: 0.63, High: 0.79, N: 60}
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, s))
	assert.Contains(t, b.String(), "leakage ±|")
	assert.Contains(t, b.String(), " 0.71 ± 0.08|")
	assert.Contains(t, b.String(), "\n  leakage: bias-corrected distance correlation of what crosses with the frames, "+
		"of 60 samples; it proves leakage, never safety\n")

	b.Reset()
	require.NoError(t, WriteCSV(&b, s))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	n := len(rows[0]) - 4
	assert.Equal(t, []string{"leakage", "leakage_low", "leakage_high", "leakage_samples"}, rows[0][n:])
	assert.Equal(t, []string{"", "", "", ""}, rows[1][n:])
	assert.Equal(t, []string{"0.71", "0.63", "0.79", "60"}, rows[2][n:])
}

func TestNoLeakageColumn(t *testing.T) {
	s := tableSweep()
	var b strings.Builder
	require.NoError(t, WriteTable(&b, s))
	require.NoError(t, WriteCSV(&b, s))
	assert.NotContains(t, b.String(), "leakage")
}
