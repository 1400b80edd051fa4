package leakagecmd

import (
	"fmt"
	"strings"

	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

// sentence begins a text with a capital.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// page returns the report of a table, without figures and pictures.
func page(t *leakage.Table, machine, date string) *report.Page {
	p := &report.Page{
		Title: t.Application + ": what cuts give away of the frames",
		Kicker: "Real: tensors that ONNX Runtime made on this machine, coded and decoded by the codecs that a link has. " +
			"Nothing is modelled or assumed.",
		Lead: append(t.Lead(), sentence(core.Rule)+"."),
		Facts: []report.Fact{{Name: "samples", Value: fmt.Sprint(t.Samples)}, {Name: "seed", Value: fmt.Sprint(t.Seed)},
			{Name: "reconstructed pictures", Value: fmt.Sprintf("%d x %d pixels", t.Side, t.Side)}},
		Method: []report.Section{{Title: "How it is found", Lines: method},
			{Title: "Machine", Lines: []string{machine, date}}},
	}
	for _, n := range t.Notes {
		p.Notes = append(p.Notes, report.Note{Kind: "samples", Text: n})
	}
	p.Tables = []report.Table{rows(t)}
	return p
}

// method says how the figures came about.
var method = []string{
	"Dependence is the bias-corrected distance correlation of what arrives with the frames (Székely, Rizzo " +
		"2013): 0 in the " +
		"mean of independent ones, at most 1. Its interval is that of the jackknife.",
	"PSNR and SSIM are of frames that a linear decoder reconstructs: ridge regression in its dual form, fitted to three " +
		"quarters of the samples and tried on the others, in turn. Their intervals are of the mean over samples.",
	"The floor is the mean of the frames that were fitted to. The ceiling is JPEG in the highest quality whose " +
		"files have no " +
		"more bytes than the tensors on the link.",
	"The class radius is how far samples of a class lie from its middle, as a share of how far samples lie " +
		"from the middle of " +
		"all: 0 where a class is one point, about 1 where classes say nothing.",
	"Samples of a clip are alike: a decoder that was fitted to a scene knows it, as somebody does who watched it.",
}

// rows is the table of all rows.
func rows(t *leakage.Table) report.Table {
	numeric := func(name, unit, about string) report.Column {
		return report.Column{Name: name, Unit: unit, Numeric: true, About: about}
	}
	of := report.Table{Name: "cuts and codecs", About: "± is half the 95 % interval. " + sentence(core.Rule) + ".",
		Columns: []report.Column{{Name: "cut"}, {Name: "codec"}, numeric("bytes", "", "of a sample on the link, mean"),
			numeric("dependence", "", "distance correlation with the frames"), numeric("PSNR", "dB", "reconstructed"),
			numeric("floor", "dB", "PSNR of the mean frame"), numeric("ceiling", "dB", "PSNR of JPEG of no more bytes"),
			numeric("SSIM", "", "reconstructed"), numeric("floor SSIM", "", ""), numeric("ceiling SSIM", "", ""),
			numeric("JPEG quality", "", "of the ceiling"), numeric("class radius", "", ""), {Name: "note"}}}
	cell := func(e *core.Estimate, text string) report.Cell {
		if e == nil {
			return report.Cell{Text: text}
		}
		return report.Number(text, e.Value)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		note := r.CeilingNote
		if r.Failed != "" {
			note = r.Failed
		}
		row := report.Row{Measured: true, Cells: []report.Cell{{Text: r.Title()}, {Text: r.Codec},
			report.Number(fmt.Sprintf("%.0f", r.Bytes), r.Bytes), cell(r.Dependence, interval(r.Dependence, 3)),
			cell(r.PSNR, interval(r.PSNR, 1)), cell(r.FloorPSNR, value(r.FloorPSNR, 1)),
			cell(r.CeilingPSNR, value(r.CeilingPSNR, 1)), cell(r.SSIM, interval(r.SSIM, 3)),
			cell(r.FloorSSIM, value(r.FloorSSIM, 3)), cell(r.CeilingSSIM, value(r.CeilingSSIM, 3)),
			{Text: quality(r)}, {Text: number(r.Radius)}, {Text: note}}}
		if r.CeilingQuality > 0 {
			row.Cells[10] = report.Number(quality(r), float64(r.CeilingQuality))
		}
		if r.Radius != nil {
			row.Cells[11] = report.Number(number(r.Radius), *r.Radius)
		}
		of.Rows = append(of.Rows, row)
	}
	return of
}
