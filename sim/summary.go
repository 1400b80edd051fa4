package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Summary is what a run comes to, in memory that does not grow with its frames. Times are
// virtual.
type Summary struct {
	Plan    string
	Seed    uint64
	Firings int64
	End     time.Duration // when the last firing ended
	Assumed []string      // see trace.Trace
	// Latency is of the frames of all instances from the workload's Warmup on: from the
	// beginning of the first source's firing, of a camera from the frame's scheduled time, or
	// when it was captured, to the end of the last sink's firing.
	Latency   *Sketch
	Instances []InstanceSummary // in the order of their first actors
	Captured  []trace.Captured  // see trace.Trace
	Units     []UnitSummary     // with actors, in the order of the platform
	FIFOs     []FIFOSummary     // in the order of the graph
}

// InstanceSummary is that of one instance of the application.
type InstanceSummary struct {
	Name    string
	Latency *Sketch
}

// UnitSummary is that of a processing unit.
type UnitSummary struct {
	Device, Unit string
	Firings      int64
	Busy         time.Duration // of all lanes together, without the time between firings
	Utilisation  float64       // Busy of the time of all lanes until End
}

// FIFOSummary is that of a FIFO.
type FIFOSummary struct {
	FIFO int // index in the plan's graph
	// Queue is how many tokens waited at its consumer on average until End: they had come and
	// no firing had taken them. nil: its rate varies.
	Queue *float64
	// Of a FIFO over a link; "" and 0 of others.
	Link        string
	Tokens      int64
	SendQueue   float64 // how many tokens waited for the link on average until End
	Busy        time.Duration
	Utilisation float64 // of one direction of the link, by this FIFO's tokens
}

// Summarize simulates a plan as Run does, and returns what it comes to in place of its trace.
// No event is recorded, so that it takes the least time. It is an error if a sink did not fire
// for every frame; the laws of a trace are not checked. A plan with faults can't be summed up.
func (d *Driver) Summarize(ctx context.Context, p *plan.Plan) (*Summary, error) {
	s, err := d.summarize(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("simulate plan %s: %w", p.Name, err)
	}
	return s, nil
}

func (d *Driver) summarize(ctx context.Context, p *plan.Plan) (*Summary, error) {
	r, err := d.newRun(p)
	if err != nil {
		return nil, err
	}
	if r.faulty {
		return nil, fmt.Errorf("%w: it has faults, which need a trace; simulate it with one", ErrPlan)
	}
	if r.sums, err = r.newSums(); err != nil {
		return nil, err
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	return r.summary()
}

// summary returns that of a run that has ended.
func (r *run) summary() (*Summary, error) {
	s := &Summary{Plan: r.plan.Name, Seed: r.plan.Seed, End: time.Duration(r.sums.end), Assumed: r.trace.Assumed}
	var err error
	if s.Latency, err = newSketch(); err != nil {
		return nil, err
	}
	for i := range r.sums.flows {
		f := &r.sums.flows[i]
		s.Instances = append(s.Instances, InstanceSummary{Name: r.sums.names[i], Latency: f.latency})
		if err := s.Latency.merge(f.latency); err != nil {
			return nil, err
		}
	}
	s.Captured = r.trace.Captured
	r.sumUnits(s)
	r.sumFIFOs(s)
	return s, nil
}

func (r *run) sumUnits(s *Summary) {
	pf := &r.plan.Platform
	busy := make(map[trace.Unit]*UnitSummary)
	for a := range r.actors {
		w, act, f := &r.plan.Work[a], &r.actors[a], &r.sums.actors[a]
		n := r.fired(a)
		if f.took < 0 {
			n = r.sums.fired[a] // without the iterations that it skipped
		}
		s.Firings += n
		key := trace.Unit{Device: pf.Devices[w.Device].Name, Name: act.unit}
		u := busy[key]
		if u == nil {
			u = &UnitSummary{Device: key.Device, Unit: key.Name}
			busy[key] = u
		}
		u.Firings += n
		u.Busy += time.Duration(f.ended - f.begun - n*r.devices[act.device].dispatch)
	}
	for i := range pf.Devices {
		for j := range pf.Devices[i].Units {
			if u := busy[trace.Unit{Device: pf.Devices[i].Name, Name: pf.Devices[i].Units[j].Name}]; u != nil {
				u.Utilisation = share(u.Busy, s.End, pf.Devices[i].Units[j].Lanes)
				s.Units = append(s.Units, *u)
			}
		}
	}
}

func share(busy, of time.Duration, lanes int) float64 {
	if of <= 0 {
		return 0
	}
	return float64(busy) / float64(of) / float64(lanes)
}

// sumFIFOs takes the mean number of those that waited from the sum of their waits, as in
// Little's law.
func (r *run) sumFIFOs(s *Summary) {
	s.FIFOs = make([]FIFOSummary, 0, len(r.graph.FIFOs))
	queues := make([]float64, len(r.graph.FIFOs))
	for i, q := range r.graph.FIFOs {
		f := FIFOSummary{FIFO: i}
		least, rate := r.graph.Rate(i)
		came := r.sums.actors[q.From].ended * int64(rate)
		if b := &r.fifos[i]; b.name != "" {
			came = b.sums.arrived
			f.Link, f.Tokens, f.Busy = b.link, b.sums.tokens, time.Duration(b.sums.busy)
			f.SendQueue = share(time.Duration(b.sums.waited), s.End, 1)
			f.Utilisation = share(f.Busy, s.End, 1)
		}
		if taken := r.sums.actors[q.To].begun * int64(rate); least == rate {
			left := int64(q.Delay) * r.sums.end // that many tokens wait until the end
			queues[i] = share(time.Duration(taken+left-came), s.End, 1)
			f.Queue = &queues[i]
		}
		s.FIFOs = append(s.FIFOs, f)
	}
}
