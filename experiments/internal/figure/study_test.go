package figure

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func levels(numbers ...float64) (all []Level) {
	for _, n := range numbers {
		all = append(all, Level{Text: brief(n), Number: n})
	}
	return all
}

// drawn writes a figure and returns its SVG, after a look at the PNG.
func drawn(t *testing.T, d interface {
	Write(base string) ([]string, error)
}) string {
	t.Helper()
	paths, err := d.Write(filepath.Join(t.TempDir(), "figure"))
	require.NoError(t, err)
	require.Len(t, paths, 2)
	b, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	_, err = png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	b, err = os.ReadFile(paths[1])
	require.NoError(t, err)
	return string(b)
}

func TestStudyLines(t *testing.T) {
	l := &Lines{Title: "cameras", Caption: "simulated", X: Axis{Label: "bandwidth (bytes/s)", Log: true},
		Y: Axis{Label: "latency (s)"}, Lines: []Line{
			{Name: "codec none", Points: []Point{{1e6, 2, 1, 3}, {1e7, 1, 0.5, 1.5}}},
			{Name: "codec int8", Points: []Point{{1e6, 1, 1, 1}, {1e7, math.NaN(), 0, 0}}},
			{Name: "nothing"},
		}}
	svg := drawn(t, l)
	for _, text := range []string{"codec none", "codec int8", "bandwidth (bytes/s)", "latency (s)", "simulated"} {
		assert.Contains(t, svg, text)
	}
	assert.NotContains(t, svg, "nothing")
	l.X = Axis{Label: "cut", Levels: []Level{{"a long name of a cut", math.NaN()}, {"b", math.NaN()}}}
	l.Lines = []Line{{Points: []Point{{0, 1, 1, 1}, {1, 2, 2, 2}}}}
	assert.Contains(t, drawn(t, l), "a long name of a cut")
	_, err := (&Lines{}).Write("unwritten")
	require.ErrorIs(t, err, ErrNothing)
}

func TestStudyMaps(t *testing.T) {
	m := &Map{Title: "heat", X: Axis{Label: "x", Levels: levels(1, 2, 3)}, Y: Axis{Label: "y", Levels: levels(10, 1e6)},
		Values: [][]float64{{1, 2, 3.25}, {1000, math.NaN(), 5}}, Label: "latency (s)"}
	svg := drawn(t, m)
	for _, text := range []string{"3.25", "1000", "latency (s):", "1M"} {
		assert.Contains(t, svg, ">"+text+"<")
	}
	m.Values = [][]float64{{7, 7, 7}, {7, 7, 7}}
	drawn(t, m)
	m.Values = nil
	m.Best, m.Names = [][]int{{2, 2, 0}, {-1, 0, 0}}, []string{"camera", "head", "tail"}
	svg = drawn(t, m)
	assert.Contains(t, svg, "a tail")
	assert.Contains(t, svg, "b camera")
	assert.NotContains(t, svg, "head", "it is the best nowhere")
	m.Best = [][]int{{-1, -1, -1}, {-1, -1, -1}}
	_, err := m.Write("unwritten")
	require.ErrorIs(t, err, ErrNothing)
	nothing := math.NaN()
	m.Best, m.Values = nil, [][]float64{{nothing, nothing, nothing}, {nothing, nothing, nothing}}
	_, err = m.Write("unwritten")
	require.ErrorIs(t, err, ErrNothing)
}

func TestStudyTornado(t *testing.T) {
	svg := drawn(t, &Tornado{Title: "what moves it", Label: "mean of latency (s)", Mean: 2, Bars: []Bar{
		{Factor: "cut", Low: 1, High: 5, LowLevel: "camera", HighLevel: "sink"},
		{Factor: "bandwidth", Low: 2.5, High: 2.75, LowLevel: "50M", HighLevel: "1M"},
	}})
	for _, text := range []string{"cut", "camera", "sink", "bandwidth", "50M", "mean of latency (s)"} {
		assert.Contains(t, svg, ">"+text+"<")
	}
	_, err := (&Tornado{}).Write("unwritten")
	require.ErrorIs(t, err, ErrNothing)
}

func TestManyLevelsHaveRoom(t *testing.T) {
	var many []float64
	for i := range 200 {
		many = append(many, float64(i+1))
	}
	m := &Map{Title: "many", X: Axis{Levels: levels(many...)}, Y: Axis{Levels: levels(1)}, Values: [][]float64{many}}
	drawn(t, m)
	p := newPanel("", "", "")
	m.X.nominal(&p.X, 40)
	named := 0
	for _, tick := range p.X.Tick.Marker.Ticks(0, 200) {
		if tick.Label != "" {
			named++
		}
	}
	assert.Equal(t, 40, named)
	seen := map[string]bool{}
	for k := range 60 {
		assert.False(t, seen[letter(k)])
		seen[letter(k)] = true
	}
}
