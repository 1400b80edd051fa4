package space

import (
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

	view   int
	units  []int
	spread bool // it trades latency for throughput: see find
}

// SearchOptions bound a search.
type SearchOptions struct {
	// Keep is how many mappings are kept that a simulation may find to be best: see
	// explore.Options.Keep; of a single objective as many again that are near the best and have the
	// least latency, and where throughput matters some times as many that trade latency for it. 0
	// is 1.
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
			h, err := find(ctx, p, of, o)
			if err != nil {
				return nil, err
			}
			f.merge(h, func(c explore.Candidate) (Candidate, bool) {
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
	f.best(&g, max(o.Keep, 1))
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
func (f *Found) merge(a *finding, candidate func(explore.Candidate) (Candidate, bool)) {
	f.Proven = f.Proven && a.Proven
	if !strings.Contains(f.Method, string(a.Method)) {
		f.Method = strings.TrimPrefix(f.Method+", "+string(a.Method), ", ")
	}
	if f.Bound < 0 || a.Bound < f.Bound {
		f.Bound = a.Bound
	}
	for i, list := range [][]explore.Candidate{a.Front, a.more, a.spread} {
		for _, c := range list {
			if found, ok := candidate(c); ok {
				found.spread = i == 2
				f.Candidates = append(f.Candidates, found)
			}
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
