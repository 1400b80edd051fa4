package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// room is what a panel needs around its data area.
type room struct{ left, right, bottom, top vg.Length }

// roomOf measures a panel as it would be drawn on c.
func roomOf(p *plot.Plot, c draw.Canvas) room {
	if p == nil {
		return room{}
	}
	d := p.DataCanvas(c)
	return room{d.Min.X - c.Min.X, c.Max.X - d.Max.X, d.Min.Y - c.Min.Y, c.Max.Y - d.Max.Y}
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
				hi := vg.Point{X: lo.X + width, Y: lo.Y + height}
				r := of[i][j]
				p.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
					Min: vg.Point{X: lo.X - r.left, Y: lo.Y - r.bottom},
					Max: vg.Point{X: hi.X + r.right, Y: hi.Y + r.top},
				}})
			}
			left += across[j].left + width + across[j].right + padX
		}
		top -= down[i].top + height + down[i].bottom + padY
	}
}
