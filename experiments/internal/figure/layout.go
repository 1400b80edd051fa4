package figure

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// room is what a panel needs around its data area.
type room struct{ left, right, bottom, top vg.Length }

// bare returns the panel without its axis labels, which drawGrid draws: the
// library leaves room beside a logarithmic axis's label as if it stood at the
// mean of the axis's ends.
func bare(p *plot.Plot) *plot.Plot {
	b := *p
	b.X.Label.Text, b.Y.Label.Text = "", ""
	return &b
}

// labelRoom returns the height of a line of axis label with its padding.
func labelRoom(a *plot.Axis) vg.Length {
	if a.Label.Text == "" {
		return 0
	}
	return a.Label.TextStyle.Height(a.Label.Text) + a.Label.Padding
}

// roomOf measures a panel as it would be drawn on c.
func roomOf(p *plot.Plot, c draw.Canvas) room {
	if p == nil {
		return room{}
	}
	d := bare(p).DataCanvas(c)
	return room{d.Min.X - c.Min.X + labelRoom(&p.Y), c.Max.X - d.Max.X, d.Min.Y - c.Min.Y + labelRoom(&p.X),
		c.Max.Y - d.Max.Y}
}

// drawPanel draws a panel so that its data area is d.
func drawPanel(p *plot.Plot, c draw.Canvas, d vg.Rectangle, r room) {
	x, y := labelRoom(&p.X), labelRoom(&p.Y)
	bare(p).Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: d.Min.X - r.left + y, Y: d.Min.Y - r.bottom + x},
		Max: vg.Point{X: d.Max.X + r.right, Y: d.Max.Y + r.top},
	}})
	mid := vg.Point{X: (d.Min.X + d.Max.X) / 2, Y: (d.Min.Y + d.Max.Y) / 2}
	s := style(labelSize)
	s.XAlign, s.YAlign = draw.XCenter, draw.YBottom
	c.FillText(s, vg.Point{X: mid.X, Y: d.Min.Y - r.bottom + s.FontExtents().Descent}, p.X.Label.Text)
	s.Rotation, s.YAlign = math.Pi/2, draw.YTop
	c.FillText(s, vg.Point{X: d.Min.X - r.left, Y: mid.Y}, p.Y.Label.Text)
}

// drawGrid draws panels, row by row, so that all data areas have one size, those
// of a row one height and those of a column one left edge.
func drawGrid(panels [][]*plot.Plot, c draw.Canvas) {
	const padX, padY = 16, 10
	rows, cols := len(panels), len(panels[0])
	of := make([][]room, rows)
	across, down := make([]room, cols), make([]room, rows)
	for i, row := range panels {
		of[i] = make([]room, cols)
		for j, p := range row {
			if p != nil {
				fit(&p.X)
				fit(&p.Y)
			}
			r := roomOf(p, c)
			of[i][j] = r
			across[j].left, across[j].right = max(across[j].left, r.left), max(across[j].right, r.right)
			down[i].bottom, down[i].top = max(down[i].bottom, r.bottom), max(down[i].top, r.top)
		}
	}
	width, height := c.Size().X-padX*vg.Length(cols-1), c.Size().Y-padY*vg.Length(rows-1)
	for _, r := range across {
		width -= r.left + r.right
	}
	for _, r := range down {
		height -= r.top + r.bottom
	}
	width, height = width/vg.Length(cols), height/vg.Length(rows)
	top := c.Max.Y
	for i, row := range panels {
		left := c.Min.X
		for j, p := range row {
			if p != nil {
				lo := vg.Point{X: left + across[j].left, Y: top - down[i].top - height}
				drawPanel(p, c, vg.Rectangle{Min: lo, Max: vg.Point{X: lo.X + width, Y: lo.Y + height}}, of[i][j])
			}
			left += across[j].left + width + across[j].right + padX
		}
		top -= down[i].top + height + down[i].bottom + padY
	}
}
