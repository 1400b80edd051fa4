package goal

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/explore"
)

// Goal is what is wanted: mappings that are best by the objectives, of which several make a front,
// and within all limits.
type Goal struct {
	Objectives []Metric `json:"objectives"`
	Limits     []Limit  `json:"limits,omitempty"`
	// NoRaw: no frame crosses a link as it was captured, coded or not.
	NoRaw bool `json:"no_raw,omitempty"`
}

// Parse reads objectives that are to be least, such that are to be most, and limits. Without an
// objective it is latency. It returns all that is wrong, in errors that wrap ErrGoal.
func Parse(minimise, maximise, limits []string, noRaw bool) (*Goal, error) {
	g := &Goal{NoRaw: noRaw}
	var errs []error
	for _, side := range []struct {
		flag, other string
		texts       []string
		more        bool
	}{{"minimise", "maximise", minimise, false}, {"maximise", "minimise", maximise, true}} {
		for _, text := range side.texts {
			m, err := ParseMetric(text)
			switch {
			case err != nil:
				errs = append(errs, err)
			case m.More() != side.more:
				better := "less"
				if m.More() {
					better = "more"
				}
				errs = append(errs, fmt.Errorf("%w: --%s %s: %s of it is better; give --%s %s", ErrGoal, side.flag, m, better,
					side.other, m))
			case slices.Contains(g.Objectives, m):
				errs = append(errs, fmt.Errorf("%w: --%s %s is given twice", ErrGoal, side.flag, m))
			default:
				g.Objectives = append(g.Objectives, m)
			}
		}
	}
	for _, text := range limits {
		l, err := ParseLimit(text)
		at := slices.IndexFunc(g.Limits, func(o Limit) bool { return o.Metric == l.Metric })
		switch {
		case err != nil:
			errs = append(errs, err)
		case at >= 0:
			errs = append(errs, fmt.Errorf("%w: %s has two limits, %s and %s; give one", ErrGoal, l.Metric, g.Limits[at], l))
		default:
			g.Limits = append(g.Limits, l)
		}
	}
	errs = append(errs, g.contradictions()...)
	if len(g.Objectives) == 0 {
		g.Objectives = []Metric{{Name: Latency}}
	}
	return g, errors.Join(errs...)
}

// contradictions says which limits make others mean nothing, whatever the platform.
func (g *Goal) contradictions() (errs []error) {
	limit := func(m Metric) *Limit {
		i := slices.IndexFunc(g.Limits, func(l Limit) bool { return l.Metric == m })
		if i < 0 {
			return nil
		}
		return &g.Limits[i]
	}
	p99, median := limit(Metric{Name: LatencyP99}), limit(Metric{Name: Latency})
	if p99 != nil && median != nil && median.Bound >= p99.Bound {
		errs = append(errs, fmt.Errorf("%w: %s says nothing beside %s, as the median is never above the 99th percentile; "+
			"leave it out", ErrGoal, median, p99))
	}
	for _, l := range g.Limits {
		of := l.Metric
		if of.Device == "" {
			continue
		}
		all := limit(Metric{Name: of.Name})
		if all != nil && l.Bound >= all.Bound {
			errs = append(errs, fmt.Errorf("%w: %s says nothing beside %s, which is of all devices; leave it out", ErrGoal, l,
				all))
		}
	}
	return errs
}

// Metrics lists what the goal is about, each once, objectives first.
func (g *Goal) Metrics() []Metric {
	all := slices.Clone(g.Objectives)
	for _, l := range g.Limits {
		if !slices.Contains(all, l.Metric) {
			all = append(all, l.Metric)
		}
	}
	return all
}

// Needs reports whether the goal is about a metric of a name.
func (g *Goal) Needs(name Name) bool {
	return slices.ContainsFunc(g.Metrics(), func(m Metric) bool { return m.Name == name })
}

// String says the goal for people, without an end: "least latency with energy(slow) <= 500 mJ".
func (g *Goal) String() string { return g.With(nil) }

