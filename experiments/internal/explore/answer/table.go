package answer

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
)

// Shown are the metrics that tables have: those of the goal, and those that one wants beside.
func Shown(g *goal.Goal) []goal.Metric {
	all := g.Metrics()
	for _, name := range []goal.Name{goal.Latency, goal.EndpointTime, goal.Throughput, goal.Traffic} {
		if !g.Needs(name) {
			all = append(all, goal.Metric{Name: name})
		}
	}
	return all
}

// Listed returns the candidates of a table: the front, the baselines and, of the rest, as many as
// make it n.
func (a *Answer) Listed(n int) (rows []*Candidate, left int) {
	must := 0
	for i := range a.Candidates {
		if c := &a.Candidates[i]; c.Front || c.Baseline != "" {
			must++
		}
	}
	more := max(n-must, 0)
	for i := range a.Candidates {
		c := &a.Candidates[i]
		switch {
		case c.Front || c.Baseline != "":
		case more > 0:
			more--
		default:
			left++
			continue
		}
		rows = append(rows, c)
	}
	return rows, left
}

// Mark says what a candidate is: the chosen one, on the front, a baseline, or what it breaks.
func (a *Answer) Mark(c *Candidate) string {
	var all []string
	switch {
	case c.Name == a.Chosen:
		all = append(all, "chosen")
	case c.Front:
		all = append(all, "front")
	}
	if c.Baseline != "" {
		all = append(all, "baseline")
	}
	if len(c.Broken) > 0 {
		all = append(all, "breaks: "+strings.Join(c.Broken, ", "))
	}
	return strings.Join(all, ", ")
}

// WriteTable writes up to n candidates as a table for people.
func (a *Answer) WriteTable(w io.Writer, g *goal.Goal, n int) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "MAPPING\tCODEC")
	shown := Shown(g)
	for _, m := range shown {
		fmt.Fprintf(tw, "\t%s", strings.ToUpper(strings.ReplaceAll(string(m.Name), "_", " "))+of(m))
	}
	fmt.Fprintln(tw, "\t")
	rows, left := a.Listed(n)
	for _, c := range rows {
		fmt.Fprintf(tw, "%s\t%s", c.Name, c.Codec)
		for _, m := range shown {
			fmt.Fprintf(tw, "\t%s", text(m, c.Values))
		}
		fmt.Fprintf(tw, "\t%s\n", a.Mark(c))
	}
	if left > 0 {
		fmt.Fprintf(tw, "and %d more, in explore.json\n", left)
	}
	return tw.Flush()
}

func of(m goal.Metric) string {
	if m.Device == "" {
		return ""
	}
	return "(" + m.Device + ")"
}

// text writes the value of a metric, a dash where it is not known.
func text(m goal.Metric, v goal.Values) string {
	x, known := v[m]
	if !known {
		return "-"
	}
	return m.Text(x)
}

// WriteCSV writes all candidates of all answers as a table for programs: values are in the units of
// the metrics.
func (r *Run) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	head := []string{"platform", "mapping", "codec", "baseline", "chosen", "front", "raw_frame", "breaks"}
	metrics := r.metrics()
	for _, m := range metrics {
		head = append(head, column(m))
	}
	rows := [][]string{head}
	for i := range r.Answers {
		a := &r.Answers[i]
		for k := range a.Candidates {
			x := &a.Candidates[k]
			row := []string{a.Name, x.Name, x.Codec, x.Baseline, strconv.FormatBool(x.Name == a.Chosen),
				strconv.FormatBool(x.Front), strconv.FormatBool(x.RawFrame), strings.Join(x.Broken, "; ")}
			for _, m := range metrics {
				cell := ""
				if v, known := x.Values[m]; known {
					cell = strconv.FormatFloat(v, 'g', -1, 64)
				}
				row = append(row, cell)
			}
			rows = append(rows, row)
		}
	}
	return c.WriteAll(rows)
}

// metrics are those that a candidate has, in the order of goal.Names, and by device as they appear.
func (r *Run) metrics() []goal.Metric {
	seen := map[goal.Metric]bool{}
	byName := map[goal.Name][]goal.Metric{}
	for i := range r.Answers {
		for k := range r.Answers[i].Candidates {
			for _, m := range r.Answers[i].Candidates[k].Values.Sorted() {
				if !seen[m] {
					seen[m] = true
					byName[m.Name] = append(byName[m.Name], m)
				}
			}
		}
	}
	var all []goal.Metric
	for _, n := range goal.Names() {
		all = append(all, byName[n]...)
	}
	return all
}

// column names the column of a metric, with its unit.
func column(m goal.Metric) string {
	units := map[string]string{"s": "_s", "frames/s": "_frames_per_s", "J": "_j", "B": "_bytes"}
	name := string(m.Name)
	if m.Device != "" {
		name += "_" + m.Device
	}
	return name + units[m.Unit()]
}
