package checkcmd

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
)

func printViolations(w io.Writer, ch *checked) {
	fmt.Fprintf(w, "%s %s: bad, %s\n", ch.What, ch.Name, plural(len(ch.Violations), "violation"))
	for _, v := range ch.Violations {
		fmt.Fprintf(w, "  %s\n", v)
	}
	for _, n := range ch.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// printer prints sections of a report; tw aligns their tables.
type printer struct {
	w   io.Writer
	tw  *tabwriter.Writer
	r   *analysis.Report
	err error
}

// printChecked prints the report of a valid graph.
func printChecked(w io.Writer, ch *checked) error {
	r := ch.Report
	same := copiesOf(ch.plan)
	fmt.Fprintf(w, "%s %s: ok, %s, %s, %s\n", ch.What, ch.Name, plural(r.Actors, "actor"), plural(len(r.FIFOs), "FIFO"),
		plural(len(r.Parts), "dynamic part"))
	fmt.Fprintln(w, "rates are consistent, memory is bounded, there is no deadlock")
	for _, n := range ch.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	if same != nil {
		for _, line := range same.lines() {
			fmt.Fprintf(w, "copies: %s\n", line)
		}
		r = same.report(r)
	}
	p := &printer{w: w, tw: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), r: r}
	for _, b := range ch.Borders {
		fmt.Fprintf(w, "warning: %s -> %s at %s %s\n", b.From, b.To, strings.Join(b.Tensors, ", "),
			modelcmd.BrokenText(b.Broken, b.Instead, "let cross"))
	}
	p.schedule()
	p.fifos()
	if ch.plan != nil {
		p.resources()
		for i := range r.Flows {
			p.flow(&r.Flows[i])
		}
		if n := len(r.Missing); n > 0 {
			fmt.Fprintf(w, "\ncosts of %d of %s are not known, such as %s: paths and throughput need all of them\n", n,
				plural(r.Actors, "actor"), r.Missing[0])
		}
	}
	return p.err
}

func (p *printer) section(format string, args ...any) { fmt.Fprintf(p.w, "\n"+format+"\n", args...) }

func (p *printer) table(head string, rows func()) {
	fmt.Fprintln(p.tw, "  "+head)
	rows()
	if err := p.tw.Flush(); p.err == nil {
		p.err = err
	}
}

func (p *printer) schedule() {
	p.section("SCHEDULE of one iteration")
	line := " "
	for i, s := range p.r.Schedule {
		word := s.Actor
		if s.OnlyIf >= 0 {
			word += fmt.Sprintf(" (if atr of part %d > 0)", s.OnlyIf+1)
		}
		if i+1 < len(p.r.Schedule) {
			word += ","
		}
		if len(line)+len(word) > 110 {
			fmt.Fprintln(p.w, line)
			line = " "
		}
		line += " " + word
	}
	fmt.Fprintln(p.w, line)
	for i, d := range p.r.Parts {
		fmt.Fprintf(p.w, "  part %d: atr %d to %d, set by %s; entry %s; inner %s; exit %s\n", i+1, d.LRL, d.URL, d.Config,
			strings.Join(d.Entries, ", "), orNone(d.Inner), strings.Join(d.Exits, ", "))
	}
}

func orNone(s []string) string {
	if len(s) == 0 {
		return "none"
	}
	return strings.Join(s, ", ")
}

func (p *printer) fifos() {
	enough := map[string]int{}
	for _, f := range p.r.Flows {
		for _, c := range f.Capacities {
			enough[c.FIFO] = c.Enough
		}
	}
	head, legend := "FIFO\tRATE\tDELAY\tCAPACITY\t", "FIFOS, in tokens"
	if len(enough) > 0 {
		head, legend = head+"ENOUGH\t", legend+"; enough: as little as reaches the throughput of unbounded FIFOs"
	}
	p.section("%s", legend)
	p.table(head+"BYTES\tLINK", func() {
		for _, b := range p.r.FIFOs {
			rate, need := fmt.Sprint(b.URL), ""
			if b.LRL != b.URL {
				rate = fmt.Sprintf("%d..%d", b.LRL, b.URL)
			}
			if n, ok := enough[b.FIFO]; ok {
				need = fmt.Sprint(n) + "\t"
			}
			fmt.Fprintf(p.tw, "  %s\t%s\t%d\t%d\t%s%d\t%s\n", b.FIFO, rate, b.Delay, b.Capacity, need, b.Bytes, b.Link)
		}
	})
	for _, b := range p.r.FIFOs {
		if b.Variable != "" {
			fmt.Fprintf(p.w, "  %s is variable: %s, so its bytes are a bound\n", b.FIFO, b.Variable)
		}
	}
	if len(p.r.Units) == 0 {
		fmt.Fprintf(p.w, "  all together %d bytes on one device\n", p.r.Devices[0].FIFOBytes)
	}
}

