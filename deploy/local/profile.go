package local

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"golang.org/x/sync/errgroup"
)

// Profiler measures what the firings of plans cost, each as the session and on
// the provider that will run it, on the data that it will get.
type Profiler struct {
	Host   *kernel.Host
	Models compile.Models // of the plans' applications
	Rounds int            // over all plans, so that a drift of the machine meets them all
	Frames int64          // per plan and round, after one that warms up
	// Idle is the longest pause after a firing on a slowed unit and at a crossing
	// between devices: a deployed device lies idle there, and what runs after a
	// pause finds cold caches.
	Idle time.Duration
	// Progress, if set, is told that plan n of total in all rounds begins.
	Progress func(n, total int)
}

// Profile returns an entry for every cost key of the plans. A plan whose keys
// all stand in earlier plans is not run.
func (pr *Profiler) Profile(ctx context.Context, plans []*plan.Plan) (entries map[string]profile.Entry, err error) {
	runners, err := pr.runners(ctx, plans)
	defer func() {
		for _, r := range runners {
			err = errors.Join(err, r.Close())
		}
	}()
	if err != nil {
		return nil, err
	}
	entries = map[string]profile.Entry{}
	sizes := map[string][][]int64{} // by cost key and firing: the bytes of every output port
	for round := range pr.Rounds {
		for i, r := range runners {
			if pr.Progress != nil {
				pr.Progress(round*len(runners)+i+1, pr.Rounds*len(runners))
			}
			pr.observe(ctx, r, entries, sizes)
			if _, err := r.Run(ctx); err != nil {
				return nil, err
			}
		}
	}
	for key, e := range entries {
		e.OutBytes = medians(sizes[key])
		entries[key] = e
	}
	return entries, nil
}

// runners makes the kernels of all plans that are needed, several at a time: it
// is not timed. Those that were made are returned also beside an error.
func (pr *Profiler) runners(ctx context.Context, plans []*plan.Plan) ([]*Runner, error) {
	var runners []*Runner
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	covered := map[string]bool{}
	for _, p := range plans {
		need := needed(p, covered)
		if need == nil {
			continue
		}
		r := &Runner{}
		runners = append(runners, r)
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			made, err := New(pr.Host, pr.Models, short(p, pr.Frames+1), func(a int) bool { return need[a] })
			if err != nil {
				return err
			}
			*r = *made
			return nil
		})
	}
	return runners, group.Wait()
}

// medians returns the middle value of every column that all rows have: how many
// control ports an actor has, behind its others, depends on the mapping.
func medians(rows [][]int64) []int64 {
	shortest := slices.MinFunc(rows, func(a, b []int64) int { return len(a) - len(b) })
	var m []int64
	for port := range shortest {
		column := make([]int64, len(rows))
		for i, row := range rows {
			column[i] = row[port]
		}
		m = append(m, quantile.Median(column))
	}
	return m
}

// needed returns the actors of p whose cost is not covered yet and all that
// they take tokens from, and covers them; nil if there are none.
func needed(p *plan.Plan, covered map[string]bool) map[int]bool {
	var need map[int]bool
	var add func(a int)
	add = func(a int) {
		if need[a] {
			return
		}
		if need == nil {
			need = map[int]bool{}
		}
		need[a] = true
		for _, q := range p.Graph.FIFOs {
			if q.To == a {
				add(q.From)
			}
		}
	}
	for a, w := range p.Work {
		if !covered[w.CostKey] {
			add(a)
		}
	}
	for a := range need {
		covered[p.Work[a].CostKey] = true
	}
	return need
}

// short returns p with frames frames.
func short(p *plan.Plan, frames int64) *plan.Plan {
	q := *p
	q.Workload.Frames = frames
	return &q
}

func (pr *Profiler) observe(ctx context.Context, r *Runner, entries map[string]profile.Entry,
	sizes map[string][][]int64) {
	device, pause := -1, time.Duration(0)
	sleeper := clock.NewSleeper()
	r.Before = func(a int) {
		w := &r.plan.Work[a]
		switch {
		case w.Source:
		case w.Device != device: // woken by a message
			time.Sleep(pr.Idle)
		default: // woken at the end of a stretched firing
			_ = sleeper.Until(ctx, clock.Now()+int64(pause)) // Run notices that ctx has ended
		}
		device = w.Device
	}
	r.Observe = func(a int, frame int64, took time.Duration) {
		if frame > 0 {
			key := r.plan.Work[a].CostKey
			e := entries[key]
			e.Samples = append(e.Samples, took)
			entries[key] = e
			sizes[key] = append(sizes[key], r.OutBytes(a))
		}
		pause = min(pr.Idle, time.Duration((r.plan.UnitOf(a).Slowdown-1)*float64(took)))
	}
}
