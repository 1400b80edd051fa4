package testbedcmd

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
)

// spread prints a median with its percentiles, in units of scale.
func spread(s profile.Spread, scale float64, format string) string {
	if s.N == 0 {
		return "-"
	}
	return fmt.Sprintf(format+" ("+format+" to "+format+")", s.Median/scale, s.Low/scale, s.High/scale)
}

// showLink prints a measured link for people.
func showLink(to io.Writer, l *plan.Link, f *profiles.LinkFile) error {
	fmt.Fprintf(to, "link %s, as measured by tokens; medians (5th to 95th percentile)\n", l.Name)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "direction\tMB/s\tburst\tsender waits at\tround trip ms\tlatency ms\tjitter ms\t"+
		"sending a message µs\ta byte ns")
	for i := range f.Directions {
		d := &f.Directions[i]
		fmt.Fprintf(w, "%s to %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Between[i], f.Between[1-i],
			spread(d.BytesPerSec, 1e6, "%.2f"), kilobytes(d.BurstBytes, "none"), kilobytes(d.BufferBytes, "never"),
			spread(d.RoundTripNs, 1e6, "%.2f"), spread(d.LatencyNs, 1e6, "%.2f"), spread(d.JitterNs, 1e6, "%+.2f"),
			spread(d.PerMessageNs, 1e3, "%.0f"), spread(d.PerByteNs, 1, "%.2f"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "bytes\tfrom "+f.Between[0]+": sending ms\tone way ms\t± clocks\ttokens\tfrom "+f.Between[1]+
		": sending ms\tone way ms\t± clocks\ttokens")
	there, back := f.Directions[0].Sizes, f.Directions[1].Sizes
	for i := range max(len(there), len(back)) {
		fmt.Fprintln(w, sizeRow(there, back, i))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if f.Lost > 0 {
		_, err := fmt.Fprintf(to, "Connections of the devices were lost %d times meanwhile: measure it again.\n", f.Lost)
		return err
	}
	return nil
}

// sizeRow is row i of the table of sizes.
func sizeRow(there, back []profile.Size, i int) string {
	bytes, row := "", ""
	for _, sizes := range [][]profile.Size{there, back} {
		if i >= len(sizes) {
			row += "\t\t\t\t"
			continue
		}
		s := &sizes[i]
		ms := func(ns int64) string { return strconv.FormatFloat(float64(ns)/1e6, 'f', 3, 64) }
		bytes = strconv.FormatInt(s.Bytes, 10)
		row += fmt.Sprintf("\t%s\t%s\t%s\t%d", ms(int64(quantile.Median(s.Send))), ms(int64(quantile.Median(s.OneWay))),
			ms(int64(s.Clocks)), len(s.OneWay))
	}
	return bytes + row
}

func kilobytes(n int64, none string) string {
	if n == 0 {
		return none
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}
