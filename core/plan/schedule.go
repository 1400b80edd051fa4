package plan

import (
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/draw"
)

// Phase says how the frames of instances lie to each other.
type Phase string

// The phases, of a Camera's frames within its period, and of Recorded ones within a record that
// begins anew.
const (
	InPhase     Phase = "same"   // all instances begin at the same time
	SpreadPhase Phase = "spread" // instance k of n begins k/n of the period later, counted from 0 in the plan's order
	RandomPhase Phase = "random" // each begins at a time that the seed and its name fix
)

// Schedules gives the schedules of a plan's instances.
type Schedules struct {
	plan  *Plan
	place map[string]int // of instances, in order, if frames are spread
}

// Schedules returns those of the plan's instances.
func (p *Plan) Schedules() Schedules {
	s := Schedules{plan: p}
	if p.Workload.Phase != SpreadPhase {
		return s
	}
	s.place = map[string]int{}
	for a := range p.Work {
		if w := &p.Work[a]; w.Source {
			if _, known := s.place[w.Instance]; !known {
				s.place[w.Instance] = len(s.place)
			}
		}
	}
	return s
}

// Of returns when the frames of an instance are due. Poisson arrivals and random phases depend
// on the plan's seed and on the instance's name only, so that they stay as they are when there
// are other instances beside it.
func (s Schedules) Of(instance string) arrival.Schedule {
	w := &s.plan.Workload
	due := arrival.Schedule{PeriodNs: int64(w.Between()), Poisson: w.Random()}
	if w.Kind == Recorded {
		due.PeriodNs, due.Recorded = 0, w.Record
	}
	if due.Poisson {
		due.Seed = s.plan.SeedOf(instance)
		return due
	}
	within := due.PeriodNs
	if due.Recorded != nil {
		within = due.Recorded.LoopNs
	}
	switch w.Phase {
	case SpreadPhase:
		share := float64(s.place[instance]) / float64(max(len(s.place), 1))
		due.OffsetNs = int64(share * float64(within))
	case RandomPhase:
		due.OffsetNs = min(int64(draw.Uniform(s.plan.SeedOf(instance), phaseDraw)*float64(within)), max(within-1, 0))
	case InPhase, "":
	}
	return due
}

// phaseDraw is the number of the draw of an instance's phase.
const phaseDraw = 0

// SeedOf returns an instance's own seed.
func (p *Plan) SeedOf(instance string) uint64 { return draw.Mix(p.Seed, draw.Named(instance)) }

// Schedule returns when the frames of one instance of the application are due.
func (p *Plan) Schedule(instance string) arrival.Schedule { return p.Schedules().Of(instance) }
