package figure

import (
	"errors"
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
)

func row(label string, b result.Baseline, codec string) result.Row {
	return result.Row{Case: result.Case{Endpoint: "slow", Link: "wired", Label: label, Baseline: b, Codec: codec, Slowdown: 4}}
}

func TestAxis(t *testing.T) {
	// A baseline in the middle still stands behind all cuts.
	rows := []result.Row{
		row("PP1", "", "none"), row("all on endpoint", result.AllOnEndpoint, ""), row("PP1", "", "fp16"), row("PP2", "", ""),
		row("all on server, JPEG", result.JPEGToServer, "jpeg"),
	}
	a := newAxis(rows)
	if want := []string{"PP1", "PP2", "all on endpoint", "all on server, JPEG"}; !slices.Equal(a.labels, want) || a.cuts != 2 {
		t.Fatalf("labels %q, %d cuts", a.labels, a.cuts)
	}
	if want := []string{"", "fp16"}; !slices.Equal(a.codecs, want) {
		t.Errorf("codecs %q, want %q: a baseline's codec is none of the cuts'", a.codecs, want)
	}
	for i, want := range []float64{0, 2, 0, 1, 3} {
		if got := a.at(&rows[i]); got != want {
			t.Errorf("%s stands at %v, want %v", rows[i].Label, got, want)
		}
	}
	if a.look(&rows[0]).color != looks[0].color || a.look(&rows[2]).color != looks[1].color || a.look(&rows[4]).color != baselineLook.color {
		t.Error("a codec has its look, and so have the baselines")
	}
	var names []string
	for _, e := range a.legend() {
		names = append(names, e.name)
	}
	if want := []string{"simulated, no codec", "measured, no codec", "simulated, fp16", "measured, fp16", "simulated, baseline", "measured, baseline"}; !slices.Equal(names, want) {
		t.Errorf("legend %q", names)
	}
	for _, e := range a.markers() {
		if e.line != nil || e.glyph == nil {
			t.Errorf("%s: a scatter's legend has markers only", e.name)
		}
	}
}

func TestTicksAreThinnedButKeepBaselines(t *testing.T) {
	for _, cuts := range []int{1, 10, 27, 28, 60, 200} {
		var rows []result.Row
		for i := range cuts {
			rows = append(rows, row(fmt.Sprint("PP", i), "", ""))
		}
		rows = append(rows, row("endpoint", result.AllOnEndpoint, ""), row("raw", result.RawToServer, ""), row("jpeg", result.JPEGToServer, ""))
		a := newAxis(rows)
		ticks := a.ticks()
		if len(ticks) != cuts+3 {
			t.Fatalf("%d cuts: %d ticks", cuts, len(ticks))
		}
		var named []plot.Tick
		for _, k := range ticks {
			if !k.IsMinor() {
				named = append(named, k)
			}
		}
		if n := len(named); n < 4 || strings.TrimSpace(named[0].Label) != "PP0" || strings.TrimSpace(named[n-3].Label) != "endpoint" {
			t.Errorf("%d cuts: labels %v", cuts, named)
		}
		unit := float64(axisWidth) / (a.place(len(a.labels)-1) + 1)
		for i := 1; i < len(named); i++ {
			if gap := unit * (named[i].Value - named[i-1].Value); gap < tickSize {
				t.Errorf("%d cuts: %q and %q are %.1f points apart", cuts, named[i-1].Label, named[i].Label, gap)
			}
		}
		if cuts <= 10 && len(named) != cuts+3 {
			t.Errorf("%d cuts: only %d labels", cuts, len(named))
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
	if err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, r := range g.Rows {
		if r.Measured != nil {
			measured++
			r.Measured = nil
		}
	}
	without, err := a.panel("t", g.Rows, endpointTime)
	if err != nil {
		t.Fatal(err)
	}
	// Measured markers are filled, and nothing else but the background is.
	if got := glyphs(with) - glyphs(without); got != measured {
		t.Errorf("%d filled markers, want %d", got, measured)
	}
	for _, r := range g.Rows {
		r.Stored = nil
	}
	if _, err := a.panel("t", g.Rows, endpointTime); !errors.Is(err, ErrNothing) {
		t.Errorf("got %v, want ErrNothing", err)
	}
}

func TestSweepPageGrid(t *testing.T) {
	s := ssd()
	p, err := endpointTimePage(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.panels) != 3 || len(p.panels[0]) != 2 {
		t.Fatalf("%d rows of %d panels, want two endpoints and the bytes on two links", len(p.panels), len(p.panels[0]))
	}
	for i, row := range p.panels {
		if row[0].Y.Min != row[1].Y.Min || row[0].Y.Max != row[1].Y.Max {
			t.Errorf("row %d: the panels' ranges differ", i)
		}
		if named := row[0].X.Label.Text != ""; named != (i == 2) {
			t.Errorf("row %d names its cuts: %v", i, named)
		}
	}
	// An endpoint that was not run on one of the links leaves its place empty.
	s.Rows = slices.DeleteFunc(s.Rows, func(r result.Row) bool { return r.Endpoint == "fast-endpoint" && r.Link == "wireless" })
	if p, err = endpointTimePage(s); err != nil {
		t.Fatal(err)
	}
	if p.panels[1][1] != nil || p.panels[1][0] == nil || p.panels[2][1] == nil {
		t.Error("only fast-endpoint on wireless must be empty")
	}
	if n := len(texts(t, p)); n < 20 {
		t.Errorf("%d strings drawn", n)
	}
}

// The interval of the throughput is drawn, and one that reaches 0 has a place on a
// logarithmic axis.
func TestThroughputInterval(t *testing.T) {
	if v, lo, hi := throughput.of(&result.Outcome{Throughput: rate(10, 2)}); v != 10 || lo != 8 || hi != 12 {
		t.Errorf("%g from %g to %g", v, lo, hi)
	}
	s := ssd()
	for i := range s.Rows {
		if m := s.Rows[i].Measured; m != nil {
			m.Throughput = rate(m.Throughput.Value, 2*m.Throughput.Value)
		}
	}
	p, err := sweepPage(s, "t", []metric{throughput}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range p.panels {
		for _, panel := range row {
			if panel != nil && (panel.Y.Min <= 0 || panel.Y.Max/panel.Y.Min > 1e4) {
				t.Errorf("the axis goes from %g to %g", panel.Y.Min, panel.Y.Max)
			}
		}
	}
	if _, err := p.write(filepath.Join(t.TempDir(), "t")); err != nil {
		t.Error(err)
	}
}
