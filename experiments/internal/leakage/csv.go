package leakage

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/leakage"
)

// estimates are the columns that are estimates, each with its bounds.
var estimates = []struct {
	name string
	of   func(r *Row) *leakage.Estimate
}{
	{"dependence", func(r *Row) *leakage.Estimate { return r.Dependence }},
	{"psnr_db", func(r *Row) *leakage.Estimate { return r.PSNR }},
	{"floor_psnr_db", func(r *Row) *leakage.Estimate { return r.FloorPSNR }},
	{"ceiling_psnr_db", func(r *Row) *leakage.Estimate { return r.CeilingPSNR }},
	{"ssim", func(r *Row) *leakage.Estimate { return r.SSIM }},
	{"floor_ssim", func(r *Row) *leakage.Estimate { return r.FloorSSIM }},
	{"ceiling_ssim", func(r *Row) *leakage.Estimate { return r.CeilingSSIM }},
}

// WriteCSV writes the rows with a header. What is not known is an empty cell.
func (x *Table) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	head := []string{"cut", "pp", "tensors", "codec", "bytes", "samples", "seed"}
	for _, e := range estimates {
		head = append(head, e.name, e.name+"_low", e.name+"_high")
	}
	head = append(head, "ceiling_jpeg_quality", "class_radius", "failed")
	lines := [][]string{head}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 8, 64) }
	for i := range x.Rows {
		r := &x.Rows[i]
		line := []string{r.Cut, strconv.Itoa(r.PP), strings.Join(r.Tensors, " "), r.Codec, number(r.Bytes),
			strconv.Itoa(r.Samples), strconv.FormatUint(r.Seed, 10)}
		for _, e := range estimates {
			if v := e.of(r); v != nil {
				line = append(line, number(v.Value), number(v.Low), number(v.High))
			} else {
				line = append(line, "", "", "")
			}
		}
		quality, radius := "", ""
		if r.CeilingQuality > 0 {
			quality = strconv.Itoa(r.CeilingQuality)
		}
		if r.Radius != nil {
			radius = number(*r.Radius)
		}
		lines = append(lines, append(line, quality, radius, r.Failed))
	}
	if err := c.WriteAll(lines); err != nil {
		return fmt.Errorf("leakage: csv: %w", err)
	}
	return nil
}
