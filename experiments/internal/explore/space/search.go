package space

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Candidate is a mapping of the instance under a codec.
type Candidate struct {
	// Name says where what runs, such as "to detector/dw4 on slow, rest on server", and the codec, unless
	// it is none.
	Name  string
	Codec string
	// Actors are the chain in precedence order, under the division of the mapping, and Units where
	// each of them runs, as device.unit.
	Actors, Units []string
	// Values are those of the analytic model.
	Values explore.Values
	// Interpolated names the firings that were not measured as they are, and how their times were
	// made up.
	Interpolated []string

	view  int
	units []int
}

// SearchOptions bound a search.
type SearchOptions struct {
	// Keep is how many mappings are kept that a simulation may find to be best: see
	// explore.Options.Keep; of a single objective as many again that are near the best and have the
	// least latency, and where frames queue some times as many that may queue less. 0 is 1.
	Keep int
	Work int64  // see explore.Options.Work; of every codec and division
	Seed uint64 // of local searches
	Gap  float64
	// Progress, if not nil, is told which of how many problems is searched, and what it is about.
	Progress func(n, of int, what string)
}

// Found is what a search found.
type Found struct {
	// Candidates are the best mappings over all codecs and divisions, by rising values of the first
	// objective: see explore.Answer.Front. They are empty if none keeps the limits.
	Candidates []Candidate
	Method     string // of the problems, each once
	Proven     bool   // of all of them: see explore.Answer.Proven
	Bound      float64
	// Clashes say which limits can't be kept together; of the problem where fewest clash, with the
	// nearest values over all such.
	Clashes []explore.Clash
}

// Search finds mappings that reach a goal. What an objective or a limit needs and the space does not
// have is an error that wraps ErrSpace; costs that were not measured wrap profile.ErrMissing.
func (s *Space) Search(ctx context.Context, g explore.Goal, o SearchOptions) (*Found, error) {
	if err := s.sources(&g); err != nil {
		return nil, err
	}
	f := &Found{Proven: true, Bound: -1}
	n := 0
	var lost missing
	var lossy []*problem // that break a limit of the loss
	for i, v := range s.views {
		for _, name := range s.o.Codecs {
			if n++; o.Progress != nil {
				o.Progress(n, len(s.views)*len(s.o.Codecs), v.about(name))
			}
			p, err := v.problem(name)
			if errors.Is(err, profile.ErrMissing) {
				lost.add(err)
				continue
			} else if err != nil {
				return nil, err
			}
			of, limit := s.goal(g, p)
			if limit != nil {
				lossy = append(lossy, p)
				continue
			}
			a, err := find(ctx, p, of, o)
			if err != nil {
				return nil, err
			}
			f.merge(a, func(c explore.Candidate) (Candidate, bool) {
				found, coded := s.candidate(i, p, c.Units, c.Values)
				return found, coded || name == codec.None || !slices.Contains(s.o.Codecs, codec.None)
			})
		}
	}
	if err := lost.err(); err != nil {
		return nil, err
	}
	if len(f.Candidates) == 0 {
		if err := s.lossClash(ctx, f, g, lossy, o); err != nil {
			return nil, err
		}
	}
	f.best(&g, max(o.Keep, 1), s.file.Workload.Scheduled())
	return f, nil
}

// lossClash adds the limit of the loss to those that clash, if without it one of the problems that
// break it would have a mapping.
func (s *Space) lossClash(ctx context.Context, f *Found, g explore.Goal, lossy []*problem, o SearchOptions) error {
	clash := explore.Clash{Nearest: math.NaN()}
	for _, p := range lossy {
		of, limit := s.goal(g, p)
		a, err := explore.Find(ctx, &p.Problem, of, explore.Options{Work: o.Work, Seed: o.Seed, Gap: o.Gap})
		if err != nil {
			return err
		}
		if len(a.Front) > 0 && !(clash.Nearest <= p.loss) {
			clash = explore.Clash{Limit: *limit, Nearest: p.loss}
		}
	}
	if !math.IsNaN(clash.Nearest) {
		f.Clashes = append(f.Clashes, clash)
	}
	return nil
}

// moreWork bounds the search for mappings beside the best: see explore.Options.Work.
const moreWork = 30_000_000

// near is by how much of itself a single objective may be worse than the best for a mapping to be
// kept for its latency.
const near = 0.01

// find returns the best mappings of a problem, as proven as they can be, and others that a
// simulation may find to be better: the next best ones; of a single objective by which many are
// equal, those near the best with the least latency; and where frames come at times of their own,
// so that they queue, those that trade latency for throughput. Mappings that don't keep up with
// such frames are left out, unless none does.
func find(ctx context.Context, p *problem, g explore.Goal, o SearchOptions) (*explore.Answer, error) {
	of := explore.Options{Work: o.Work, Seed: o.Seed, Gap: o.Gap}
	var a *explore.Answer
	var err error
	if p.FrameInterval > 0 {
		up := g
		up.Limits = append(slices.Clone(g.Limits), explore.Limit{Objective: period, Max: p.FrameInterval})
		if a, err = explore.Find(ctx, &p.Problem, up, of); err != nil {
			return nil, err
		}
		if len(a.Front) > 0 {
			g = up
		}
	}
	if a == nil || len(a.Front) == 0 {
		a, err = explore.Find(ctx, &p.Problem, g, of)
	}
	if err != nil || o.Keep <= 1 || len(a.Front) == 0 {
		return a, err
	}
	add := func(g explore.Goal) error {
		more, err := explore.Find(ctx, &p.Problem, g, of)
		if err != nil {
			return err
		}
		for _, c := range more.Front {
			if !slices.ContainsFunc(a.Front, func(k explore.Candidate) bool { return slices.Equal(k.Units, c.Units) }) {
				a.Front = append(a.Front, c)
			}
		}
		return nil
	}
	of.Keep = o.Keep
	if of.Work == 0 || of.Work > moreWork {
		of.Work = moreWork
	}
	best := a.Front[0].Values.Of(g.Objectives[0])
	if err := add(g); err != nil {
		return nil, err
	}
	if len(g.Objectives) > 1 {
		return a, nil
	}
	if g.Objectives[0].Metric != explore.Latency {
		g.Limits = append(slices.Clone(g.Limits), explore.Limit{Objective: g.Objectives[0], Max: best + near*math.Abs(best)})
		g.Objectives = []explore.Objective{latency}
		if err := add(g); err != nil {
			return nil, err
		}
	}
	if p.FrameInterval > 0 {
		g.Objectives, of.Keep = []explore.Objective{latency, period}, 1
		return a, add(g)
	}
	return a, nil
}

