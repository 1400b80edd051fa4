package figure

import (
	"bytes"
	"fmt"
	"image"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Sheet is pictures of one size in rows and columns.
type Sheet struct {
	Title, Caption string
	Columns        []string
	Rows           []SheetRow
}

// SheetRow has a picture for each column; nil leaves a place empty.
type SheetRow struct {
	Name     string
	Pictures []image.Image
}

// pictureSide is the side of a picture, in points.
const pictureSide = 110

// WritePNG draws the sheet to path. Without a picture it is an error wrapping ErrNothing.
func (s *Sheet) WritePNG(path string) error {
	if len(s.Rows) == 0 || len(s.Columns) == 0 {
		return ErrNothing
	}
	const gap, left = 8, 70
	heads, names := style(tickSize), style(tickSize)
	heads.XAlign, heads.YAlign, names.YAlign = draw.XCenter, draw.YBottom, draw.YCenter
	width := 2*margin + left + vg.Length(len(s.Columns))*(pictureSide+gap)
	var lines [][]string
	most := 1
	for _, name := range s.Columns {
		l := wrap(name, pictureSide, heads.Width)
		lines, most = append(lines, l), max(most, len(l))
	}
	caption := style(tickSize)
	caption.Color, caption.YAlign = grey, draw.YTop
	text := wrap(s.Caption, width-2*margin, caption.Width)
	step := caption.Height("X") * 1.4
	title := style(titleSize)
	title.YAlign = draw.YTop
	top := margin + title.Height(s.Title) + 12 + vg.Length(most)*step
	height := top + vg.Length(len(s.Rows))*(pictureSide+gap) + vg.Length(len(text))*step + margin
	img := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(110))}
	c := draw.NewCanvas(img, width, height)
	c.SetColor(white)
	c.Fill(c.Rectangle.Path())
	c.FillText(title, vg.Point{X: margin, Y: height - margin}, s.Title)
	for j, l := range lines {
		for k, line := range l {
			at := vg.Point{X: margin + left + vg.Length(j)*(pictureSide+gap) + pictureSide/2,
				Y: height - top + vg.Length(len(l)-1-k)*step + 2}
			c.FillText(heads, at, line)
		}
	}
	for i, row := range s.Rows {
		low := height - top - vg.Length(i)*(pictureSide+gap) - pictureSide
		c.FillText(names, vg.Point{X: margin, Y: low + pictureSide/2}, row.Name)
		for j, p := range row.Pictures {
			if p != nil {
				x := margin + left + vg.Length(j)*(pictureSide+gap)
				c.DrawImage(rectangle(x, low, x+pictureSide, low+pictureSide), p)
			}
		}
	}
	for k, line := range text {
		c.FillText(caption, vg.Point{X: margin, Y: margin + vg.Length(len(text)-k)*step}, line)
	}
	var b bytes.Buffer
	if _, err := img.WriteTo(&b); err != nil {
		return fmt.Errorf("figure: %s: %w", path, err)
	}
	return result.WriteFile(path, b.Bytes())
}
