// Package figure draws what a sweep found as PNG, SVG and one HTML page; it is
// the only user of gonum.org/v1/plot. It may not compute results, nor run
// anything.
package figure

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// ErrNothing says that the data hold nothing that the figure could show.
var ErrNothing = errors.New("nothing to draw")

// entry is a line of the legend: what its line, marker or bar means.
type entry struct {
	name  string
	line  *draw.LineStyle
	glyph *draw.GlyphStyle
	fill  *look // a bar
}

// page is a figure: a title, the legend, a grid of panels (nil leaves a place
// empty) and a caption, from top to bottom.
type page struct {
	title   string
	legend  []entry
	panels  [][]*plot.Plot
	caption string
	width   vg.Length
	height  vg.Length
}

const margin = 10

// draw draws the page on a canvas of its size.
func (p *page) draw(c draw.Canvas) {
	c.SetColor(white)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)

	title := style(titleSize)
	title.YAlign = draw.YTop
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y}, p.title)
	c.Max.Y -= title.Height(p.title) + 6

	c.Max.Y = p.drawLegend(c)

	caption := style(tickSize)
	caption.Color = grey
	text := strings.Join(wrap(p.caption, c.Size().X, caption.Width), "\n")
	caption.YAlign = draw.YTop
	room := caption.Height(text)
	c.FillText(caption, vg.Point{X: c.Min.X, Y: c.Min.Y + room}, text)
	if svg := tellingOf(c); svg != nil {
		svg.caption = margin + room
	}
	c.Min.Y += room + 10

	drawGrid(p.panels, c)
}

// drawLegend draws the entries from left to right, in as many lines as they
// take, at the top of c. It returns the new top.
func (p *page) drawLegend(c draw.Canvas) vg.Length {
	const gap = 18
	s := style(labelSize)
	s.YAlign = draw.YCenter
	height := s.Height("X") * 1.5
	x, y := c.Min.X, c.Max.Y-height/2
	for _, e := range p.legend {
		thumb := vg.Length(26)
		if e.line == nil && e.fill == nil {
			thumb = 8
		}
		w := thumb + 5 + s.Width(e.name)
		if x > c.Min.X && x+w > c.Max.X {
			x, y = c.Min.X, y-height
		}
		mid := vg.Point{X: x + thumb/2, Y: y}
		if e.fill != nil {
			drawBar(&c, vg.Rectangle{Min: vg.Point{X: x, Y: y - 4}, Max: vg.Point{X: x + thumb, Y: y + 4}}, *e.fill)
		}
		if e.line != nil {
			c.StrokeLine2(*e.line, x, y, x+thumb, y)
		}
		if e.glyph != nil {
			c.DrawGlyph(*e.glyph, mid)
		}
		c.FillText(s, vg.Point{X: x + thumb + 5, Y: y}, e.name)
		x += w + gap
	}
	if len(p.legend) == 0 {
		return c.Max.Y
	}
	return y - height/2 - 6
}

// drawBar fills a rectangle in the look's colour; with dashes it is hatched, so
// that it can be told apart without colour.
func drawBar(c *draw.Canvas, r vg.Rectangle, l look) {
	c.SetColor(l.color)
	if len(l.dashes) == 0 {
		c.Fill(r.Path())
	} else {
		for x := r.Min.X - r.Size().Y; x < r.Max.X; x += 5 {
			stroke := []vg.Point{{X: x, Y: r.Min.Y}, {X: x + r.Size().Y, Y: r.Max.Y}}
			inside := draw.Canvas{Canvas: c.Canvas, Rectangle: r}
			inside.StrokeLines(draw.LineStyle{Color: l.color, Width: 1}, inside.ClipLinesXY(stroke)...)
		}
	}
	c.SetLineStyle(draw.LineStyle{Color: l.color, Width: 1})
	c.Stroke(r.Path())
}

// wrap breaks text into lines that are no wider than width, between words.
func wrap(text string, width vg.Length, measure func(string) vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && measure(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return append(lines, line)
}

// write draws the page to base.png and base.svg, each atomically, and returns
// their paths.
func (p *page) write(base string) ([]string, error) { return p.writeBy(base, result.WriteFile) }

// writeBy is write with what writes a file.
func (p *page) writeBy(base string, file func(path string, data []byte) error) ([]string, error) {
	img := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(110))}
	p.draw(draw.NewCanvas(img, p.width, p.height))
	svg := &telling{Canvas: vgsvg.NewWith(vgsvg.UseWH(p.width, p.height))}
	p.draw(draw.NewCanvas(svg, p.width, p.height))
	var pixels bytes.Buffer
	if _, err := img.WriteTo(&pixels); err != nil {
		return nil, fmt.Errorf("figure: %s.png: %w", base, err)
	}
	text, err := svg.text(p.title, p.caption)
	if err != nil {
		return nil, fmt.Errorf("figure: %s.svg: %w", base, err)
	}
	for _, f := range []struct {
		path string
		data []byte
	}{{base + ".png", pixels.Bytes()}, {base + ".svg", text}} {
		if err := file(f.path, f.data); err != nil {
			return nil, err
		}
	}
	return []string{base + ".png", base + ".svg"}, nil
}

// simulatedFrom names the prediction that figures show.
const simulatedFrom = "Simulated from the profile made before the run, where no other prediction is named."

// caption says under which conditions the sweep's figures were obtained.
func caption(s *result.Sweep, notes ...string) string {
	c := strings.Join(notes, " ")
	if how := s.Conditions(); how != "" {
		c += " " + how
	}
	if len(s.Unverified) > 0 {
		c += " Unverified: " + strings.Join(s.Unverified, "; ") + "."
	}
	if a := s.Assumed(); len(a) > 0 {
		c += " Assumed by the simulation, as not measured: " + a[0]
		if len(a) > 1 {
			c += fmt.Sprintf("; and %d more, see the table", len(a)-1)
		}
		c += "."
	}
	if n := len(s.Waited()); n > 0 {
		c += fmt.Sprintf(" Disturbed: in %d measurements firings waited for records, see the table.", n)
	}
	if n := len(s.Throttled()); n > 0 {
		c += fmt.Sprintf(" Throttled: the device slowed itself down in %d measurements, see the table.", n)
	}
	if clocks := s.Clocks(); clocks != "" {
		c += " " + clocks + " Bars of latency and throughput are longer by that."
	}
	c += " " + simulatedFrom
	return strings.TrimSpace(c + " Machine: " + s.Machine + ". Date: " + s.Date + fmt.Sprintf(". Seed: %d.", s.Seed))
}
