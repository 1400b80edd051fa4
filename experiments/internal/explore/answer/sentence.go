package answer

import (
	"fmt"
	"math"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Sentence says the answer: the best mapping with its values, what it gains over the baselines, and
// how sure that is; or which limits clash.
func (a *Answer) Sentence(g *goal.Goal) string {
	best := a.Best()
	if best == nil {
		return a.clash(g)
	}
	text := fmt.Sprintf("Run %s: it has the %s", best.Name, g.With(best.Values))
	if n := a.front(); len(g.Objectives) > 1 {
		text = fmt.Sprintf("Run %s: it is the compromise of the %d mappings on the front of %s", best.Name, n,
			g.With(best.Values))
	}
	if gains := a.gains(g.Objectives[0], best); gains != "" {
		text += "; " + gains
	}
	return text + "."
}

// front is how many candidates are on the front.
func (a *Answer) front() (n int) {
	for i := range a.Candidates {
		if a.Candidates[i].Front {
			n++
		}
	}
	return n
}

// baselineNames name the baselines for people.
var baselineNames = []struct{ baseline, name string }{
	{string(result.AllOnEndpoint), "all on the endpoint"},
	{string(result.RawToServer), "raw frames to the server"},
	{string(result.JPEGToServer), "JPEG to the server"},
}

// gains says how many times the best is better than the baselines by a metric.
func (a *Answer) gains(m goal.Metric, best *Candidate) string {
	var all []string
	for _, b := range baselineNames {
		c := a.Baseline(b.baseline)
		if c == nil || c.Name == best.Name {
			continue
		}
		than, known := c.Values[m]
		own := best.Values[m]
		if !known || !(own > 0) || !(than > 0) {
			continue
		}
		factor := than / own
		if m.More() {
			factor = own / than
		}
		text := fmt.Sprintf("%.3g times better than %s", factor, b.name)
		switch {
		case math.Abs(factor-1) < 0.005:
			text = "as good as " + b.name
		case factor < 1:
			text = fmt.Sprintf("%.3g times worse than %s", 1/factor, b.name)
		}
		if len(c.Broken) > 0 {
			text += " (which breaks: " + strings.Join(c.Broken, ", ") + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// clash says that nothing keeps the limits, and why.
func (a *Answer) clash(g *goal.Goal) string {
	if len(a.Clashes) == 0 {
		return fmt.Sprintf("No mapping was found with %s.", g)
	}
	var all []string
	for _, c := range a.Clashes {
		all = append(all, c.String())
	}
	none := "No mapping keeps"
	if !a.Proven {
		none = "No mapping was found that keeps"
	}
	if len(all) == 1 {
		return fmt.Sprintf("%s %s.", none, all[0])
	}
	return fmt.Sprintf("%s these limits together: %s.", none, strings.Join(all, "; "))
}

// Sure says how sure the answer is: how it was found, and what it rests on.
func (a *Answer) Sure() []string {
	how := fmt.Sprintf("Found by %s; %d candidates were simulated.", a.Method, len(a.Candidates))
	if a.Proven {
		how = fmt.Sprintf("Found by %s, proven: by the analytic model no mapping is better than the best of %d candidates, "+
			"which were simulated.", a.Method, len(a.Candidates))
	}
	all := []string{how}
	if a.Profiled != "" {
		all = append(all, "Costs are from a profile: "+a.Profiled+".")
	}
	if a.Confirmed != nil {
		all = append(all, "Measured: "+a.Confirmed.Text+".")
	}
	return all
}
