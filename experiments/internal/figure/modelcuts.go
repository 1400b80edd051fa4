package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// Model is what ModelCuts draws of a model.
type Model struct {
	Name  string
	Nodes int
	MACs  int64 // of one run; -1 if not known
	Cuts  []ModelCut
}

// ModelCut is one of a model's cuts.
type ModelCut struct {
	Name                        string
	Point                       int // partition point, -1 if it is none
	Tensors                     int
	Bytes, FP16Bytes, Int8Bytes int64 // sent; -1 if not known
	Depth                       int   // nodes before the cut
	HeadMACs                    int64 // work before the cut; -1 if not known
	BreaksFusion                bool
}

// ModelCuts draws what the cuts of a model send, and the share of the work that
// lies before them, against their depth, to base.png and base.svg, which file writes, and returns
// the paths. Cuts of unknown size are left out; if all are, it is ErrNothing.
func ModelCuts(base string, m Model, file func(path string, data []byte) error) ([]string, error) {
	cuts := slices.DeleteFunc(slices.Clone(m.Cuts), func(c ModelCut) bool { return c.Bytes <= 0 })
	if len(cuts) == 0 {
		return nil, ErrNothing
	}
	slices.SortStableFunc(cuts, func(a, b ModelCut) int { return a.Depth - b.Depth })
	kinds := []struct {
		name string
		look draw.GlyphStyle
		is   func(c ModelCut) bool
	}{
		{"parts a fusion", draw.GlyphStyle{Color: grey, Radius: 2.2, Shape: draw.CrossGlyph{}},
			func(c ModelCut) bool { return c.BreaksFusion && c.Point < 0 }},
		{"other cut", draw.GlyphStyle{Color: sky, Radius: 2, Shape: draw.RingGlyph{}},
			func(c ModelCut) bool { return !c.BreaksFusion && c.Point < 0 }},
		{"partition point", draw.GlyphStyle{Color: blue, Radius: 3, Shape: draw.CircleGlyph{}},
			func(c ModelCut) bool { return c.Point >= 0 }},
	}
	p := &page{title: fmt.Sprintf("%s: %d cuts", m.Name, len(cuts)), width: 620, height: 560}
	traffic := newPanel("", "", "bytes sent")
	sizes := newSpan()
	for _, k := range kinds {
		var points plotter.XYs
		for _, c := range cuts {
			if k.is(c) {
				points = append(points, plotter.XY{X: float64(c.Depth), Y: float64(c.Bytes)})
				traffic.Add(hint{float64(c.Depth), float64(c.Bytes), []string{c.Name, fmt.Sprintf("%d bytes", c.Bytes)}})
				sizes.add(float64(c.Bytes))
			}
		}
		if len(points) == 0 {
			continue
		}
		traffic.Add(&plotter.Scatter{XYs: points, GlyphStyle: k.look})
		p.legend = append(p.legend, entry{name: k.name, glyph: &k.look})
	}
	least := leastLine(cuts)
	line := draw.LineStyle{Color: vermillion, Width: 1.2}
	if len(least) > 1 {
		traffic.Add(&plotter.Line{XYs: least, LineStyle: line})
		p.legend = append(p.legend, entry{name: "fewest bytes at a depth", line: &line})
	}
	logAxis(&traffic.Y, sizes.lo, sizes.hi)
	traffic.X.Min, traffic.X.Max = 0, float64(cuts[len(cuts)-1].Depth)
	p.panels = [][]*plot.Plot{{traffic}}
	if work := workPanel(cuts, m.MACs); work != nil {
		work.X.Min, work.X.Max = traffic.X.Min, traffic.X.Max
		p.panels = append(p.panels, []*plot.Plot{work})
	}
	p.panels[len(p.panels)-1][0].X.Label.Text = "depth: nodes before the cut"
	p.caption = fmt.Sprintf(
		"%d nodes. Sizes are those without a codec. Depth 0 is the input, the largest depth the output.", m.Nodes,
	)
	if m.MACs > 0 {
		p.caption += fmt.Sprintf(" All work: %s multiplications and additions.", short(float64(m.MACs), 4))
	}
	if left := len(m.Cuts) - len(cuts); left > 0 {
		p.caption += fmt.Sprintf(" %d cuts that send nothing, or an unknown size, are left out.", left)
	}
	return p.writeBy(base, file)
}

// leastLine joins the cheapest cuts of the depths.
func leastLine(cuts []ModelCut) plotter.XYs {
	var line plotter.XYs
	for _, c := range cuts {
		x, y := float64(c.Depth), float64(c.Bytes)
		if n := len(line); n > 0 && line[n-1].X == x {
			line[n-1].Y = min(line[n-1].Y, y)
		} else {
			line = append(line, plotter.XY{X: x, Y: y})
		}
	}
	return line
}

// workPanel shows the work before the cuts, or nil if it isn't known or none.
func workPanel(cuts []ModelCut, total int64) *plot.Plot {
	if total <= 0 {
		return nil
	}
	var points plotter.XYs
	for _, c := range cuts {
		if c.HeadMACs >= 0 {
			points = append(points, plotter.XY{X: float64(c.Depth), Y: 100 * float64(c.HeadMACs) / float64(total)})
		}
	}
	work := newPanel("", "", "work before (%)")
	work.Y.Min, work.Y.Max = 0, 100
	work.Add(&plotter.Scatter{XYs: points,
		GlyphStyle: draw.GlyphStyle{Color: green, Radius: 1.8, Shape: draw.CircleGlyph{}}})
	return work
}
