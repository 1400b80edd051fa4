package figure_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/figure"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func someFront() *figure.Front {
	limit := 0.11
	f := &figure.Front{
		Title: "x: latency and energy", Caption: "Simulated.", LimitX: &limit,
		X: figure.Scaled{Name: "latency", Unit: "ms", By: 1e3}, Y: figure.Scaled{Name: "energy of cam", Unit: "J", By: 1},
		Points: []figure.FrontPoint{
			{Name: "all on endpoint", X: 0.9, Y: 4, Baseline: true, Broken: true}, {Name: "a", X: 0.1, Y: 0.8, Front: true},
			{Name: "b", X: 0.09, Y: 1.2, Front: true, Chosen: true}, {Name: "c", X: 0.105, Y: 1.5},
			{Name: "d", X: 0.2, Y: 3, Broken: true}, {Name: "not known", X: math.NaN(), Y: 1},
		},
	}
	return f
}

func TestFront(t *testing.T) {
	f := someFront()
	base := filepath.Join(t.TempDir(), "front")
	paths, err := figure.WriteFront(base, f)
	require.NoError(t, err)
	assert.Equal(t, []string{base + ".png", base + ".svg"}, paths)
	svg := readFile(t, base+".svg")
	for _, text := range []string{"latency (ms)", "energy of cam (J)", "chosen", "baseline", "on the front",
		"breaks a limit", "other", "limit", "Simulated."} {
		assert.Contains(t, svg, ">"+text+"<")
	}
	assert.Contains(t, svg, "<title>b\nlatency: 90 ms\nenergy of cam: 1.2 J\nchosen</title>")
	far := 5.0
	f.LimitX = &far
	_, err = figure.WriteFront(base, f)
	require.NoError(t, err)
	assert.NotContains(t, readFile(t, base+".svg"), ">limit<", "it lies beyond the axis")
	f.Points, f.LimitX = f.Points[5:], nil
	_, err = figure.WriteFront(base, f)
	require.ErrorIs(t, err, figure.ErrNothing)
}

func TestStacks(t *testing.T) {
	s := &figure.Stacks{
		Title: "x: where a frame's time goes", Axis: figure.Scaled{Name: "latency", Unit: "ms", By: 1e3},
		Parts: []string{"slow computes", "on links", "server computes"},
		Columns: []figure.Stack{
			{Name: "detector/dw4 int8", Parts: []float64{0.05, 0.01, 0.02}, Whole: 0.085},
			{Name: "all on endpoint", Parts: []float64{0.9, 0, 0}, Whole: 0.9},
			{Name: "AVeryLongNameWithoutAnyBlank", Parts: []float64{math.NaN()}},
			{Name: "größereüberwachung", Parts: []float64{0.1}},
		},
	}
	base := filepath.Join(t.TempDir(), "stacks")
	_, err := figure.WriteStacks(base, s)
	require.NoError(t, err)
	svg := readFile(t, base+".svg")
	for _, text := range []string{"latency (ms)", "slow computes", "on links", "server computes", "detector/dw4",
		"AVeryLongNameWi", "größereüberwach", "ung"} {
		assert.Contains(t, svg, ">"+text+"<")
	}
	assert.Contains(t, svg, "<title>detector/dw4 int8\non links: 10 ms</title>")
	assert.Contains(t, svg, "<title>detector/dw4 int8\nlatency: 85 ms</title>")
	s.Columns = s.Columns[2:3]
	_, err = figure.WriteStacks(base, s)
	require.ErrorIs(t, err, figure.ErrNothing)
}
