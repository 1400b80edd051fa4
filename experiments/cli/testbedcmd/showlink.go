package testbedcmd

import (
	"fmt"
	"io"
	"slices"
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
	for _, bytes := range sizesOf(&f.Link) {
		fmt.Fprintln(w, sizeRow(&f.Link, bytes))
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

// sizesOf returns those that were measured in either direction, rising.
func sizesOf(l *profile.Link) []int64 {
	var all []int64
	for i := range l.Directions {
		for _, s := range l.Directions[i].Sizes {
			all = append(all, s.Bytes)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// sizeRow is the row of a size in the table.
func sizeRow(l *profile.Link, bytes int64) string {
	row := strconv.FormatInt(bytes, 10)
	ms := func(ns int64) string { return strconv.FormatFloat(float64(ns)/1e6, 'f', 3, 64) }
	for i := range l.Directions {
		sizes := l.Directions[i].Sizes
		at := slices.IndexFunc(sizes, func(s profile.Size) bool { return s.Bytes == bytes })
		if at < 0 {
			row += "\t\t\t\t"
			continue
		}
		s := &sizes[at]
		row += fmt.Sprintf("\t%s\t%s\t%s\t%d", ms(int64(quantile.Median(s.Send))), ms(int64(quantile.Median(s.OneWay))),
			ms(int64(s.Clocks)), len(s.OneWay))
	}
	return row
}

func kilobytes(n int64, none string) string {
	if n == 0 {
		return none
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}
