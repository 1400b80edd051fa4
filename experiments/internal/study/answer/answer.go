// Package answer finds what a study asks: the largest or smallest level of a factor at which
// conditions hold, by bisection, and where the best level of a factor changes. It may not
// simulate a case itself.
package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// Answer is what was found for one combination of the levels of the other factors. Its field
// names are part of the files that a study leaves.
type Answer struct {
	Question string   `json:"question"`
	At       []string `json:"at,omitempty"` // levels of the other factors, as "name level"
	// Level is the largest or smallest one; empty where the conditions hold nowhere.
	Level string `json:"level,omitempty"`
	// Beyond says that the conditions hold at all levels, so that the limit may lie beyond.
	Beyond bool `json:"beyond_range,omitempty"`
	// Changes are where the best level changes.
	Changes []Change `json:"changes,omitempty"`
	// Text says it in words.
	Text string `json:"text"`
	// Monotone says whether the levels that were simulated agree with one limit; null of
	// other questions.
	Monotone *bool `json:"monotone,omitempty"`

	// Point has the levels of the other factors, by factor; those of the question are empty.
	Point design.Point `json:"-"`
	// Number is that of Level.
	Number float64 `json:"-"`
	// index of the question in the study
	Index int `json:"-"`
}

// Change is a step of the best level.
type Change struct {
	From string `json:"from"` // level of the other factor, up to which
	To   string `json:"to"`   // and from which
	Was  string `json:"was"`  // best level
	Is   string `json:"is"`
}

// Simulate returns the result of a case.
type Simulate func(ctx context.Context, p design.Point) (runner.Row, error)

// at names the levels of a point but for those of some factors.
func at(d *design.Design, p design.Point, without ...int) []string {
	var all []string
	for i, l := range p {
		if d.Factors[i].Name == factor.Baseline {
			if l.Text != "" {
				all = append(all, "baseline "+l.Text)
			}
			continue
		}
		if !slices.Contains(without, i) {
			all = append(all, d.Factors[i].Name+" "+l.Text)
		}
	}
	return all
}

// prefix is how the text of an answer begins: as at, with levels for people.
func prefix(d *design.Design, p design.Point, without ...int) string {
	said := slices.Clone(p)
	for i := range said {
		said[i].Text = d.Factors[i].Words(said[i])
	}
	if names := at(d, said, without...); len(names) > 0 {
		return strings.Join(names, ", ") + ": "
	}
	return ""
}

// others returns the combinations of the levels of all factors but some, in the order of the
// design; the levels of these are empty.
func others(points []design.Point, without ...int) []design.Point {
	var all []design.Point
	seen := map[string]bool{}
	for _, p := range points {
		c := slices.Clone(p)
		for _, i := range without {
			c[i].Text, c[i].Number = "", 0
		}
		if key := c.Key(); !seen[key] {
			seen[key] = true
			all = append(all, c)
		}
	}
	return all
}

// conditions reads those of a question, which are known to be right.
func conditions(q *study.Question) ([]study.Condition, string, error) {
	var all []study.Condition
	var texts []string
	for _, text := range q.Where {
		c, err := study.ParseCondition(string(text))
		if err != nil {
			return nil, "", err
		}
		all = append(all, c)
		texts = append(texts, c.String())
	}
	return all, strings.Join(texts, " and "), nil
}

// holds reports whether a case meets conditions. missing says why that is not known: then it
// doesn't.
func holds(r *runner.Row, all []study.Condition) (ok bool, missing string) {
	if r.Failed != "" {
		return false, "failed: " + r.Failed
	}
	for _, c := range all {
		v, known := r.Value(c.Metric)
		if !known {
			return false, fmt.Sprintf("%s is missing", study.Metrics()[c.Metric].Name)
		}
		if !c.Holds(v) {
			return false, ""
		}
	}
	return true, ""
}
