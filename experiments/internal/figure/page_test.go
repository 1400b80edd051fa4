package figure

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrap(t *testing.T) {
	letters := func(s string) vg.Length { return vg.Length(len(s)) }
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"one", []string{"one"}},
		{"one two three four", []string{"one two", "three four"}},
		{"a wordthatistoolong b", []string{"a", "wordthatistoolong", "b"}},
	} {
		assert.Equal(t, c.want, wrap(c.text, 10, letters), c.text)
	}
}

func TestCaption(t *testing.T) {
	s := &result.Sweep{Kind: result.OfCuts, Machine: "box", Date: "2025-06-01", Seed: 7}
	assert.Equal(t, simulatedFrom+" Machine: box. Date: 2025-06-01. Seed: 7.", caption(s))
	s.Emulated, s.Unverified = true, []string{"a", "b"}
	for _, a := range []string{"FIFO y", "FIFO x", "FIFO y"} {
		s.Rows = append(s.Rows, result.Row{Stored: &result.Outcome{Assumed: []string{a}}})
	}
	s.Rows[0].Measured = &result.Outcome{Waited: []string{"d0"}}
	got := caption(s, "Note.")
	for _, want := range []string{
		"Note. Emulated: ", "Unverified: a; b.", "not measured: FIFO x; and 1 more, see the table.",
		"Disturbed: in 1 measurements firings waited for records, see the table.",
	} {
		assert.Contains(t, got, want, "%q is missing", want)
	}
	assert.NotContains(t, got, "Real:")
	s.Emulated, s.Testbed = false, &result.Testbed{Server: "tls://hub:4222"}
	assert.Contains(t, caption(s), "Real: measured on devices of a testbed; none was slowed and no link shaped.")
}

// area records the data area that a panel was given.
type area struct{ at *vg.Rectangle }

// Plot implements plot.Plotter.
func (a area) Plot(c draw.Canvas, _ *plot.Plot) { *a.at = c.Rectangle }

func TestGridAligns(t *testing.T) {
	areas := make([][]vg.Rectangle, 2)
	panels := make([][]*plot.Plot, 2)
	for i := range panels {
		areas[i] = make([]vg.Rectangle, 2)
		for j := range 2 {
			title := strings.Repeat("a line\n", i+j) + "title"
			p := newPanel(title, strings.Repeat("x", j), "y")
			p.X.Max, p.Y.Max = 10, math.Pow(1000, float64(i+j)) // tick labels of several widths
			p.Add(area{&areas[i][j]})
			panels[i] = append(panels[i], p)
		}
	}
	var rec recorder.Canvas
	vg.Initialize(&rec)
	c := draw.NewCanvas(&rec, 600, 500)
	drawGrid(panels, c)
	near := func(what string, a, b vg.Length) {
		t.Helper()
		assert.LessOrEqual(t, math.Abs(float64(a-b)), 0.01, what)
	}
	for i := range 2 {
		near("left edges of a column", areas[0][i].Min.X, areas[1][i].Min.X)
		near("right edges of a column", areas[0][i].Max.X, areas[1][i].Max.X)
		near("bottoms of a row", areas[i][0].Min.Y, areas[i][1].Min.Y)
		near("tops of a row", areas[i][0].Max.Y, areas[i][1].Max.Y)
	}
	near("heights", areas[0][0].Size().Y, areas[1][1].Size().Y)
	near("widths", areas[0][0].Size().X, areas[1][1].Size().X)
	assert.GreaterOrEqual(t, areas[0][0].Min.Y, areas[1][0].Max.Y, "the panels overlap")
	assert.LessOrEqual(t, areas[0][0].Max.X, areas[0][1].Min.X, "the panels overlap")
}

func TestLegendWraps(t *testing.T) {
	p := &page{width: 200, height: 100}
	for _, n := range []string{"simulated, no codec", "measured, no codec", "simulated, fp16"} {
		p.legend = append(p.legend, entry{name: n})
	}
	var rec recorder.Canvas
	vg.Initialize(&rec)
	top := p.drawLegend(draw.NewCanvas(&rec, p.width, p.height))
	var heights []vg.Length
	for _, a := range rec.Actions {
		if s, ok := a.(*recorder.FillString); ok {
			heights = append(heights, s.Point.Y)
		}
	}
	require.Len(t, heights, 3, "entries at %v, then %v; want a line each", heights, top)
	assert.Greater(t, heights[0], heights[1], "entries at %v, then %v; want a line each", heights, top)
	assert.Greater(t, heights[1], heights[2], "entries at %v, then %v; want a line each", heights, top)
	assert.Less(t, top, heights[2], "entries at %v, then %v; want a line each", heights, top)
	p.legend = nil
	top = p.drawLegend(draw.NewCanvas(&rec, p.width, p.height))
	assert.Equal(t, p.height, top, "an empty legend takes %v", p.height-top)
}

