package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Summarize simulates a plan as Run does, and returns what it comes to in place of its trace,
// in memory that does not grow with the frames. It is an error if a sink did not fire for
// every frame, or if the counts of the run break a conservation law; see checkCounts.
func (d *Driver) Summarize(ctx context.Context, p *plan.Plan) (*summary.Run, error) {
	return d.Observe(ctx, p, summary.Observer{})
}

// Observe is Summarize for an observer. Where it takes events, the laws of a trace are checked
// as well.
func (d *Driver) Observe(ctx context.Context, p *plan.Plan, o summary.Observer) (*summary.Run, error) {
	s, err := d.observe(ctx, p, &o)
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	return s, nil
}

func (d *Driver) observe(ctx context.Context, p *plan.Plan, o *summary.Observer) (*summary.Run, error) {
	r, err := d.newRun(p)
	if err != nil {
		return nil, err
	}
	if r.sums, err = r.newSums(o.Frame); err != nil {
		return nil, err
	}
	if r.quiet = o.Event == nil; r.quiet {
		if err := r.run(ctx); err != nil {
			return nil, err
		}
	} else if err := r.stream(ctx, o.Begin, o.Event); err != nil {
		return nil, err
	}
	s, err := r.summary()
	if err != nil {
		return nil, err
	}
	return s, r.checkCounts(s)
}

// summary returns that of a run that has ended.
func (r *run) summary() (*summary.Run, error) {
	s := &summary.Run{Header: r.trace, End: time.Duration(r.sums.end)}
	var err error
	if s.Latency, err = quantile.NewSketch(); err != nil {
		return nil, err
	}
	for i := range r.sums.flows {
		f := &r.sums.flows[i]
		s.Instances = append(s.Instances, summary.Instance{Name: f.name, Frames: f.counted, Latency: f.latency})
		if f.latency == nil {
			continue // whoever took the frames has it
		}
		if err := s.Latency.Merge(f.latency); err != nil {
			return nil, err
		}
	}
	r.sumActors(s)
	r.sumUnits(s)
	r.sumSources(s)
	r.sumFIFOs(s)
	r.sumLinks(s)
	r.sumMedia(s)
	return s, r.sumDevices(s)
}

// sumActors counts firings for frames that count.
func (r *run) sumActors(s *summary.Run) {
	s.Actors = make([]summary.Counted, len(r.actors))
	for a := range r.actors {
		f := &r.sums.actors[a]
		if f.took < 0 {
			s.Actors[a] = r.sums.varying[r.sums.at[a]].counted
			continue
		}
		n := max(r.fired(a)-r.sums.warmup, 0)
		s.Actors[a] = summary.Counted{N: n, Ns: n * (f.took - r.devices[r.actors[a].device].dispatch)}
	}
}

func (r *run) sumUnits(s *summary.Run) {
	pf := &r.plan.Platform
	busy := r.sums.units
	if !r.faulty {
		busy = r.busyUnits(s)
	}
	for _, u := range busy {
		s.Firings += u.Firings
	}
	for i := range pf.Devices {
		for j := range pf.Devices[i].Units {
			lanes := pf.Devices[i].Units[j].Lanes
			if u := busy[trace.Unit{Device: pf.Devices[i].Name, Name: pf.Devices[i].Units[j].Name}]; u != nil {
				u.Lanes = max(lanes, 1)
				u.Utilisation = share(u.Busy, s.End, u.Lanes)
				s.Units = append(s.Units, *u)
			}
		}
	}
}

// busyUnits adds up the firings of all actors by their units, of a run in which none was void.
func (r *run) busyUnits(s *summary.Run) map[trace.Unit]*summary.Unit {
	busy := make(map[trace.Unit]*summary.Unit)
	for a := range r.actors {
		w, act, f := &r.plan.Work[a], &r.actors[a], &r.sums.actors[a]
		n := r.fired(a)
		if f.took < 0 {
			n = r.sums.varying[r.sums.at[a]].fired // without the iterations that it skipped
		}
		key := trace.Unit{Device: r.plan.Platform.Devices[w.Device].Name, Name: act.unit}
		u := busy[key]
		if u == nil {
			u = &summary.Unit{Device: key.Device, Unit: key.Name}
			busy[key] = u
		}
		u.Firings += n
		u.Busy += time.Duration(f.ended - f.begun - n*r.devices[act.device].dispatch)
	}
	return busy
}

func share(busy, of time.Duration, lanes int) float64 {
	if of <= 0 {
		return 0
	}
	return float64(busy) / float64(of) / float64(lanes)
}

// sumSources takes the mean number of those that waited from the sum of their waits, as in
// Little's law.
func (r *run) sumSources(s *summary.Run) {
	for i := range r.sums.sources {
		w := &r.sums.sources[i]
		of := summary.Source{Actor: w.actor, Name: r.graph.Actors[w.actor].Name, Most: int(w.most)}
		waited := w.waited
		for k := range r.trace.Captured {
			if c := &r.trace.Captured[k]; c.Actor == w.actor {
				of.Counts = c
			}
		}
		if left, most, ok := r.engineOf(w.actor).Waited(w.actor, r.sums.end); ok {
			waited += left
			of.Most = most
		}
		of.Queue = share(time.Duration(waited), s.End, 1)
		s.Sources = append(s.Sources, of)
	}
}
