package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// check reports what is wrong with a study without its plan.
func (s *Spec) check() error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, s.Errorf(path, format, args...)) }
	if s.Study == "" || strings.ContainsAny(s.Study, `/\`) || s.Study[0] == '.' {
		add("$.study", "%w: the name %q; give one without slashes, not beginning with a dot", ErrStudy, s.Study)
	}
	if (s.Base.Plan == "") == (s.Base.Experiment == "") {
		add("$.base", "%w: name a plan or an experiment", ErrBase)
	}
	if s.Base.Plan != "" {
		given := map[string]bool{"endpoint": s.Base.Endpoint != "", "link": s.Base.Link != "",
			"medium": s.Base.Medium != nil, "cut": s.Base.Cut != "", "codec": s.Base.Codec != "",
			"workload": s.Base.Workload != nil}
		for _, key := range sortedKeys(given) {
			if given[key] {
				add("$.base."+key, "%w: a plan file says its %s itself; remove it, or vary it", ErrBase, key)
			}
		}
	}
	if s.Base.Profile != "" && len(s.Base.Profiles) > 0 {
		add("$.base.profile", "%w: give profile or profiles, not both", ErrBase)
	}
	for _, name := range sortedKeys(s.Assumed) {
		if s.Assumed[name] < 0 {
			add("$.assumed."+name, "%w: %v; a cost is 0 or more", ErrBase, s.Assumed[name])
		}
	}
	if len(s.Vary) == 0 {
		add("$.vary", "%w: it varies nothing; list factors, such as {key: slowdown, of: camera.cpu, values: [1, "+
			"5]}", ErrStudy)
	}
	errs = append(errs, s.checkVary(), s.checkDesign(), s.checkRepeat(), s.checkAsk(), s.checkFigures())
	return errors.Join(errs...)
}

// Column returns the name of a factor's column.
func (v *Vary) Column() string {
	if v.Name != "" {
		return v.Name
	}
	return strings.TrimSpace(v.Key + " " + v.Of)
}

func (s *Spec) checkVary() error {
	var errs []error
	seen := map[string]bool{}
	for i := range s.Vary {
		v := &s.Vary[i]
		add := func(key, format string, args ...any) {
			errs = append(errs, s.Errorf(fmt.Sprintf("$.vary[%d]%s", i, key), format, args...))
		}
		ranged := v.From != "" || v.To != ""
		switch {
		case v.Key == "":
			add("", "%w: it names no key to vary", ErrFactor)
		case v.Column() == "baseline":
			add("", "%w: the name baseline is that of the baselines' column; give it another name", ErrFactor)
		case seen[v.Column()]:
			add("", "%w: two factors are named %q; give one a name of its own", ErrFactor, v.Column())
		case ranged == (len(v.Values) > 0):
			add("", "%w: give values, or from and to", ErrFactor)
		case ranged && (v.From == "" || v.To == ""):
			add("", "%w: a range has both from and to", ErrFactor)
		case !ranged && (v.Steps != 0 || v.Scale != ""):
			add("", "%w: steps and scale are of a range, from and to", ErrFactor)
		case v.Steps < 0 || v.Steps == 1:
			add(".steps", "%w: %d steps; expected at least 2, the ends among them", ErrFactor, v.Steps)
		case v.Scale != "" && v.Scale != "linear" && v.Scale != "log":
			add(".scale", "%w: scale %q; expected linear or log%s", ErrFactor, v.Scale,
				nearest.Hint(v.Scale, []string{"linear", "log"}))
		}
		seen[v.Column()] = true
	}
	return errors.Join(errs...)
}

func (s *Spec) checkDesign() error {
	d := &s.Design
	switch {
	case !slices.Contains([]string{"", Grid, Random, LatinHypercube}, d.Kind):
		return s.Errorf("$.design", "%w: design %q; expected %s, %s or %s%s", ErrDesign, d.Kind, Grid, Random, LatinHypercube,
			nearest.Hint(d.Kind, []string{Grid, Random, LatinHypercube}))
	case d.Sampled() && d.N < 1:
		return s.Errorf("$.design", "%w: how many cases? write design: {kind: %s, n: 500}", ErrDesign, d.Kind)
	case !d.Sampled() && (d.N != 0 || d.Seed != 0):
		return s.Errorf("$.design", "%w: a grid has no n and no seed; its factors have steps", ErrDesign)
	}
	return nil
}

// Sampled reports whether cases are drawn.
func (d *Design) Sampled() bool { return d.Kind == Random || d.Kind == LatinHypercube }

// mostRepeats bounds the simulations of a case.
const mostRepeats = 100_000

func (s *Spec) checkRepeat() error {
	r := &s.Repeat
	if *r == (Repeat{}) {
		return nil
	}
	switch _, known := MetricOf(r.Metric); {
	case !known:
		return s.Errorf("$.repeat.metric", "%w", noMetric(r.Metric))
	case !(r.Within > 0 && r.Within < 1):
		return s.Errorf("$.repeat.within", "%w: within %g; expected a share such as 0.05", ErrStudy, r.Within)
	case r.AtMost < LeastRepeats || r.AtMost > mostRepeats:
		return s.Errorf("$.repeat.at_most", "%w: at most %d simulations; expected %d, which an interval needs, to "+
			"%d", ErrStudy,
			r.AtMost, LeastRepeats, mostRepeats)
	}
	return nil
}

func (s *Spec) factor(name string) bool {
	return slices.ContainsFunc(s.Vary, func(v Vary) bool { return v.Column() == name })
}

func (s *Spec) columns() []string {
	var names []string
	for i := range s.Vary {
		names = append(names, s.Vary[i].Column())
	}
	return names
}

// AsksLimit reports whether a question asks for the largest or smallest level of a factor.
func (s *Spec) AsksLimit(factor string) bool {
	return slices.ContainsFunc(s.Ask, func(q Question) bool { return q.Largest == factor || q.Smallest == factor })
}
