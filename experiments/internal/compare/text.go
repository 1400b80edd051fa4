package compare

import (
	"fmt"
	"math"
)

// Unit is what a table's values are written in: of the metric's unit, so that the largest has
// one to three digits before the point.
type Unit struct {
	Name string
	Per  float64 // how much of the metric's unit it is
}

// Unit returns that of the table's values.
func (t *Table) Unit() Unit {
	if t.Metric.Points {
		return Unit{"%", 0.01}
	}
	most := 0.0
	for i := range t.Lines {
		for _, v := range t.Lines[i].Values {
			most = max(most, math.Abs(v.Value))
		}
	}
	for _, u := range map[string][]Unit{
		"s": {{"s", 1}, {"ms", 1e-3}, {"µs", 1e-6}}, "J": {{"J", 1}, {"mJ", 1e-3}, {"µJ", 1e-6}},
		"bytes": {{"MB", 1e6}, {"kB", 1e3}},
	}[t.Metric.Unit] {
		if most >= u.Per {
			return u
		}
	}
	return Unit{t.Metric.Unit, 1}
}

// Title names the table: its metric, unit, and how its values were found.
func (t *Table) Title() string {
	better := "less is better"
	switch {
	case t.Metric.More:
		better = "more is better"
	case t.Found == Errors:
		better = "(predicted - measured) / measured; nearer to 0 is better"
	}
	return fmt.Sprintf("%s, %s (%s; %s)", t.Metric.Name, t.Found, t.Unit().Name, better)
}

// Text writes a value in a unit with half its interval, and ? behind it where it is not settled.
func (v *Value) Text(u Unit) string {
	text := fmt.Sprintf("%.4g", v.Value/u.Per)
	if half := v.Spread() / u.Per; half > 0 { // two digits of it, and as many decimals of the value
		decimals := min(max(0, 1-int(math.Floor(math.Log10(half)))), 6)
		text = fmt.Sprintf("%.*f ± %.*f", decimals, v.Value/u.Per, decimals, half)
	}
	if !v.Settled {
		text += " ?"
	}
	return text
}

// Delta writes a change: in per cent or percentage points, ~ where the intervals leave open
// whether there is one, = where there is none.
func (c *Change) Delta(m Metric) string {
	switch {
	case c.Ratio.N == 0:
		return "-"
	case c.Verdict == Unchanged && c.P == 1, c.Verdict == Untested && c.none(m):
		return "="
	case c.Verdict == Unchanged:
		return "~"
	case m.Points:
		return fmt.Sprintf("%+.2f points", 100*c.Ratio.Value)
	}
	return fmt.Sprintf("%+.2f %%", 100*(c.Ratio.Value-1))
}

// none reports whether the values are equal.
func (c *Change) none(m Metric) bool {
	if m.Points {
		return c.Ratio.Value == 0
	}
	return c.Ratio.Value == 1
}

// Basis says what a change rests on: the p-value and the numbers of samples.
func (l *Line) Basis(run int) string {
	c, a, b := &l.Change[run], &l.Values[0], &l.Values[run+1]
	switch {
	case c.Ratio.N == 0:
		return "no ratio"
	case c.Verdict == Untested:
		return "not tested"
	case a.Exact && b.Exact:
		return "exact"
	}
	p := fmt.Sprintf("p=%.3f", float64(c.P))
	if c.P < 0.0005 {
		p = "p<0.001"
	}
	return fmt.Sprintf("%s n=%d+%d", p, a.N, b.N)
}
