package figure

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestModelCuts(t *testing.T) {
	m := Model{Name: "net", Nodes: 4, MACs: 100, Cuts: []ModelCut{
		{Name: "x", Point: 0, Tensors: 1, Bytes: 4000, Depth: 0},
		{Name: "a", Point: -1, Tensors: 1, Bytes: 9000, Depth: 1, HeadMACs: 40, BreaksFusion: true},
		{Name: "b+1", Point: -1, Tensors: 2, Bytes: 5000, Depth: 2, HeadMACs: 40},
		{Name: "b", Point: 1, Tensors: 1, Bytes: 3000, Depth: 2, HeadMACs: 40},
		{Name: "open", Point: -1, Tensors: 1, Bytes: -1, Depth: 3, HeadMACs: -1},
		{Name: "y", Point: 2, Tensors: 1, Bytes: 40, Depth: 4, HeadMACs: 100},
	}}
	base := filepath.Join(t.TempDir(), "sub", "cuts")
	paths, err := ModelCuts(base, m, result.WriteFile)
	require.NoError(t, err)
	require.Len(t, paths, 2)
	svg, err := os.ReadFile(base + ".svg")
	require.NoError(t, err)
	for _, text := range []string{
		"net: 5 cuts", "parts a fusion", "partition point", "fewest bytes at a depth", "bytes sent", "work before (%)",
		"1 cuts that send nothing",
	} {
		assert.Contains(t, string(svg), text, "the figure doesn't say")
	}
	line := leastLine(m.Cuts)
	require.Len(t, line, 5, "the cheapest cuts")
	assert.Equal(t, 3000.0, line[2].Y, "the cheapest cuts")
	m.MACs = -1
	_, err = ModelCuts(base, m, result.WriteFile)
	assert.NoError(t, err, "without work")
	m.Cuts = m.Cuts[4:5]
	_, err = ModelCuts(base, m, result.WriteFile)
	assert.ErrorIs(t, err, ErrNothing, "without sizes: %v, want ErrNothing", err)
}
