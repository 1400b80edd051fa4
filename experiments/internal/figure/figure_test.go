package figure

import (
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawnText is a string on a page with the rectangle that it covers.
type drawnText struct {
	text string
	size vg.Length
	vg.Rectangle
}

// texts draws the page on a recorder and returns all of its strings. It knows
// turns by a quarter only.
func texts(t *testing.T, p *page) []drawnText {
	t.Helper()
	var rec recorder.Canvas
	vg.Initialize(&rec)
	p.draw(draw.NewCanvas(&rec, p.width, p.height))
	angles, list := []float64{0}, []drawnText{}
	for _, a := range rec.Actions {
		top := len(angles) - 1
		switch a := a.(type) {
		case *recorder.Push:
			angles = append(angles, angles[top])
		case *recorder.Pop:
			angles = angles[:top]
		case *recorder.Rotate:
			angles[top] += a.Angle
		case *recorder.Translate, *recorder.Scale:
			t.Fatalf("%s is not handled", a.Call())
		case *recorder.FillString:
			s := style(a.Size)
			w, e := s.Width(strings.TrimSpace(a.String)), s.FontExtents()
			// A fifth off the height: what the letters of a line leave.
			lo, hi := a.Point, vg.Point{X: a.Point.X + w, Y: a.Point.Y + e.Ascent*0.8}
			if angles[top] != 0 {
				lo, hi = vg.Point{X: -hi.Y, Y: lo.X}, vg.Point{X: -lo.Y, Y: hi.X}
			}
			list = append(list, drawnText{a.String, a.Size, vg.Rectangle{Min: lo, Max: hi}})
		}
	}
	return list
}

// long is ssd with more cuts than there is room for labels.
func long() *result.Sweep {
	s := ssd()
	var rows []result.Row
	for i := range 120 {
		for _, r := range s.Rows {
			if r.Label == "PP5 conv2d_5/relu6" {
				r.Label = fmt.Sprintf("PP%d block_%d/conv2d/relu6", i, i)
				rows = append(rows, r)
			}
		}
	}
	for _, r := range s.Rows {
		if r.Baseline != "" {
			rows = append(rows, r)
		}
	}
	s.Rows = rows
	return s
}

// small is one endpoint on one link, of which nothing is measured.
func small() *result.Sweep {
	s := ssd()
	s.Rows = slices.DeleteFunc(s.Rows, func(r result.Row) bool {
		return r.Link != "wired" || r.Endpoint != "slow-endpoint" || r.Codec != "none" && r.Baseline == ""
	})
	for i := range s.Rows {
		s.Rows[i].Measured = nil
	}
	return s
}

func TestNoTextOverlaps(t *testing.T) {
	gantt := func(*result.Sweep) (*page, error) { return ganttPage(view(2, 300), ""), nil }
	latency := func(s *result.Sweep) (*page, error) {
		return sweepPage(s, "latency", []metric{latency, throughput}, false)
	}
	quality := func(s *result.Sweep) (*page, error) { return qualityPage(s, endpointTime) }
	for name, f := range map[string]func(*result.Sweep) (*page, error){
		"energy": energyPage, "endpoint time": endpointTimePage, "latency": latency,
		"two endpoints": twoEndpointsPage, "speed-up": speedupPage,
		"quality": quality, "part errors": partErrorsPage, "gantt": gantt,
		"parameter": parameterPage, "mappings": mappingsPage,
		"quality and traffic": func(s *result.Sweep) (*page, error) { return qualityPage(s, traffic) },
	} {
		for size, s := range map[string]*result.Sweep{
			"ssd": ssd(), "long": long(), "small": small(), "gated": gated(), "mapped": mapped(),
		} {
			p, err := f(s)
			if errors.Is(err, ErrNothing) &&
				(size == "small" || size == "gated" || size == "mapped" || name == "parameter" || name == "mappings" ||
					name == "energy") {
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", name, size, err)
				continue
			}
			list := texts(t, p)
			assert.GreaterOrEqual(t, len(list), 8, "%s, %s: %d strings drawn", name, size, len(list))
			for i, a := range list {
				assert.GreaterOrEqual(t, a.size, vg.Length(10), "%s, %s: %q is %v points, want at least 10", name, size, a.text,
					a.size)
				assert.GreaterOrEqual(t, a.Min.X, vg.Length(0), "%s, %s: %q leaves the page: %v", name, size, a.text, a.Rectangle)
				assert.GreaterOrEqual(t, a.Min.Y, vg.Length(0), "%s, %s: %q leaves the page: %v", name, size, a.text, a.Rectangle)
				assert.LessOrEqual(t, a.Max.X, p.width+0.5, "%s, %s: %q leaves the page: %v", name, size, a.text, a.Rectangle)
				assert.LessOrEqual(t, a.Max.Y, p.height, "%s, %s: %q leaves the page: %v", name, size, a.text, a.Rectangle)
				for _, b := range list[:i] {
					if a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y {
						assert.GreaterOrEqual(t, b.Min.Y, a.Max.Y, "%s, %s: %q %v overlaps %q %v", name, size, a.text, a.Rectangle,
							b.text, b.Rectangle)
					}
				}
			}
		}
	}
}

// svgText returns the words of a drawing, whatever lines they stand in.
func svgText(svg []byte) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(svg), " ")), " ")
}

