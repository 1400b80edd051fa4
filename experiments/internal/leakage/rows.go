package leakage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// fill computes the rows.
func (x *Table) fill(ctx context.Context, r *Request, cuts []Cut, progress driver.Progress) error {
	if r.Detail == Everything && x.frames.pictures == nil {
		x.Notes = append(x.Notes, "the input is no picture, uint8[h,w,3]: nothing is reconstructed")
	}
	n := 0
	for _, c := range cuts {
		for i, name := range r.Codecs {
			if i > 0 && !x.coded(c, name) {
				n++
				continue // it is the row before
			}
			if err := ctx.Err(); err != nil {
				return errors.Join(err, x.kept.write())
			}
			n++
			progress.Step("leakage at "+c.title()+" with "+name, n, len(cuts)*len(r.Codecs), 0)
			row, err := x.row(ctx, r, c, name)
			if err != nil {
				return err
			}
			x.Rows = append(x.Rows, row)
		}
	}
	return errors.Join(x.kept.write(), ctx.Err())
}

// coded reports whether a codec codes a tensor of a cut: others cross as they are.
func (x *Table) coded(c Cut, codecName string) bool {
	return slices.ContainsFunc(c.Tensors, func(name string) bool {
		at, ok := x.taps.byName[name]
		return ok && compile.Codes(codecName, x.taps.list[at].kind)
	})
}

// row computes what a cut gives away under a codec, or takes it from what is known.
func (x *Table) row(ctx context.Context, r *Request, c Cut, codecName string) (Row, error) {
	id := key(append([]string{c.Name, codecName, fmt.Sprint(r.Detail)}, c.Tensors...)...)
	if row, ok := x.kept.Rows[id]; ok {
		return row, nil
	}
	row := Row{Cut: c.Name, PP: c.PP, Tensors: c.Tensors, Codec: codecName, Samples: x.Samples, Seed: x.Seed}
	for _, t := range c.Tensors {
		row.Bytes += x.kept.Bytes[key(t, codecName)]
	}
	s, err := x.samples(c.Tensors, codecName)
	if err != nil {
		row.Failed = err.Error()
		return row, nil
	}
	arrived := x.arrivals(c.Tensors, codecName)
	known, ok := x.same[arrived]
	if !ok {
		if known, err = x.judge(r, s); err != nil {
			return Row{}, err
		}
		x.same[arrived] = known
	}
	row.Dependence, row.PSNR, row.SSIM, row.Radius = known.Dependence, known.PSNR, known.SSIM, known.Radius
	if row.PSNR != nil {
		floor := x.mean()
		row.FloorPSNR, row.FloorSSIM = &floor.PSNR, &floor.SSIM
		if err := errors.Join(x.show(ctx), ctx.Err()); err != nil {
			return Row{}, err
		}
		if err := x.ceil(&row); err != nil {
			return Row{}, err
		}
	}
	x.kept.Rows[id] = row
	return row, nil
}

// arrivals names what arrives of tensors: of codecs that only differ in bytes it is the same.
func (x *Table) arrivals(tensors []string, codecName string) string {
	var parts []string
	for _, name := range tensors {
		parts = append(parts, name, arrives(codecName, x.taps.list[x.taps.byName[name]].kind))
	}
	return key(parts...)
}

// judge computes what samples give away, whatever their bytes.
func (x *Table) judge(r *Request, s *leakage.Samples) (row Row, err error) {
	e, err := leakage.Dependence(s, x.input)
	if err != nil {
		return Row{}, err
	}
	row.Dependence = &e
	if r.Detail == Everything {
		err = x.reconstruct(r, &row, s)
	}
	return row, err
}

// reconstruct adds what can be seen again.
func (x *Table) reconstruct(r *Request, row *Row, s *leakage.Samples) error {
	if len(r.Labels) > 0 {
		labels := make([]int, len(x.frames.of))
		for i, n := range x.frames.of {
			labels[i] = r.Labels[n%int64(len(r.Labels))]
		}
		if radius, err := leakage.Radius(s, labels); err == nil { // else all samples are equal
			row.Radius = &radius
		}
	}
	if x.frames.pictures == nil {
		return nil
	}
	made, err := leakage.Reconstruct(s, x.frames.pictures, x.Seed)
	if err != nil {
		return err
	}
	row.PSNR, row.SSIM = &made.PSNR, &made.SSIM
	return nil
}

// mean returns the floor.
func (x *Table) mean() *leakage.Reconstruction {
	if x.floor == nil {
		x.floor = leakage.Floor(x.frames.pictures, x.Seed)
	}
	return x.floor
}

// show keeps whole frames for JPEG.
func (x *Table) show(ctx context.Context) error {
	if x.jpegs != nil {
		return nil
	}
	if err := x.frames.show(ctx, x.request, x.taps); err != nil {
		return err
	}
	x.jpegs = newJPEGs(x.frames)
	return nil
}

// ceil adds the ceiling.
func (x *Table) ceil(row *Row) (err error) {
	if row.CeilingQuality, err = x.jpegs.at(row.Bytes); err != nil {
		return err
	}
	if row.CeilingQuality == 0 {
		least, err := x.jpegs.mean(qualities[0])
		row.CeilingNote = fmt.Sprintf("no JPEG is that small: quality %d has %.0f bytes", qualities[0], least)
		return err
	}
	c, err := x.jpegs.ceiling(row.CeilingQuality)
	if err != nil {
		return err
	}
	row.CeilingPSNR, row.CeilingSSIM = &c.PSNR, &c.SSIM
	if row.CeilingQuality == 100 {
		most, err := x.jpegs.mean(100)
		row.CeilingNote = fmt.Sprintf("JPEG of quality 100 has %.0f bytes", most)
		return err
	}
	return nil
}

// Reconstruct returns what is made of the tensors of a row, by sample. It is nil without pictures.
func (x *Table) Reconstruct(row *Row) (*leakage.Reconstruction, error) {
	if x.frames.pictures == nil || row.Failed != "" {
		return nil, nil
	}
	s, err := x.samples(row.Tensors, row.Codec)
	if err != nil {
		return nil, err
	}
	return leakage.Reconstruct(s, x.frames.pictures, x.Seed)
}
