package figure

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func row(label string, b result.Baseline, codec string) result.Row {
	return result.Row{Case: result.Case{
		Endpoint: "slow", Link: "wired", Label: label, Baseline: b, Codec: codec, Slowdown: 4,
	}}
}

func TestAxis(t *testing.T) {
	// A baseline in the middle still stands behind all cuts.
	rows := []result.Row{
		row("PP1", "", "none"), row("all on endpoint", result.AllOnEndpoint, ""), row("PP1", "", "fp16"), row("PP2", "", ""),
		row("all on server, JPEG", result.JPEGToServer, "jpeg"),
	}
	a := newAxis(rows)
	want := []string{"PP1", "PP2", "all on endpoint", "all on server, JPEG"}
	require.Equal(t, want, a.labels, "labels %q, %d cuts", a.labels, a.cuts)
	require.Equal(t, 2, a.cuts, "labels %q, %d cuts", a.labels, a.cuts)
	want = []string{"", "fp16"}
	assert.Equal(t, want, a.codecs, "codecs %q, want %q: a baseline's codec is none of the cuts'", a.codecs, want)
	for i, want := range []float64{0, 2, 0, 1, 3} {
		assert.Equal(t, want, a.at(&rows[i]), "%s stands at", rows[i].Label)
	}
	assert.Equal(t, looks[0].color, a.look(&rows[0]).color, "a codec has its look, and so have the baselines")
	assert.Equal(t, looks[1].color, a.look(&rows[2]).color, "a codec has its look, and so have the baselines")
	assert.Equal(t, baselineLook.color, a.look(&rows[4]).color, "a codec has its look, and so have the baselines")
	var names []string
	for _, e := range a.legend() {
		names = append(names, e.name)
	}
	want = []string{"simulated, no codec", "measured, no codec", "simulated, fp16", "measured, fp16",
		"simulated, baseline", "measured, baseline"}
	assert.Equal(t, want, names, "legend")
	for _, e := range a.markers() {
		assert.Nil(t, e.line, "%s: a scatter's legend has markers only", e.name)
		assert.NotNil(t, e.glyph, "%s: a scatter's legend has markers only", e.name)
	}
}

func TestTicksAreThinnedButKeepBaselines(t *testing.T) {
	for _, cuts := range []int{1, 10, 27, 28, 60, 200} {
		var rows []result.Row
		for i := range cuts {
			rows = append(rows, row(fmt.Sprint("PP", i), "", ""))
		}
		rows = append(rows, row("endpoint", result.AllOnEndpoint, ""), row("raw", result.RawToServer, ""),
			row("jpeg", result.JPEGToServer, ""))
		a := newAxis(rows)
		ticks := a.ticks()
		require.Len(t, ticks, cuts+3, "%d cuts: %d ticks", cuts, len(ticks))
		var named []plot.Tick
		for _, k := range ticks {
			if !k.IsMinor() {
				named = append(named, k)
			}
		}
		n := len(named)
		assert.GreaterOrEqual(t, n, 4, "%d cuts: labels", cuts)
		assert.Equal(t, "PP0", strings.TrimSpace(named[0].Label), "%d cuts: labels", cuts)
		assert.Equal(t, "endpoint", strings.TrimSpace(named[n-3].Label), "%d cuts: labels", cuts)
		unit := float64(axisWidth) / (a.place(len(a.labels)-1) + 1)
		for i := 1; i < len(named); i++ {
			gap := unit * (named[i].Value - named[i-1].Value)
			assert.GreaterOrEqual(t, gap, float64(tickSize), "%d cuts: %q and %q are %.1f points apart", cuts, named[i-1].Label,
				named[i].Label, gap)
		}
		if cuts <= 10 {
			assert.Len(t, named, cuts+3, "%d cuts: only %d labels", cuts, len(named))
		}
	}
}

