// Package runner simulates the cases of a study: it compiles once what cases have in
// common, works on all cores, keeps every result under the content hash of its case, and
// goes on from there. It may not say what the results mean.
package runner

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// Base is what the cases of a study are made of.
type Base struct {
	Name   string // of the plan file, for errors
	YAML   []byte // the plan file
	File   string // that what the plan names is relative to
	Within string // folder that files which the plan names must lie in; "": anywhere
	// Arrivals is the text of the recorded arrivals that the plan names.
	Arrivals []byte
	Models   compile.Models
	// Profiles are those that the factor profile names, and "" the one without it.
	Profiles map[string]*profile.Profile
	// Assumed are costs that no profile has, by actor or kernel; see study.Spec.
	Assumed map[string]time.Duration
	Cost    string // of firings, as Simulator takes it
	// Simulator returns a simulator over a profile.
	Simulator func(p *profile.Profile) driver.Summarizer
}

// Plan returns the plan file, with its recorded arrivals.
func (b *Base) Plan() (*planfile.File, error) {
	f, err := planfile.Parse(b.Name, bytes.Clone(b.YAML))
	if err != nil || f.Workload.Arrivals == "" {
		return f, err
	}
	return f, f.TakeArrivals(b.Arrivals)
}

// Runner simulates cases. Several goroutines may use it.
type Runner struct {
	base      *Base
	factors   []*factor.Factor
	repeat    study.Repeat
	store     Store
	skeletons skeletons
	profiles  map[string]string // their digests, by name
	elsewhere Elsewhere         // nil: this process simulates
	gate      chan struct{}     // bounds how many cases are made ready at a time; nil: nothing does
}

// Store keeps results. Several goroutines use it.
type Store interface {
	// Get returns the result of a case that is there.
	Get(hash string) (Row, bool)
	// Put keeps a result.
	Put(r Row) error
}

// Row is the result of a case. Its field names are part of the files that a study leaves.
type Row struct {
	Case    string   `json:"case"`   // its content hash
	Levels  []string `json:"levels"` // by factor
	Runs    int      `json:"simulations,omitempty"`
	Settled bool     `json:"settled,omitempty"` // the interval is as narrow as was asked
	// Values are by metric: none, the value, or the value with the ends of its 95 % interval.
	Values [][]float64 `json:"values,omitempty"`
	// Fitted says what was fitted to measured samples, and how well that fits; see trace.Trace.
	Fitted []string `json:"fitted,omitempty"`
	Failed string   `json:"failed,omitempty"` // why there are no values
}

// Value returns the value of a metric; ok is false where it is missing.
func (r *Row) Value(metric int) (value float64, ok bool) {
	if metric >= len(r.Values) || len(r.Values[metric]) == 0 {
		return 0, false
	}
	return r.Values[metric][0], true
}

// Interval returns the 95 % interval of a metric, its value twice where there is none.
func (r *Row) Interval(metric int) (low, high float64) {
	v := r.Values[metric]
	if len(v) < 3 {
		return v[0], v[0]
	}
	return v[1], v[2]
}

// New returns a runner of the cases of a design.
func New(b *Base, d *design.Design, s Store) (*Runner, error) {
	r := &Runner{base: b, factors: d.Factors, repeat: d.Spec.Repeat, store: s, profiles: map[string]string{}}
	for name, p := range b.Profiles {
		text, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", name, err)
		}
		r.profiles[name] = digest(text)
	}
	return r, nil
}

func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d ", len(p))
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// One returns the result of a case: the one that is kept, or else by simulation. An error is
// none of the case, whose own is in the result.
func (r *Runner) One(ctx context.Context, p design.Point) (Row, error) {
	row := Row{Levels: make([]string, len(p))}
	for i := range p {
		row.Levels[i] = p[i].Text
	}
	c, err := r.ready(p)
	if err != nil {
		row.Failed = err.Error()
		text, err := json.Marshal([]any{row.Levels, string(r.base.YAML)})
		if err != nil {
			return row, err
		}
		row.Case = digest(text)
		return row, r.keep(row)
	}
	row.Case = c.hash
	if kept, ok := r.store.Get(c.hash); ok {
		kept.Levels = row.Levels // an equal case may have been written otherwise
		return kept, nil
	}
	if r.elsewhere != nil {
		got, err := r.elsewhere.Simulated(ctx, row.Case, row.Levels)
		if err != nil {
			return row, err
		}
		got.Levels = row.Levels
		return got, r.keep(got)
	}
	if err := r.simulate(ctx, c, &row); err != nil {
		if ctx.Err() != nil {
			return row, ctx.Err()
		}
		row = Row{Case: row.Case, Levels: row.Levels, Failed: err.Error()}
	}
	return row, r.keep(row)
}

func (r *Runner) keep(row Row) error {
	if _, ok := r.store.Get(row.Case); ok {
		return nil
	}
	return r.store.Put(row)
}

// prepared is a case ready for simulation.
type prepared struct {
	plan   *plan.Plan
	driver driver.Summarizer
	hash   string
}

// prepare makes the plan of a case from the skeleton that it shares with others.
func (r *Runner) prepare(p design.Point) (*prepared, error) {
	sk, err := r.skeletons.of(r, p)
	if err != nil {
		return nil, err
	}
	own := *sk.plan
	t := factor.ToPlan(&own)
	for i, f := range r.factors {
		if f.Valued {
			if err := f.Apply(t, p[i]); err != nil {
				return nil, err
			}
		}
	}
	factor.Follow(t.Values)
	d, known := sk.drivers[t.Profile]
	if !known {
		return nil, fmt.Errorf("%w: there is no profile %q", factor.ErrTarget, t.Profile)
	}
	values, err := json.Marshal([]any{own.Platform, own.Workload, own.Seed, r.repeat, r.base.Cost, r.profiles[t.Profile]})
	if err != nil {
		return nil, err
	}
	return &prepared{plan: &own, driver: d, hash: digest([]byte(sk.digest), values)}, nil
}
