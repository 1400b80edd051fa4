package figure

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
)

// spot is a mark of an SVG with its text.
type spot struct {
	Class string  `xml:"class,attr"`
	X     float64 `xml:"x,attr"`
	Y     float64 `xml:"y,attr"`
	Width float64 `xml:"width,attr"`
	Title string  `xml:"title"`
}

type drawnSVG struct {
	Title   string  `xml:"title"`
	Caption float64 `xml:"data-caption,attr"`
	About   string  `xml:"desc"`
	Spots   []spot  `xml:"g>rect"`
}

func read(t *testing.T, path string) drawnSVG {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var d drawnSVG
	require.NoError(t, xml.Unmarshal(b, &d))
	return d
}

func tips(d drawnSVG) (all []string) {
	for _, s := range d.Spots {
		all = append(all, s.Title)
	}
	return all
}

// An SVG tells its title, its caption, and the values of its marks where these are.
func TestHints(t *testing.T) {
	base := filepath.Join(t.TempDir(), "f")
	left, right := newPanel("", "", ""), newPanel("", "", "")
	for _, p := range []*plot.Plot{left, right} {
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 10, 0, 10
	}
	left.Add(hint{5, 0, []string{`a "<b>" & 'c'`, "1 ms"}}, hint{nan, 1, []string{"nowhere"}},
		hint{11, 1, []string{"outside"}},
		hint{0, 10, nil})
	right.Add(bar{4, 6, 5, simulatedBar, []string{"a bar"}})
	p := page{title: "<t>", caption: "of & all", width: 600, height: 300, panels: [][]*plot.Plot{{left, right}}}
	paths, err := p.write(base)
	require.NoError(t, err)
	assert.Equal(t, []string{base + ".png", base + ".svg"}, paths)
	d := read(t, paths[1])
	assert.Equal(t, "<t>", d.Title)
	assert.Equal(t, "of & all", d.About)
	assert.InDelta(t, 21, d.Caption, 4, "a line of text and the margin below it")
	assert.Equal(t, []string{"a \"<b>\" & 'c'\n1 ms", "a bar"}, tips(d))
	assert.Greater(t, d.Spots[0].Y, d.Spots[1].Y, "y grows downwards: the point lies at the foot of the bar")
	assert.Less(t, d.Spots[0].X, 300.0)
	assert.Greater(t, d.Spots[1].X, 300.0)
	assert.Greater(t, d.Spots[1].Width, 10.0)
}

// A figure with very many marks tells the first ones and says so.
func TestHintsBounded(t *testing.T) {
	p := newPanel("", "", "")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	for range mostTold + 5 {
		p.Add(hint{0.5, 0.5, []string{"a"}})
	}
	paths, err := (&page{width: 300, height: 300, panels: [][]*plot.Plot{{p}}}).write(filepath.Join(t.TempDir(), "f"))
	require.NoError(t, err)
	d := read(t, paths[1])
	assert.Len(t, d.Spots, mostTold)
	assert.Contains(t, d.About, "Of 4005 marks, the first 4000 tell their values.")
}

// Every kind of figure tells what its marks show: by name, with the interval, and how it was
// obtained.
func TestFiguresTell(t *testing.T) {
	dir := t.TempDir()
	s := ssd()
	paths, err := All(dir, s)
	require.NoError(t, err)
	for name, want := range map[string]string{
		"endpoint-time": "measured endpoint time: ", "latency-throughput": "simulated throughput: ",
		"two-endpoints": "measured latency: ", "speedup": "slow-down factor ", "quality": "measured endpoint time: ",
		"prediction-errors": "error of latency, stored: ", "part-errors": "of the whole",
	} {
		path := filepath.Join(dir, name+".svg")
		require.Contains(t, paths, path)
		all := strings.Join(tips(read(t, path)), "\n")
		assert.Contains(t, all, want, name)
	}
	at := read(t, filepath.Join(dir, "endpoint-time.svg"))
	r := &s.Rows[0]
	require.NotNil(t, r.Measured)
	v, lo, hi := endpointTime.of(r.Measured)
	assert.Contains(t, tips(at), r.FullLabel()+"\nmeasured endpoint time: "+between(v, lo, hi, "ms"))
	assert.Contains(t, between(v, lo, hi, "ms"), " to ")
}