// glyphs counts the shapes that a plot fills, its background among them.
func glyphs(p *plot.Plot) (filled int) {
	var rec recorder.Canvas
	vg.Initialize(&rec)
	p.Draw(draw.NewCanvas(&rec, 400, 300))
	for _, a := range rec.Actions {
		if _, ok := a.(*recorder.Fill); ok {
			filled++
		}
	}
	return filled
}

func TestPanelShowsWhatWasMeasuredOnly(t *testing.T) {
	s := ssd()
	a := newAxis(s.Rows)
	g := result.Groups(s.Rows)[0]
	with, err := a.panel("t", g.Rows, endpointTime)
	require.NoError(t, err)
	measured := 0
	for _, r := range g.Rows {
		if r.Measured != nil {
			measured++
			r.Measured = nil
		}
	}
	without, err := a.panel("t", g.Rows, endpointTime)
	require.NoError(t, err)
	// Measured markers are filled, and nothing else but the background is.
	got := glyphs(with) - glyphs(without)
	assert.Equal(t, measured, got, "%d filled markers", got)
	for _, r := range g.Rows {
		r.Stored = nil
	}
	_, err = a.panel("t", g.Rows, endpointTime)
	assert.ErrorIs(t, err, ErrNothing, "got %v, want ErrNothing", err)
}

func TestSweepPageGrid(t *testing.T) {
	s := ssd()
	p, err := endpointTimePage(s)
	require.NoError(t, err)
	require.Len(t, p.panels, 3, "%d rows of %d panels, want two endpoints and the bytes on two links", len(p.panels),
		len(p.panels[0]))
	require.Len(t, p.panels[0], 2, "%d rows of %d panels, want two endpoints and the bytes on two links", len(p.panels),
		len(p.panels[0]))
	for i, row := range p.panels {
		assert.Equal(t, row[1].Y.Min, row[0].Y.Min, "row %d: the panels' ranges differ", i)
		assert.Equal(t, row[1].Y.Max, row[0].Y.Max, "row %d: the panels' ranges differ", i)
		assert.Equal(t, (i == 2), row[0].X.Label.Text != "", "row %d names its cuts", i)
	}
	// An endpoint that was not run on one of the links leaves its place empty.
	s.Rows = slices.DeleteFunc(s.Rows,
		func(r result.Row) bool { return r.Endpoint == "fast-endpoint" && r.Link == "wireless" })
	p, err = endpointTimePage(s)
	require.NoError(t, err)
	assert.Nil(t, p.panels[1][1], "only fast-endpoint on wireless must be empty")
	require.NotNil(t, p.panels[1][0], "only fast-endpoint on wireless must be empty")
	assert.NotNil(t, p.panels[2][1], "only fast-endpoint on wireless must be empty")
	n := len(texts(t, p))
	assert.GreaterOrEqual(t, n, 20, "%d strings drawn", n)
}

// The interval of the throughput is drawn, and one that reaches 0 has a place on a
// logarithmic axis.
func TestThroughputInterval(t *testing.T) {
	v, lo, hi := throughput.of(&result.Outcome{Throughput: rate(10, 2)})
	assert.Equal(t, 10.0, v, "%g from %g", v, lo)
	assert.Equal(t, 8.0, lo, "%g from %g", v, lo)
	assert.Equal(t, 12.0, hi, "%g from %g", v, lo)
	s := ssd()
	for i := range s.Rows {
		if m := s.Rows[i].Measured; m != nil {
			m.Throughput = rate(m.Throughput.Value, 2*m.Throughput.Value)
		}
	}
	p, err := sweepPage(s, "t", []metric{throughput}, false)
	require.NoError(t, err)
	for _, row := range p.panels {
		for _, panel := range row {
			if panel != nil {
				assert.False(t, panel.Y.Min <= 0 || panel.Y.Max/panel.Y.Min > 1e4, "the axis goes from %g", panel.Y.Min)
			}
		}
	}
	_, err = p.write(filepath.Join(t.TempDir(), "t"))
	assert.NoError(t, err)
}