var (
	latency = explore.Objective{Metric: explore.Latency, Device: -1}
	period  = explore.Objective{Metric: explore.Period, Device: -1}
)

// about says what a problem is about.
func (v *view) about(codecName string) string {
	of := "chain"
	if v.parts {
		of = "branches"
	}
	return of + ", codec " + codecName
}

// sources reports what is asked for and not known.
func (s *Space) sources(g *explore.Goal) error {
	all := slices.Clone(g.Objectives)
	for _, l := range g.Limits {
		all = append(all, l.Objective)
	}
	for _, o := range all {
		switch {
		case o.Metric == explore.Leakage && s.o.Leakage == nil:
			return fmt.Errorf("%w: leakage is asked for, and it is not known what tensors give away", ErrSpace)
		case o.Metric == explore.Loss && s.o.Loss == nil:
			return fmt.Errorf("%w: quality is asked for, and it is not known what codecs cost", ErrSpace)
		case o.Metric == explore.Energy:
			for d := range s.platform.Devices {
				if dev := &s.platform.Devices[d]; dev.Power == nil && (o.Device < 0 || o.Device == d) {
					return fmt.Errorf("%w: energy is asked for, and device %s has no power figures; give them under power",
						ErrSpace, dev.Name)
				}
			}
		}
	}
	return nil
}

// goal returns the goal of a problem. The loss of its codec is the same wherever that codes: limits of
// it are left out, and broken is one that it breaks.
func (s *Space) goal(g explore.Goal, p *problem) (of explore.Goal, broken *explore.Limit) {
	of.Objectives = g.Objectives
	for i, l := range g.Limits {
		switch {
		case l.Metric != explore.Loss:
			of.Limits = append(of.Limits, l)
		case p.loss > l.Max:
			broken = &g.Limits[i]
		}
	}
	return of, broken
}

// loss returns what a codec costs in quality; 0 where nobody says.
func (s *Space) loss(name string) (float64, error) {
	if name == codec.None || s.o.Loss == nil {
		return 0, nil
	}
	loss, ok := s.o.Loss(name)
	if !ok {
		return 0, fmt.Errorf("%w: it is not known what codec %s costs in quality", ErrSpace, name)
	}
	return loss, nil
}

// merge adds what was found of a problem.
func (f *Found) merge(a *explore.Answer, candidate func(explore.Candidate) (Candidate, bool)) {
	f.Proven = f.Proven && a.Proven
	if !strings.Contains(f.Method, string(a.Method)) {
		f.Method = strings.TrimPrefix(f.Method+", "+string(a.Method), ", ")
	}
	if f.Bound < 0 || a.Bound < f.Bound {
		f.Bound = a.Bound
	}
	for _, c := range a.Front {
		if found, ok := candidate(c); ok {
			f.Candidates = append(f.Candidates, found)
		}
	}
	if len(a.Clashes) == 0 {
		return
	}
	same := func(x, y explore.Clash) bool { return x.Limit == y.Limit }
	switch {
	case f.Clashes == nil || len(a.Clashes) < len(f.Clashes):
		f.Clashes = a.Clashes
	case slices.EqualFunc(f.Clashes, a.Clashes, same):
		for i := range f.Clashes {
			if n := a.Clashes[i].Nearest; !(f.Clashes[i].Nearest <= n) {
				f.Clashes[i].Nearest = n
			}
		}
	}
}

// best keeps the candidates that fewer than keep others are at least as good as.
func (f *Found) best(g *explore.Goal, keep int, queues bool) {
	if len(f.Candidates) > 0 {
		f.Clashes = nil
	}
	slices.SortStableFunc(f.Candidates, func(x, y Candidate) int {
		for _, o := range g.Objectives {
			if d := cmp.Compare(x.Values.Of(o), y.Values.Of(o)); d != 0 {
				return d
			}
		}
		return cmp.Or(cmp.Compare(x.Values.Latency, y.Values.Latency), len(x.Interpolated)-len(y.Interpolated))
	})
	if len(g.Objectives) == 1 {
		if keep > 1 && g.Objectives[0].Metric != explore.Latency {
			keep *= 2
		}
		if keep > 1 && queues {
			keep *= 4
		}
		f.Candidates = f.Candidates[:min(len(f.Candidates), keep)]
		return
	}
	noWorse := func(x, y *Candidate) bool {
		return !slices.ContainsFunc(g.Objectives, func(o explore.Objective) bool { return x.Values.Of(o) > y.Values.Of(o) })
	}
	var kept []Candidate
	for i := range f.Candidates {
		n := 0
		for k := range f.Candidates[:i] { // none behind it is better in all
			if noWorse(&f.Candidates[k], &f.Candidates[i]) {
				n++
			}
		}
		if n < keep {
			kept = append(kept, f.Candidates[i])
		}
	}
	f.Candidates = kept
}