func TestFrontAndStacksTell(t *testing.T) {
	dir := t.TempDir()
	time, bytes := Scaled{Name: "latency", Unit: "ms", By: 1e3}, Scaled{Name: "traffic", Unit: "kB", By: 1e-3}
	paths, err := WriteFront(filepath.Join(dir, "front"), &Front{X: time, Y: bytes, Points: []FrontPoint{
		{Name: "PP2", X: 0.012, Y: 4000, Chosen: true}, {Name: "none", X: nan}, {Name: "PP3", X: 0.02, Y: 1000},
	}})
	require.NoError(t, err)
	assert.Equal(t, []string{"PP2\nlatency: 12 ms\ntraffic: 4 kB\nchosen", "PP3\nlatency: 20 ms\ntraffic: 1 kB\nother"},
		tips(read(t, paths[1])))
	paths, err = WriteStacks(filepath.Join(dir, "stacks"), &Stacks{Axis: time, Parts: []string{"compute", "send"},
		Columns: []Stack{{Name: "PP2", Parts: []float64{0.01, 0.002}}, {Name: "PP3", Parts: []float64{0, 0.003}}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"PP2\ncompute: 10 ms", "PP2\nsend: 2 ms", "PP3\nsend: 3 ms"}, tips(read(t, paths[1])))
}

func TestStudyFiguresTell(t *testing.T) {
	dir := t.TempDir()
	levels := []Level{{"camera", nan}, {"PP1", nan}}
	for name, c := range map[string]struct {
		drawing interface {
			Write(string) ([]string, error)
		}
		want []string
	}{
		"lines": {&Lines{X: Axis{Label: "cut", Levels: levels}, Y: Axis{Label: "latency (ms)"}, Lines: []Line{
			{Name: "jpeg", Points: []Point{{0, 5, 4, 6}, {1, 2, 2, 2}}},
		}}, []string{"jpeg\ncut: camera\nsimulated latency (ms): 5 (4 to 6)", "jpeg\ncut: PP1\nsimulated latency (ms): 2"}},
		"tornado": {&Tornado{Label: "latency", Mean: 2, Bars: []Bar{{"cut", 1, 3, "PP1", "camera"}}},
			[]string{"cut\nPP1: 1\ncamera: 3", "cut\nPP1: 1\ncamera: 3"}},
		"heat": {&Map{X: Axis{Label: "cut", Levels: levels}, Y: Axis{Label: "link", Levels: levels[:1]}, Label: "ms",
			Values: [][]float64{{1, nan}}}, []string{"cut: camera\nlink: camera\nms: 1"}},
		"best": {&Map{X: Axis{Label: "cut", Levels: levels}, Y: Axis{Label: "link", Levels: levels[:1]},
			Best: [][]int{{-1, 0}}, Names: []string{"jpeg"}}, []string{"cut: PP1\nlink: camera\nbest: jpeg"}},
	} {
		paths, err := c.drawing.Write(filepath.Join(dir, name))
		require.NoError(t, err, name)
		assert.Equal(t, c.want, tips(read(t, paths[1])), name)
	}
}

func TestBetween(t *testing.T) {
	for want, got := range map[string]string{
		"12.3 ms":                between(12.34, 12.34, 12.34, "ms"),
		"12.3 (12 to 13) ms":     between(12.34, 12, 13, "ms"),
		"1234 (1230 to 1240)":    between(1234.4, 1230, 1240, ""),
		"1":                      between(1, nan, 2, ""),
		"0.00123 (0.001 to 1) s": between(0.001234, 0.001, 1, "s"),
	} {
		assert.Equal(t, want, got)
	}
}