func TestWriteFails(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(taken, nil, 0o644))
	for name, f := range map[string]func(string, *result.Sweep) ([]string, error){
		"endpoint time": EndpointTime, "latency": LatencyThroughput, "two": TwoEndpoints, "speed-up": Speedup,
		"quality": Quality, "parts": PartErrors,
	} {
		_, err := f(filepath.Join(taken, "f"), ssd())
		assert.Error(t, err, "%s: want an error for a folder that is a file", name)
	}
	_, err := All(taken, ssd())
	require.Error(t, err, "All: got %v, want the writer's error", err)
	assert.NotErrorIs(t, err, ErrNothing, "All: got %v, want the writer's error", err)
}

func TestSpeedupWithoutMeasurement(t *testing.T) {
	s := ssd()
	for i := range s.Factors {
		s.Factors[i].MeasuredSpeedup = nil
	}
	p, err := speedupPage(s)
	require.NoError(t, err)
	for _, e := range p.legend {
		assert.NotEqual(t, "measured", e.name, "the legend names what the figure lacks")
	}
	assert.GreaterOrEqual(t, p.panels[0][0].Y.Max, float64(paperSpeedup), "the paper's line is outside the panel")
}

func TestQualityUsesSimulatedTimeIfItMust(t *testing.T) {
	s := small()
	_, err := qualityPage(s, endpointTime)
	require.NoError(t, err)
	for i := range s.Rows {
		s.Rows[i].Stored = nil
	}
	_, err = qualityPage(s, endpointTime)
	assert.ErrorIs(t, err, ErrNothing, "no time at all: got %v, want ErrNothing", err)
}

func TestBars(t *testing.T) {
	s := ssd()
	s.TwoEndpoints[0].Measured = nil
	p, err := barPanel(s.TwoEndpoints, endpointTime)
	require.NoError(t, err)
	_, _, hi := endpointTime.of(s.TwoEndpoints[1].Measured)
	assert.Equal(t, 0.0, p.Y.Min, "the axis runs from %v to %v; bars begin at 0 and end below", p.Y.Min, p.Y.Max)
	assert.GreaterOrEqual(t, p.Y.Max, hi, "the axis runs from %v to %v; bars begin at 0 and end below", p.Y.Min, p.Y.Max)
	for i := range s.TwoEndpoints {
		s.TwoEndpoints[i].Measured, s.TwoEndpoints[i].Stored = nil, nil
	}
	_, err = barPanel(s.TwoEndpoints, endpointTime)
	assert.ErrorIs(t, err, ErrNothing, "got %v, want ErrNothing", err)
}

func TestSameRangeAndLogAxis(t *testing.T) {
	a, b := newPanel("", "", ""), newPanel("", "", "")
	logAxis(&a.Y, 10, 100)
	logAxis(&b.Y, 1, 20)
	sameRange([]*plot.Plot{a, nil, b})
	assert.LessOrEqual(t, math.Abs(a.Y.Min-1/1.3), 1e-9, "ranges %v to %v, %v", a.Y.Min, a.Y.Max, b.Y.Min)
	assert.LessOrEqual(t, math.Abs(a.Y.Max-130), 1e-9, "ranges %v to %v, %v", a.Y.Min, a.Y.Max, b.Y.Min)
	assert.Equal(t, a.Y.Min, b.Y.Min, "ranges %v to %v, %v", a.Y.Min, a.Y.Max, b.Y.Min)
	assert.Equal(t, a.Y.Max, b.Y.Max, "ranges %v to %v, %v", a.Y.Min, a.Y.Max, b.Y.Min)
	assert.LessOrEqual(t, math.Abs(a.Y.Norm(math.Sqrt(100))-a.Y.Norm(1)-(a.Y.Norm(100)-a.Y.Norm(10))), 1e-9,
		"equal ratios must be equally long")
	xs, ys := measuredPoint(1, 5, 4, 7, lookAt(0))[0].(*plotter.YErrorBars).YError(0)
	assert.Equal(t, 1.0, xs, "the bar reaches %v below and %v above, want 1 and 2", xs, ys)
	assert.Equal(t, 2.0, ys, "the bar reaches %v below and %v above, want 1 and 2", xs, ys)
}