func (p *printer) resources() {
	p.section("MEMORY for tokens, at most")
	p.table("DEVICE\tBYTES", func() {
		for _, d := range p.r.Devices {
			fmt.Fprintf(p.tw, "  %s\t%d\n", d.Device, d.FIFOBytes)
		}
	})
	if len(p.r.Links) > 0 {
		p.section("TRAFFIC per iteration, payload")
		p.table("LINK\tBEST\tWORST", func() {
			for _, l := range p.r.Links {
				fmt.Fprintf(p.tw, "  %s\t%d\t%d\n", l.Link, l.Best, l.Worst)
			}
		})
	}
	p.section("WORK per iteration")
	p.table("UNIT\tLANES\tACTORS\tFIRINGS\tTIME, BEST\tWORST", func() {
		for _, u := range p.r.Units {
			best, worst, firings := "-", "-", fmt.Sprint(u.WorstFirings)
			if u.Timed {
				best, worst = ns(u.Best), ns(u.Worst)
			}
			if u.BestFirings != u.WorstFirings {
				firings = fmt.Sprintf("%d to %d", u.BestFirings, u.WorstFirings)
			}
			fmt.Fprintf(p.tw, "  %s.%s\t%d\t%d\t%s\t%s\t%s\n", u.Device, u.Unit, u.Lanes, u.Actors, firings, best, worst)
		}
	})
}

func ns(n int64) string { return (time.Duration(n)).Round(time.Microsecond).String() }

// flow prints the times of one flow.
func (p *printer) flow(f *analysis.Flow) {
	if !f.Timed {
		return
	}
	of := ""
	if len(p.r.Flows) > 1 {
		of = " of the flow from " + f.First
	}
	p.section("CRITICAL PATH%s: an iteration takes at least %s, at best %s", of, ns(f.WorstPath.Time), ns(f.BestPath.Time))
	p.table("FROM\tTO\tWHAT", func() {
		for _, s := range f.WorstPath.Steps {
			what := s.Actor
			if s.FIFO != "" {
				what = "(link) " + s.FIFO
			}
			fmt.Fprintf(p.tw, "  %s\t%s\t%s\n", ns(s.Start), ns(s.End), what)
		}
	})
	p.section("THROUGHPUT%s", of)
	p.throughput("worst case", &f.Worst)
	if f.Best.Period != f.Worst.Period {
		p.throughput("best case", &f.Best)
	}
	switch low := lower(f); {
	case f.Most.Period >= f.Worst.Period:
		fmt.Fprintln(p.w, "  larger FIFOs would not raise it")
	default:
		fmt.Fprintf(p.w, "  %.4g per second with larger FIFOs: %s\n", f.Most.PerSecond, strings.Join(low, ", "))
	}
	if f.Cut {
		fmt.Fprintln(p.w, "  the search for small capacities was ended early; some of ENOUGH could be lower")
	}
}

// lower lists the FIFOs whose capacity is lower than what is enough.
func lower(f *analysis.Flow) []string {
	var list []string
	for _, c := range f.Capacities {
		if c.Given < c.Enough {
			list = append(list, fmt.Sprintf("%s %d instead of %d", c.FIFO, c.Enough, c.Given))
		}
	}
	return list
}

func (p *printer) throughput(which string, t *analysis.Throughput) {
	if t.Limit == analysis.ByNone {
		fmt.Fprintf(p.w, "  %s: nothing takes time\n", which)
		return
	}
	how := "exactly"
	if !t.Exact {
		how = "at most"
	}
	fmt.Fprintf(p.w, "  %s: %s %.4g per second, one in %s\n", which, how, t.PerSecond, ns(int64(t.Period+0.5)))
	fmt.Fprintf(p.w, "    limited by %s\n", bottleneck(t))
	if !t.Exact {
		fmt.Fprintf(p.w, "    a bound, because %s\n", t.Why)
	}
}

func bottleneck(t *analysis.Throughput) string {
	switch {
	case t.Limit == analysis.ByUnit:
		return "the work on unit " + t.On[0].Name
	case t.Limit == analysis.ByLink:
		return "the tokens on link " + t.On[0].Name
	case t.Limit == analysis.ByMedium:
		return "the tokens on medium " + t.On[0].Name
	case len(t.On) == 1:
		return t.On[0].Name + " alone"
	}
	var names, full []string
	for _, h := range t.On {
		names = append(names, h.Name)
		if h.Room && !slices.Contains(full, h.FIFO) {
			full = append(full, h.FIFO)
		}
	}
	s := "the cycle " + strings.Join(append(names, names[0]), " -> ")
	if len(full) > 0 {
		s += ", waiting for room in " + strings.Join(full, " and ")
	}
	return s
}
