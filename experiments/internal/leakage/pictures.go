package leakage

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/leakage"
)

// Depths is at how many cuts reconstructions are shown, from the first to the last.
const Depths = 5

// Sheet is pictures of some samples: the input, its reconstructions at several depths, the floor
// and the ceiling.
type Sheet struct {
	Codec   string
	Columns []string
	Rows    []SheetRow
}

// SheetRow is one sample, with a picture for each column.
type SheetRow struct {
	Sample   int
	Pictures []image.Image
}

// Sheet returns the pictures of so many samples, of rows of the first codec. It is nil where the
// rows hold no reconstructions.
func (x *Table) Sheet(ctx context.Context, samples int) (*Sheet, error) {
	var rows []*Row
	for i := range x.Rows {
		if r := &x.Rows[i]; r.PSNR != nil && r.Codec == x.Rows[0].Codec {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	rows = spread(different(rows), Depths)
	if err := x.show(ctx); err != nil {
		return nil, err
	}
	s := &Sheet{Codec: rows[0].Codec, Columns: []string{"input"}}
	var sets [][]leakage.Picture // by column, by sample
	for _, r := range rows {
		made, err := x.Reconstruct(r)
		if err != nil {
			return nil, err
		}
		s.Columns = append(s.Columns, fmt.Sprintf("%s: %.1f dB", r.Title(), made.PSNR.Value))
		sets = append(sets, made.Pictures)
	}
	floor := x.mean()
	s.Columns = append(s.Columns, fmt.Sprintf("floor, the mean: %.1f dB", floor.PSNR.Value))
	middle := rows[len(rows)/2]
	quality := middle.CeilingQuality
	what := fmt.Sprintf("ceiling, JPEG of the bytes of %s", middle.Title())
	if quality == 0 {
		quality, what = qualities[0], "JPEG, the least quality"
	}
	ceiling, err := x.jpegs.ceiling(quality)
	if err != nil {
		return nil, err
	}
	s.Columns = append(s.Columns, fmt.Sprintf("%s: %.1f dB", what, ceiling.PSNR.Value))
	for _, i := range spread(indices(len(x.frames.whole)), samples) {
		n := x.frames.whole[i].sample
		row := SheetRow{Sample: n, Pictures: []image.Image{imageOf(x.frames.pictures.At(n))}}
		for _, set := range append(slices.Clone(sets), floor.Pictures) {
			row.Pictures = append(row.Pictures, imageOf(set[n]))
		}
		row.Pictures = append(row.Pictures, imageOf(ceiling.Pictures[i]))
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

// different leaves out rows at which the decoder sees what it saw before.
func different(rows []*Row) []*Row {
	list := []*Row{rows[0]}
	for _, r := range rows[1:] {
		if last := list[len(list)-1]; math.Abs(r.PSNR.Value-last.PSNR.Value) > 0.01 {
			list = append(list, r)
		}
	}
	return list
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// spread returns some of a list, the first and the last among them, evenly spread.
func spread[T any](list []T, n int) []T {
	if n >= len(list) {
		return list
	}
	var some []T
	for i := range n {
		some = append(some, list[i*(len(list)-1)/max(n-1, 1)])
	}
	return some
}

// imageOf makes an image of pixels.
func imageOf(p leakage.Picture) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		for c := range 3 {
			img.Pix[4*i+c] = byte(p.Pixels[3*i+c] + 0.5)
		}
		img.Pix[4*i+3] = 255
	}
	return img
}
