package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// sweepLead says what was found: the headline first, then how far the prediction is off, then the
// rest.
func sweepLead(s *result.Sweep, sum *result.Summary) []string {
	var lines []string
	for i := range sum.Trades {
		t := &sum.Trades[i]
		lines = append(lines, result.Group{Endpoint: t.Endpoint, Link: t.Link}.Name()+": "+t.String())
	}
	head := -1
	for i := range sum.Groups {
		g := &sum.Groups[i]
		if (result.Group{Endpoint: g.Endpoint, Link: g.Link}).Name() == sum.Headline {
			head = i
		}
	}
	if head >= 0 && len(sum.Trades) == 0 {
		best, predicted := bestOf(&sum.Groups[head])
		lines = append(lines, best, predicted)
	}
	lines = append(lines, offBy(sum.Errors))
	for i := range sum.Groups {
		if i != head {
			best, predicted := bestOf(&sum.Groups[i])
			lines = append(lines, strings.TrimSpace(best+" "+predicted))
		}
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	if sum.RowsNotSettled > 0 {
		lines = append(lines, fmt.Sprintf(
			"%d of %d measured rows are not settled: they stand in the table and in no headline.", sum.RowsNotSettled,
			sum.RowsMeasured,
		))
	}
	if s.Search != nil {
		lines = append(lines, strings.ToUpper(s.Search.String()[:1])+s.Search.String()[1:]+".")
	}
	return lines
}

// offBy says how far the headline's prediction is off.
func offBy(errs []result.ErrorSummary) string {
	e := result.Find(errs, result.EndpointTime, result.Stored)
	if e.Median == nil {
		return "How far the simulation is off is not known: no settled row was both simulated and measured."
	}
	return fmt.Sprintf("The simulated endpoint time, from the profile made before the run, is off by %.1f %% in the "+
		"median and %.1f %% at worst (%s), over %s.", 100**e.Median, 100**e.Max, e.Worst, counted(e.Rows, "measured row"))
}

// bestOf says what is best on one endpoint and link, and what predictions say is; nothing of a
// swept parameter.
func bestOf(g *result.GroupSummary) (best, predicted string) {
	if len(g.Predicted) == 0 && g.BestCutMeasured == "" {
		return "", ""
	}
	best = result.Group{Endpoint: g.Endpoint, Link: g.Link}.Name() + ": best without raw frames is "
	others := g.Predicted
	if g.BestCutMeasured == "" {
		p := others[0]
		others = others[1:]
		best += fmt.Sprintf("%s by the %s prediction", p.Cut, p.Prediction)
		if p.Speedup != nil {
			best += fmt.Sprintf(", %.2f times faster than all on the endpoint", *p.Speedup)
		}
		best += "; " + unknown(&g.Figures)
	} else {
		best += g.BestCutMeasured
	}
	if i := g.SpeedupMeasured; i != nil {
		best += fmt.Sprintf(", %.2f times faster than all on the endpoint (95 %% interval %.2f to %.2f)", i.Value, i.Low,
			i.High)
	}
	var says []string
	for _, p := range others {
		text := fmt.Sprintf("the %s prediction is %s", p.Prediction, p.Cut)
		if p.Regret != nil {
			text += fmt.Sprintf(" (%.1f %% slower, measured)", 100**p.Regret)
		}
		says = append(says, text)
	}
	if len(says) > 0 {
		predicted = strings.ToUpper(says[0][:1]) + strings.Join(says, "; ")[1:] + "."
	}
	return best + ".", predicted
}

// unknown says why the measured best is not known.
func unknown(f *result.Figures) string {
	if f.RowsMeasured > 0 {
		return "which is best as measured is not settled"
	}
	return "nothing was measured"
}

// sweepFacts are the figures that one looks for first.
func sweepFacts(sum *result.Summary) []Fact {
	var facts []Fact
	where := " (" + sum.Headline + ")"
	switch {
	case len(sum.Trades) > 0:
	case sum.BestCutMeasured != "":
		facts = append(facts, Fact{"Measured best" + where, sum.BestCutMeasured})
	case sum.BestCutSimulated != "":
		facts = append(facts, Fact{"Predicted best" + where + "; " + unknown(&sum.Figures), sum.BestCutSimulated})
	}
	switch {
	case len(sum.Trades) > 0:
	case sum.SpeedupMeasured != nil:
		i := sum.SpeedupMeasured
		facts = append(facts, Fact{"Speed-up over all on the endpoint, measured",
			fmt.Sprintf("%.2f × (%.2f to %.2f)", i.Value, i.Low, i.High)})
	case sum.SpeedupSimulated != nil:
		facts = append(facts, Fact{"Speed-up over all on the endpoint, simulated",
			fmt.Sprintf("%.2f ×", *sum.SpeedupSimulated)})
	}
	if sum.BestCutMeasured != "" && sum.BestCutSimulated != "" && len(sum.Trades) == 0 {
		value := sum.BestCutSimulated
		if r := sum.Predicted[0].Regret; r != nil {
			value += fmt.Sprintf(", measured %.1f %% slower than the best", 100**r)
		}
		facts = append(facts, Fact{"Predicted best" + where, value})
	}
	for _, q := range result.Quantities() {
		if e := result.Find(sum.Errors, q, result.Stored); e.Median != nil {
			facts = append(facts, Fact{"Error of the prediction, " + string(q),
				fmt.Sprintf("%.1f %% median, %.1f %% worst", 100**e.Median, 100**e.Max)})
		}
	}
	return append(facts, Fact{"Cases", fmt.Sprintf("%d simulated, %d measured, %d not settled, %d failed",
		sum.RowsSimulated, sum.RowsMeasured, sum.RowsNotSettled, sum.RowsFailed)})
}
