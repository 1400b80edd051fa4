package study

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// named says what is wrong with names of factors and of metrics at places.
func (s *Spec) named(factors, metrics map[string]string) error {
	var errs []error
	for _, at := range sortedKeys(factors) {
		switch name := factors[at]; {
		case name == "":
			errs = append(errs, s.Errorf(at, "%w: a factor is missing; the factors are %s", ErrFactor,
				strings.Join(s.columns(), ", ")))
		case !s.factor(name):
			errs = append(errs, s.Errorf(at, "%w: %q is not varied; the factors are %s%s", ErrFactor, name,
				strings.Join(s.columns(), ", "), nearest.Hint(name, s.columns())))
		}
	}
	for _, at := range sortedKeys(metrics) {
		if _, ok := MetricOf(metrics[at]); !ok {
			errs = append(errs, s.Errorf(at, "%w", noMetric(metrics[at])))
		}
	}
	return errors.Join(errs...)
}

func (s *Spec) checkAsk() error {
	var errs []error
	for i := range s.Ask {
		q, at := &s.Ask[i], fmt.Sprintf("$.ask[%d]", i)
		kinds := 0
		for _, k := range []string{q.Largest, q.Smallest, q.Best} {
			if k != "" {
				kinds++
			}
		}
		switch {
		case kinds != 1:
			errs = append(errs, s.Errorf(at, "%w: a question is one of largest, smallest and best", ErrQuestion))
		case q.Best != "":
			errs = append(errs, s.checkBest(q, at))
		default:
			errs = append(errs, s.checkLimit(q, at))
		}
	}
	return errors.Join(errs...)
}

func (s *Spec) checkBest(q *Question, at string) error {
	if len(q.Where) > 0 {
		return s.Errorf(at+".where", "%w: best has no conditions; it takes of: a metric", ErrQuestion)
	}
	if q.Over == q.Best {
		return s.Errorf(at+".over", "%w: the best %s can't change over %s itself; name another factor", ErrQuestion, q.Best,
			q.Over)
	}
	return s.named(map[string]string{at + ".best": q.Best, at + ".over": q.Over}, map[string]string{at + ".of": q.Of})
}

func (s *Spec) checkLimit(q *Question, at string) error {
	if q.Of != "" || q.Over != "" {
		return s.Errorf(at, "%w: of and over are of best; largest and smallest take where", ErrQuestion)
	}
	errs := []error{s.named(map[string]string{at: cmp.Or(q.Largest, q.Smallest)}, nil)}
	if len(q.Where) == 0 {
		errs = append(errs, s.Errorf(at, "%w: it has no condition; add where: latency_p99 <= 100ms", ErrQuestion))
	}
	var all []Condition
	for k, text := range q.Where {
		c, err := ParseCondition(string(text))
		if err != nil {
			errs = append(errs, s.Errorf(fmt.Sprintf("%s.where[%d]", at, k), "%w", err))
			continue
		}
		for _, o := range all {
			if o.Excludes(c) {
				errs = append(errs, s.Errorf(fmt.Sprintf("%s.where[%d]", at, k), "%w: %s and %s can't both hold", ErrQuestion, o,
					c))
			}
		}
		all = append(all, c)
	}
	return errors.Join(errs...)
}

func (s *Spec) checkFigures() error {
	var errs []error
	for i := range s.Figures {
		f, at := &s.Figures[i], fmt.Sprintf("$.figures[%d]", i)
		factors, metrics := map[string]string{}, map[string]string{}
		kinds := 0
		for key, k := range map[string]string{"lines": f.Lines, "heat": f.Heat, "tornado": f.Tornado} {
			if k != "" {
				kinds++
				if !s.AsksLimit(k) {
					metrics[at+"."+key] = k
				}
			}
		}
		if f.Best != "" {
			kinds++
			metrics[at+".of"], factors[at+".best"] = f.Of, f.Best
		}
		if f.Tornado == "" {
			factors[at+".x"] = f.X
		}
		if f.Heat != "" || f.Best != "" {
			factors[at+".y"] = f.Y
		}
		if f.By != "" {
			factors[at+".by"] = f.By
		}
		for _, name := range sortedKeys(f.At) {
			factors[at+".at."+name] = name
			if name == f.X || name == f.Y || name == f.By || name == f.Best {
				errs = append(errs, s.Errorf(at+".at."+name, "%w: the figure shows all levels of %s; take it out here or there",
					ErrFigure, name))
			}
		}
		if kinds != 1 {
			errs = append(errs, s.Errorf(at, "%w: a figure is one of lines, heat, best and tornado", ErrFigure))
			continue
		}
		errs = append(errs, s.named(factors, metrics), s.checkAxes(f, at))
	}
	return errors.Join(errs...)
}

// checkAxes says what a figure has that its kind doesn't, and factors that stand twice.
func (s *Spec) checkAxes(f *Figure, at string) error {
	used := map[string]string{}
	for _, a := range []struct {
		key, name string
		of        bool
	}{
		{"best", f.Best, f.Best != ""}, {"x", f.X, f.Tornado == ""}, {"y", f.Y, f.Heat != "" || f.Best != ""},
		{"by", f.By, f.Lines != ""}, {"of", f.Of, f.Best != ""},
	} {
		switch {
		case a.name == "":
		case !a.of:
			return s.Errorf(at+"."+a.key, "%w: such a figure has no %s; remove it", ErrFigure, a.key)
		case used[a.name] != "":
			return s.Errorf(at+"."+a.key, "%w: %s is %s already; name another factor", ErrFigure, a.name, used[a.name])
		}
		if a.name != "" {
			used[a.name] = a.key
		}
	}
	return nil
}
