package leakagecmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/codec"
	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/codectable"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
)

// codecs returns those that are named, or else those of the subject.
func codecs(names, own []string) ([]string, error) {
	for _, name := range names {
		if name == AllCodecs {
			if len(names) > 1 {
				return nil, input.Error(fmt.Errorf("--codecs %s stands alone", AllCodecs))
			}
			return codectable.Codecs, nil
		}
		if _, err := codec.Parse(name); err != nil {
			return nil, input.Error(fmt.Errorf("--codecs: %w", err))
		}
	}
	switch {
	case len(names) > 0:
		return names, nil
	case len(own) > 0:
		return own, nil
	}
	return []string{codec.None, codec.FP16, codec.Int8}, nil
}

const missing = "-"

// write prints a table.
func write(w io.Writer, t *leakage.Table) error {
	fmt.Fprintf(w, "%s: %d samples, seed %d; frames resized to %d x %d pixels to be reconstructed\n", t.Application,
		t.Samples, t.Seed, t.Side, t.Side)
	for _, n := range t.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	heads := []string{"CUT", "CODEC", "BYTES", "DEPENDENCE", "PSNR dB", "FLOOR", "CEILING", "SSIM", "FLOOR", "CEILING",
		"JPEG", "CLASS RADIUS"}
	fmt.Fprintln(tw, strings.Join(heads, "\t"))
	var notes []string
	for i := range t.Rows {
		r := &t.Rows[i]
		line := []string{r.Title(), r.Codec, fmt.Sprintf("%.0f", r.Bytes)}
		if r.Failed != "" {
			line = append(line, "not known")
			notes = append(notes, fmt.Sprintf("%s with %s: %s", r.Title(), r.Codec, r.Failed))
		} else {
			line = append(line, interval(r.Dependence, 3), interval(r.PSNR, 1), value(r.FloorPSNR, 1), value(r.CeilingPSNR, 1),
				interval(r.SSIM, 3), value(r.FloorSSIM, 3), value(r.CeilingSSIM, 3), quality(r), number(r.Radius))
		}
		fmt.Fprintln(tw, strings.Join(line, "\t"))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, n := range notes {
		fmt.Fprintf(w, "not known: %s\n", n)
	}
	for _, line := range t.Lead() {
		fmt.Fprintln(w, line)
	}
	_, err := fmt.Fprintf(w, "± is half the 95 %% interval; JPEG is the highest quality of no more bytes, %s where none "+
		"is that small.\n%s.\n", missing, core.Rule)
	return err
}

func interval(e *core.Estimate, digits int) string {
	if e == nil {
		return missing
	}
	return fmt.Sprintf("%.*f ± %.*f", digits, e.Value, digits, (e.High-e.Low)/2)
}

func value(e *core.Estimate, digits int) string {
	if e == nil {
		return missing
	}
	return fmt.Sprintf("%.*f", digits, e.Value)
}

func number(v *float64) string {
	if v == nil {
		return missing
	}
	return fmt.Sprintf("%.2f", *v)
}

func quality(r *leakage.Row) string {
	if r.CeilingQuality == 0 {
		return missing
	}
	return fmt.Sprint(r.CeilingQuality)
}