func TestAllWritesFigures(t *testing.T) {
	dir := t.TempDir()
	paths, err := All(dir, ssd())
	require.NoError(t, err)
	want := map[string][]string{
		"endpoint-time": {"all on endpoint", "all on server, raw", "all on server, JPEG", "simulated, no codec",
			"measured, int8", "bytes sent per frame", "error of the stored prediction (%): median"},
		"latency-throughput": {"latency (ms)", "throughput (frames/s)"},
		"energy": {"endpoint (J)", "all devices (J)", "modelled, int8", "simulated, int8", "no meter was read",
			"Device server: power figures fitted, residual 3.1 %", "Device endpoint: power figures assumed"},
		"two-endpoints":     {"simulated", "measured", "fast-endpoint"},
		"speedup":           {"arXiv:2204.12947", "slow-down factor"},
		"quality":           {"MOTA", "IDF1"},
		"prediction-errors": {"stored", "fresh", "corrected", "95th percentile", "throughput"},
		"part-errors":       {"one-way time", "whole endpoint time"},
	}
	require.Len(t, paths, 2*len(want), "paths")
	for name, labels := range want {
		svg, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		require.NoError(t, err)
		for _, l := range append(labels, "Emulated", "Unverified: wired", "Intel Xeon", "2025-06-01") {
			assert.Contains(t, svgText(svg), l, "%s.svg lacks", name)
		}
		f, err := os.Open(filepath.Join(dir, name+".png"))
		require.NoError(t, err)
		c, err := png.DecodeConfig(f)
		require.NoError(t, err, "%s.png", name)
		assert.GreaterOrEqual(t, c.Width, 800, "%s.png", name)
		f.Close()
	}
}

func TestSameDataSameFigure(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		_, err := EndpointTime(filepath.Join(dir, "f"), small())
		require.NoError(t, err)
	}
	for _, ext := range []string{".png", ".svg"} {
		x, errX := os.ReadFile(filepath.Join(a, "f"+ext))
		y, errY := os.ReadFile(filepath.Join(b, "f"+ext))
		require.NoError(t, errX, "%s differs", ext)
		require.NoError(t, errY, "%s differs", ext)
		assert.Equal(t, y, x, "%s differs", ext)
	}
}

func TestNothingToDraw(t *testing.T) {
	dir := t.TempDir()
	empty := &result.Sweep{Kind: result.OfCuts, Experiment: "x"}
	for i, f := range []func(string, *result.Sweep) ([]string, error){
		EndpointTime, LatencyThroughput, EnergyPerFrame, TwoEndpoints, Speedup, Quality, Predictions, PartErrors} {
		_, err := f(filepath.Join(dir, "f"), empty)
		assert.ErrorIs(t, err, ErrNothing, "figure %d: got %v, want ErrNothing", i, err)
	}
	paths, err := All(dir, empty)
	require.NoError(t, err, "All")
	assert.Empty(t, paths, "All")
	left, _ := os.ReadDir(dir)
	assert.Empty(t, left, "files left")
}

func TestNotMeasuredIsSaid(t *testing.T) {
	p, err := endpointTimePage(small())
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(
		texts(t, p), func(s drawnText) bool { return strings.Contains(s.text, "not measured") },
	), "a group without a measurement must say so")
}

func TestTicks(t *testing.T) {
	labels := func(lo, hi float64, log bool) string {
		var l []string
		ticks := linearTicks{}.Ticks(lo, hi)
		if log {
			ticks = logTicks{}.Ticks(lo, hi)
		}
		for _, k := range ticks {
			if !k.IsMinor() {
				l = append(l, k.Label)
			}
		}
		return strings.Join(l, " ")
	}
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{0, 10.8, false, "0 2 4 6 8 10"},
		{-85, 15, false, "-80 -60 -40 -20 0"},
		{0.87, 1, false, "0.88 0.9 0.92 0.94 0.96 0.98 1"},
		{15, 300, true, "20 50 100 200"},
		{0.6, 5e6, true, "1 10 100 1000 10k 100k 1M"},
		{1e3, 3e6, true, "1000 10k 100k 1M"},
	} {
		assert.Equal(t, c.want, labels(c.lo, c.hi, c.log), "%v to %v", c.lo, c.hi)
	}
}

func TestLooksDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range append(slices.Clone(looks), baselineLook) {
		k := fmt.Sprint(l.color)
		assert.False(t, seen[k], "colour %v twice", l.color)
		seen[k] = true
		d := fmt.Sprint(l.dashes)
		assert.False(t, seen[d], "dashes %v twice", l.dashes)
		seen[d] = true
	}
}
