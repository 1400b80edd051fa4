package profilecmd

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
)

const minute = "2006-01-02 15:04 UTC"

// what says what a device is.
func what(d *profiles.Device) string {
	f := &d.Fingerprint
	return fmt.Sprintf("%s, %d processors, %s", cmp.Or(f.Board, f.Processor, "unknown processor"), f.Cores, f.System)
}

// Title names a profile's device, what it is and when it was measured.
func Title(d *profiles.Device) string {
	return fmt.Sprintf("device %s: %s; measured %s", d.Device, what(d), d.Created.UTC().Format(minute))
}

// Print prints a profile.
func Print(w io.Writer, d *profiles.Device) error {
	fmt.Fprintln(w, Title(d))
	f := &d.Fingerprint
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(tw, "%s\t%s\n", name, value)
		}
	}
	line("processor", f.Processor)
	line("accelerators", strings.Join(f.Accelerators, ", "))
	line("power mode", f.PowerMode)
	for _, c := range f.Clocks {
		line("clock of "+c.Of, c.String())
	}
	line("ONNX Runtime", f.Runtime)
	line("providers", strings.Join(f.Providers, ", "))
	line("program", f.Program)
	for _, u := range d.Units {
		line("unit", u.String())
	}
	for _, m := range d.Models {
		line("model", fmt.Sprintf("%s, SHA-256 %.8s", m.Name, m.SHA256))
	}
	for _, m := range d.Measured {
		line("measured", fmt.Sprintf("%s, %s, %d rounds, %s", m.What, m.Effort, m.Rounds, m.Created.UTC().Format(minute)))
	}
	if d.Dispatch > 0 {
		line("dispatch", d.Dispatch.String()+" from one firing to the next")
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	return PrintEntries(w, d.Entries)
}

// PrintEntries prints a table of costs.
func PrintEntries(w io.Writer, entries map[string]profile.Entry) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "WHAT\tMEDIAN\tSPREAD (quartiles)\tSAMPLES\tLOG-NORMAL FIT\tSLOW PHASES")
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		e := entries[k]
		s := make([]float64, len(e.Samples))
		for i, d := range e.Samples {
			s[i] = float64(d)
		}
		low, high := time.Duration(quantile.Of(0.25, s)), time.Duration(quantile.Of(0.75, s))
		fmt.Fprintf(tw, "%s\t%v\t%v .. %v\t%d", k, round(e.Median()), round(low), round(high), len(s))
		fmt.Fprintf(tw, "\t%s", fits(e.Samples))
		if e.Basis != "" {
			fmt.Fprintf(tw, "\t%s", e.Basis)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// fits says what the cost models lognormal and phases make of samples.
func fits(samples []time.Duration) string {
	text := "-"
	if l, err := costmodel.FitLognormal(samples, false); err == nil {
		text = fmt.Sprintf("sigma %.2f, distance %.2f", l.Sigma, l.Distance)
		if l.Bad() {
			text += ", bad"
		}
	}
	p, err := costmodel.FitPhases(samples)
	if err != nil {
		return text + "\t-"
	}
	return fmt.Sprintf("%s\t%v, distance %.2f", text, round(p.Slow.At(0)), p.Distance)
}

func round(d time.Duration) time.Duration { return d.Round(time.Microsecond) }

func printList(w io.Writer, all []listed) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(w, "no profile of a device is kept; make some by edgeprune profile --testbed FILE "+
			"experiments/NAME")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tDEVICE\tMEASURED\tENTRIES\tMODELS")
	for _, l := range all {
		if l.Error != "" {
			fmt.Fprintf(tw, "%s\tcan't be read: %s\n", l.Name, l.Error)
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%s\n", l.Name, l.What, l.Created.UTC().Format(minute), l.Entries,
			strings.Join(l.Models, ", "))
	}
	return tw.Flush()
}
