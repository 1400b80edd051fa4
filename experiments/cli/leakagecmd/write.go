package leakagecmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// shownSamples is of how many samples there are pictures.
const shownSamples = 4

// keep writes a table, its figures and its report into a folder.
func keep(ctx context.Context, dir string, t *leakage.Table, machine, date string) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	var csv, text bytes.Buffer
	if err := errors.Join(t.WriteCSV(&csv), write(&text, t)); err != nil {
		return err
	}
	if err := errors.Join(
		result.WriteFile(filepath.Join(dir, "leakage.json"), append(b, '\n')),
		result.WriteFile(filepath.Join(dir, "leakage.csv"), csv.Bytes()),
		result.WriteFile(filepath.Join(dir, "table.txt"), text.Bytes()),
	); err != nil {
		return err
	}
	p := page(t, machine, date)
	if err := addDepth(dir, t, p); err != nil {
		return err
	}
	if err := addPictures(ctx, dir, t, p); err != nil {
		return err
	}
	return report.WritePage(filepath.Join(dir, "report.html"), p)
}

// addDepth draws leakage against depth.
func addDepth(dir string, t *leakage.Table, p *report.Page) error {
	d := depth(t)
	_, err := d.Write(filepath.Join(dir, "leakage"))
	if errors.Is(err, figure.ErrNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	svg, err := os.ReadFile(filepath.Join(dir, "leakage.svg"))
	p.Figures = append(p.Figures, report.Figure{Name: d.Title, Caption: d.Caption, File: "leakage.svg", SVG: svg})
	return err
}

// depth is leakage against depth.
func depth(t *leakage.Table) *figure.Depth {
	d := &figure.Depth{Title: t.Application + ": what cuts give away", Caption: fmt.Sprintf(
		"Bands are 95 %% intervals; %d samples, seed %d; frames resized to %d x %d pixels to be reconstructed. "+
			"Floor: the mean "+
			"of the other frames; ceiling: JPEG of no more bytes, with the first codec. %s.", t.Samples, t.Seed, t.Side, t.Side,
		sentence(core.Rule))}
	at := map[string]int{}
	for i := range t.Rows {
		r := &t.Rows[i]
		if _, known := at[r.Title()]; !known {
			at[r.Title()] = len(d.Cuts)
			d.Cuts = append(d.Cuts, r.Title())
		}
	}
	codecs, names := alike(t)
	line := func(name, codec string, of func(r *leakage.Row) *core.Estimate, baseline bool) figure.Line {
		l := figure.Line{Name: name, Baseline: baseline}
		for i := range t.Rows {
			r := &t.Rows[i]
			if r.Codec != codec {
				continue
			}
			pt := figure.Point{X: float64(at[r.Title()]), Y: math.NaN()}
			if e := of(r); e != nil {
				pt.Y, pt.Low, pt.High = e.Value, e.Low, e.High
			}
			l.Points = append(l.Points, pt)
		}
		return l
	}
	for _, panel := range []struct {
		label              string
		of, floor, ceiling func(r *leakage.Row) *core.Estimate
	}{
		{"dependence", func(r *leakage.Row) *core.Estimate { return r.Dependence }, nil, nil},
		{"PSNR (dB)", func(r *leakage.Row) *core.Estimate { return r.PSNR },
			func(r *leakage.Row) *core.Estimate { return r.FloorPSNR },
			func(r *leakage.Row) *core.Estimate { return r.CeilingPSNR }},
		{"SSIM", func(r *leakage.Row) *core.Estimate { return r.SSIM },
			func(r *leakage.Row) *core.Estimate { return r.FloorSSIM },
			func(r *leakage.Row) *core.Estimate { return r.CeilingSSIM }},
	} {
		p := figure.DepthPanel{Label: panel.label}
		for _, c := range codecs {
			p.Lines = append(p.Lines, line("codec "+strings.Join(names[c], ", "), c, panel.of, false))
		}
		if panel.floor != nil && len(codecs) > 0 {
			p.Bounds = []figure.Line{line("floor", codecs[0], panel.floor, true),
				line("ceiling", codecs[0], panel.ceiling, true)}
		}
		d.Panels = append(d.Panels, p)
	}
	return d
}

// alike returns the codecs that give away something else than those before them, each with those
// of which the same arrives: they only differ in bytes.
func alike(t *leakage.Table) (codecs []string, names map[string][]string) {
	values, order := map[string]map[string]core.Estimate{}, []string{}
	for i := range t.Rows {
		r := &t.Rows[i]
		if values[r.Codec] == nil {
			values[r.Codec] = map[string]core.Estimate{}
			order = append(order, r.Codec)
		}
		if r.Dependence != nil {
			values[r.Codec][r.Title()] = *r.Dependence
		}
	}
	names = map[string][]string{}
	for _, c := range order {
		at := slices.IndexFunc(codecs, func(before string) bool {
			for cut, v := range values[c] {
				if values[before][cut] != v {
					return false
				}
			}
			return true
		})
		if at < 0 {
			at, codecs = len(codecs), append(codecs, c)
		}
		names[codecs[at]] = append(names[codecs[at]], c)
	}
	return codecs, names
}

// addPictures draws what is reconstructed of some samples.
func addPictures(ctx context.Context, dir string, t *leakage.Table, p *report.Page) error {
	s, err := t.Sheet(ctx, shownSamples)
	if err != nil || s == nil {
		return err
	}
	sheet := &figure.Sheet{Title: t.Application + ": what a linear decoder sees, codec " + s.Codec,
		Caption: fmt.Sprintf("Each sample was reconstructed by a decoder that was fitted to others. dB is the "+
			"mean PSNR of all "+
			"samples, of pictures of %d x %d pixels. %s.", t.Side, t.Side, sentence(core.Rule)), Columns: s.Columns}
	for _, r := range s.Rows {
		name := fmt.Sprintf("sample %d", r.Sample)
		sheet.Rows = append(sheet.Rows, figure.SheetRow{Name: name, Pictures: r.Pictures})
		for i, img := range r.Pictures {
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				return err
			}
			p.Pictures = append(p.Pictures, report.Picture{Caption: s.Columns[i], Group: name, PNG: b.Bytes()})
		}
	}
	return sheet.WritePNG(filepath.Join(dir, "pictures.png"))
}
