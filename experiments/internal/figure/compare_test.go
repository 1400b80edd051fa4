package figure_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
)

func TestForest(t *testing.T) {
	f := &figure.Forest{
		Title: "B against A", Caption: "Ratios.", Rows: []string{"PP1", "PP2", "geomean"}, Series: []string{"B", "C"},
		Panels: []figure.ForestPanel{{Name: "latency", Points: []figure.ForestPoint{
			{Row: 0, Series: 0, Ratio: 1.2, Low: 1.1, High: 1.3, Changed: true, Settled: true},
			{Row: 0, Series: 1, Ratio: 1, Low: 1, High: 1, Settled: true},
			{Row: 1, Series: 0, Ratio: 0.9, Low: 1e-9, High: 1e9},
			{Row: 1, Series: 1},
			{Row: 2, Series: 0, Ratio: 1.04, Low: 1.04, High: 1.04, Settled: true},
		}}, {Name: "of none"}},
	}
	base := filepath.Join(t.TempDir(), "compare")
	paths, err := figure.WriteForest(base, f)
	require.NoError(t, err)
	assert.Equal(t, []string{base + ".png", base + ".svg"}, paths)
	svg := readFile(t, base+".svg")
	for _, text := range []string{"latency, ratio to A", "PP1", "geomean", "B, changed", "C, no change to be seen",
		"not settled", "Ratios."} {
		assert.Contains(t, svg, ">"+text+"<")
	}
	assert.Contains(t, svg, "<title>PP1\nB, latency: 1.2 (1.1 to 1.3) of A</title>")
	assert.NotContains(t, svg, "of none")
	f.Panels = f.Panels[1:]
	_, err = figure.WriteForest(base, f)
	require.ErrorIs(t, err, figure.ErrNothing)
}
