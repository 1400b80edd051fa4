package figure

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The palette of Okabe and Ito, which colour-blind people can tell apart.
var (
	white      = color.RGBA{R: 255, G: 255, B: 255, A: 255}
	black      = color.RGBA{A: 255}
	grey       = color.RGBA{R: 120, G: 120, B: 120, A: 255}
	paleGrey   = color.RGBA{R: 225, G: 225, B: 225, A: 255}
	blue       = color.RGBA{R: 0, G: 114, B: 178, A: 255}
	vermillion = color.RGBA{R: 213, G: 94, B: 0, A: 255}
	green      = color.RGBA{R: 0, G: 158, B: 115, A: 255}
	purple     = color.RGBA{R: 204, G: 121, B: 167, A: 255}
	orange     = color.RGBA{R: 230, G: 159, B: 0, A: 255}
	sky        = color.RGBA{R: 86, G: 180, B: 233, A: 255}
	yellow     = color.RGBA{R: 240, G: 228, B: 66, A: 255}
)

// The colours of text on a coloured shape: those of the page would be others in the dark, in a
// report.
var (
	onBright = color.RGBA{R: 1, G: 1, B: 1, A: 255}
	onDark   = color.RGBA{R: 254, G: 254, B: 254, A: 255}
)

// look tells one series from the others by colour, marker and dashes at once.
type look struct {
	color  color.RGBA
	open   draw.GlyphDrawer // simulated
	filled draw.GlyphDrawer // measured
	dashes []vg.Length
}

var looks = []look{
	{blue, draw.RingGlyph{}, draw.CircleGlyph{}, nil},
	{vermillion, draw.SquareGlyph{}, draw.BoxGlyph{}, []vg.Length{6, 3}},
	{green, draw.TriangleGlyph{}, draw.PyramidGlyph{}, []vg.Length{2, 2}},
	{purple, draw.PlusGlyph{}, draw.PlusGlyph{}, []vg.Length{8, 2, 2, 2}},
	{orange, draw.CrossGlyph{}, draw.CrossGlyph{}, []vg.Length{10, 4}},
	{sky, draw.RingGlyph{}, draw.CircleGlyph{}, []vg.Length{4, 4}},
}

// baselineLook is that of the baselines.
var baselineLook = look{black, draw.SquareGlyph{}, draw.BoxGlyph{}, []vg.Length{1, 3}}

func lookAt(i int) look { return looks[i%len(looks)] }

func (l look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.color, Width: 1.2, Dashes: l.dashes}
}

func (l look) simulated() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: 2.6, Shape: l.open}
}

func (l look) measured() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.color, Radius: 3, Shape: l.filled}
}

// Sizes of text in points; nothing is smaller.
const (
	titleSize = 14
	panelSize = 12
	labelSize = 11
	tickSize  = 10
)

func style(size vg.Length) text.Style {
	return text.Style{
		Color: black, Handler: plot.DefaultTextHandler,
		Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
	}
}

// newPanel returns an empty plot with the package's fonts and a grid.
func newPanel(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = 4
	setFont(&p.Title.TextStyle, panelSize)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		setFont(&a.Label.TextStyle, labelSize)
		setFont(&a.Tick.Label, tickSize)
		a.Label.Padding, a.Padding, a.Tick.Length = 8, 2, 4
		a.Tick.Marker, a.Scale = linearTicks{}, linearScale{}
	}
	p.Add(horizontalGrid{})
	return p
}

func setFont(s *text.Style, size vg.Length) { s.Font = style(size).Font }

// horizontalGrid draws a pale line at each labelled tick of the y axis.
type horizontalGrid struct{}

// Plot implements plot.Plotter.
func (horizontalGrid) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if at := y(t.Value); !t.IsMinor() && c.ContainsY(at) {
			c.StrokeLine2(draw.LineStyle{Color: paleGrey, Width: 0.6}, c.Min.X, at, c.Max.X, at)
		}
	}
}