// With says the goal with the values of a mapping: "least latency (43 ms) with energy(slow) <= 500 mJ
// (310 mJ)".
func (g *Goal) With(v Values) string {
	value := func(m Metric) string {
		if x, known := v[m]; known {
			return " (" + m.Text(x) + ")"
		}
		return ""
	}
	var objectives, limits []string
	for _, m := range g.Objectives {
		word := "least"
		if m.More() {
			word = "most"
		}
		objectives = append(objectives, word+" "+m.String()+value(m))
	}
	if g.NoRaw {
		limits = append(limits, "no raw frames")
	}
	for _, l := range g.Limits {
		text := l.String()
		if !slices.Contains(g.Objectives, l.Metric) {
			text += value(l.Metric)
		}
		limits = append(limits, text)
	}
	text := strings.Join(objectives, " and ")
	if len(limits) > 0 {
		text += " with " + strings.Join(limits, " and ")
	}
	return text
}

// Values are what a mapping comes to by metrics, in their units. What is not known is not there.
type Values map[Metric]float64

// Broken returns the limits that values don't keep. One whose value is not known is not kept.
func (g *Goal) Broken(v Values) []Limit {
	var broken []Limit
	for _, l := range g.Limits {
		if value, known := v[l.Metric]; !known || !l.Keeps(value) {
			broken = append(broken, l)
		}
	}
	return broken
}

// Search returns what the analytic search looks for; devices are those of its problem, in order.
// Limits on what a simulation decides are wider by a share, as the analytic values are off.
func (g *Goal) Search(devices []string, share float64) explore.Goal {
	var out explore.Goal
	for _, m := range g.Objectives {
		if o := m.objective(devices); !slices.Contains(out.Objectives, o) {
			out.Objectives = append(out.Objectives, o)
		}
	}
	for _, l := range g.Limits {
		bound := l.Metric.analytic(l.Bound)
		if l.Metric.Timed() {
			bound *= 1 + share
		}
		out.Limits = append(out.Limits, explore.Limit{Objective: l.Metric.objective(devices), Max: bound})
	}
	if g.NoRaw {
		out.Limits = append(out.Limits, explore.Limit{Objective: explore.Objective{Metric: explore.Raw, Device: -1}})
	}
	return out
}

// Clash is a limit that can't be kept beside the others of a list.
type Clash struct {
	Limit *Limit `json:"limit,omitempty"` // nil: that no raw frame crosses
	// Nearest is the value nearest to the limit that was found beside the others; nil: there is
	// none.
	Nearest *float64 `json:"nearest,omitempty"`
}

// String says the limit, and what it would have to be.
func (c Clash) String() string {
	if c.Limit == nil {
		return "no raw frames (without this limit there is an answer)"
	}
	if c.Nearest == nil {
		return fmt.Sprintf("%s (no value was found beside the others)", c.Limit)
	}
	return fmt.Sprintf("%s (nearest that can be had beside the others: %s)", c.Limit, c.Limit.Metric.Text(*c.Nearest))
}

// Clashes returns the limits that the analytic search says can't be kept together. devices are
// those that Search was given, with a share of 0.
func (g *Goal) Clashes(devices []string, all []explore.Clash) []Clash {
	var list []Clash
	for _, c := range all {
		if c.Metric == explore.Raw {
			list = append(list, Clash{})
			continue
		}
		at := slices.IndexFunc(g.Limits, func(l Limit) bool {
			return l.Metric.objective(devices) == c.Objective && l.Metric.analytic(l.Bound) == c.Max
		})
		if at < 0 {
			continue
		}
		clash := Clash{Limit: &g.Limits[at]}
		if !math.IsNaN(c.Nearest) {
			v := g.Limits[at].Metric.FromAnalytic(c.Nearest)
			clash.Nearest = &v
		}
		list = append(list, clash)
	}
	return list
}

// Sorted lists the metrics of values in the order of Names, those of devices by these.
func (v Values) Sorted() []Metric {
	return slices.SortedFunc(maps.Keys(v), func(a, b Metric) int {
		return cmp.Or(slices.Index(Names(), a.Name)-slices.Index(Names(), b.Name), cmp.Compare(a.Device, b.Device))
	})
}
