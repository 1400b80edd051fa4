package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Notes say how the tables are read, as far as they need it.
func (c *Comparison) Notes() []string {
	tested, unsettled, exact, untested := 0, false, false, false
	for i := range c.Tables {
		for _, l := range c.Tables[i].Lines {
			for k, ch := range l.Change {
				exactly := l.Values[0].Exact && l.Values[k+1].Exact
				switch {
				case exactly:
					exact = true
				case ch.Verdict == Untested:
					untested = true
				default:
					tested++
				}
				unsettled = unsettled || !ch.Settled
			}
		}
	}
	var notes []string
	if tested > 0 && c.sameInputs() {
		notes = append(notes, "As far as their records say, the runs were made from equal inputs by equal programs "+
			"on one machine: what is called changed here is how far runs are apart anyway.")
	}
	if tested > 0 {
		notes = append(notes, fmt.Sprintf("± is half the 95 %% interval within a run; ~: the intervals leave open whether "+
			"anything changed (p >= %.2f). Of %d that were tested, about %.2g would be called changed if nothing had: "+
			"p-values are not corrected for their number, and what differs between runs of equal inputs, such as a "+
			"machine's drift, is in none of them.", Alpha, tested, Alpha*float64(tested)))
	}
	if unsettled {
		notes = append(notes, "?: the interval is wider than a tenth of the value (not settled), or there is none; such "+
			"cases are left out of the geomean.")
	}
	if exact {
		notes = append(notes, "exact: counted, or simulated without anything left to chance; any difference is one.")
	}
	if untested {
		notes = append(notes, "not tested: there are too few samples, or no interval, on a side.")
	}
	return notes
}

// sameInputs reports whether runs differ in nothing that should change their results.
func (c *Comparison) sameInputs() bool {
	return !slices.ContainsFunc(c.Differs, func(d Difference) bool {
		return d.What != "started" && d.What != "command" && !strings.HasPrefix(d.What, "best as ") &&
			!strings.HasPrefix(d.What, "chosen")
	})
}

// Lead says in a sentence each, by run and metric that was measured, or else that was predicted,
// what changed most.
func (c *Comparison) Lead() []string {
	var all []string
	found := c.Tables[0].Found
	for i := range c.Tables {
		t := &c.Tables[i]
		if t.Found != found || t.Metric.Points {
			continue
		}
		for k := range c.Runs[1:] {
			all = append(all, t.sentence(k))
		}
	}
	return all
}

// sentence says what changed of a metric between the first run and another one.
func (t *Table) sentence(run int) string {
	changed, untested := 0, 0
	var most *Line
	size := func(l *Line) float64 { return math.Abs(math.Log(l.Change[run].Ratio.Value)) }
	for i := range t.Lines {
		l := &t.Lines[i]
		if c := &l.Change[run]; c.Verdict != Changed || c.Ratio.N == 0 {
			if c.Verdict == Untested && !c.none(t.Metric) {
				untested++
			}
			continue
		}
		changed++
		if most == nil || size(l) > size(most) {
			most = l
		}
	}
	text := fmt.Sprintf("%s, %s, %s against A: ", t.Metric.Name, t.Found, Letter(run+1))
	not := ""
	if untested > 0 {
		not = fmt.Sprintf(" (%d not tested)", untested)
	}
	switch {
	case untested == len(t.Lines):
		return text + fmt.Sprintf("not tested in %s.", cases(untested))
	case most == nil:
		return text + fmt.Sprintf("no change to be seen in %s%s.", cases(len(t.Lines)), not)
	}
	text += fmt.Sprintf("changed in %d of %s%s, most %s (%s", changed, cases(len(t.Lines)), not, most.Case,
		most.Change[run].Delta(t.Metric))
	if !most.Change[run].Settled {
		text += ", not settled"
	}
	if g := t.Geomean[run]; g != nil {
		return text + fmt.Sprintf("); geomean %s %s.", g.Delta(), g.Basis(len(t.Lines)))
	}
	return text + ")."
}

// Equal reports whether a case has one value in all runs.
func (l *Line) Equal(m Metric) bool {
	return !slices.ContainsFunc(l.Change, func(c Change) bool { return c.Delta(m) != "=" })
}

// cases counts cases in words.
func cases(n int) string {
	if n == 1 {
		return "1 case"
	}
	return fmt.Sprintf("%d cases", n)
}
