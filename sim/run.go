package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// run is the state of one run. All costs that don't vary are computed ahead.
type run struct {
	plan     *plan.Plan
	graph    *graph.Graph
	devices  []device // those with actors
	where    []int32  // by device of the platform: its index in devices, or -1
	actors   []actor  // by actor
	fifos    []carried
	dispatch int64
	laws     trace.Laws
	rng      *rand.Rand
	events   eventHeap
	now      int64 // virtual ns
	trace    *trace.Trace
	effects  []engine.Effect
	choosers map[int]*chooser // by configuration actor
	setters  []int            // by FIFO of control tokens: the actor that sets them; -1: others
}

type device struct {
	name   string
	engine *engine.Engine
	peers  []int32 // by index in the slice's Peers: index in run.devices
}

type actor struct {
	unit     string
	cost     Cost
	skipped  Cost     // of a dynamic actor in an iteration of atr 0
	by       *chooser // of a dynamic actor: who sets its atr
	slowdown float64
}

// carried is a FIFO that crosses a link; it is zero for a FIFO that doesn't.
type carried struct {
	name, link             string
	from, to               int32 // index in run.devices
	rate, delay            uint64
	bytes                  int64 // of a token
	occupancy, flight, ack int64 // ns
	busyUntil              *int64
}

// frameOf returns the firing of the producer that made token seq.
func (b *carried) frameOf(seq uint64) int64 { return int64((seq - b.delay) / b.rate) }

func (r *run) engineOf(a int) *engine.Engine {
	return r.devices[r.where[r.plan.Work[a].Device]].engine
}

// newRun checks that a plan can be simulated and fills in all that is known ahead.
func (d *Driver) newRun(p *plan.Plan) (*run, error) {
	if err := checkPlan(p); err != nil {
		return nil, err
	}
	prof, link := d.Profile, d.Link
	if prof == nil {
		prof = &profile.Profile{}
	}
	if link == nil {
		link = queue{}
	}
	r := &run{
		plan: p, graph: p.Graph, dispatch: int64(prof.Transport.Dispatch),
		rng:   rand.New(rand.NewPCG(p.Seed, 0)),
		trace: &trace.Trace{Plan: p.Name, Driver: "sim", Seed: p.Seed, Emulated: p.Emulated()},
	}
	var err error
	if r.choosers, r.setters, err = newChoosers(p); err != nil {
		return nil, err
	}
	if err := r.addDevices(); err != nil {
		return nil, err
	}
	if err := r.addActors(d.Cost, prof); err != nil {
		return nil, err
	}
	if err := r.addBoundaries(link, prof); err != nil {
		return nil, err
	}
	return r, nil
}

func checkPlan(p *plan.Plan) error {
	g := p.Graph
	if len(p.Work) != len(g.Actors) || len(p.Routes) != len(g.FIFOs) {
		return fmt.Errorf("%w: it maps %d of %d actors and routes %d of %d FIFOs", ErrPlan, len(p.Work), len(g.Actors), len(p.Routes), len(g.FIFOs))
	}
	if p.Workload.Frames < 1 {
		return fmt.Errorf("%w: the workload has %d frames; give it at least 1", ErrPlan, p.Workload.Frames)
	}
	sinks := 0
	for a, w := range p.Work {
		if u := p.UnitOf(a); !(u.Slowdown > 0) {
			return fmt.Errorf("%w: unit %s of device %s has slowdown %g; 1 is the speed of the profiled machine", ErrPlan, u.Name, p.DeviceOf(a).Name, u.Slowdown)
		}
		if w.Sink {
			sinks++
		}
	}
	if sinks == 0 {
		return fmt.Errorf("%w: no actor is a sink, so the run has no result", ErrPlan)
	}
	return nil
}

func (r *run) addDevices() error {
	parts := r.plan.Slices()
	r.laws = engine.Laws(parts)
	index := make(map[string]int32, len(parts))
	for i, s := range parts {
		e, err := engine.New(s, engine.Options{})
		if err != nil {
			return err
		}
		r.devices = append(r.devices, device{name: s.Device, engine: e})
		index[s.Device] = int32(i)
	}
	for i, s := range parts {
		for _, p := range s.Peers() {
			r.devices[i].peers = append(r.devices[i].peers, index[p])
		}
	}
	for i := range r.plan.Platform.Devices {
		at, ok := index[r.plan.Platform.Devices[i].Name]
		if !ok {
			at = -1
		}
		r.where = append(r.where, at)
	}
	return nil
}

// addActors finds the costs of all firings. Those of a dynamic actor that has nothing
// to do are taken for as dear as the others where they were not measured apart.
func (r *run) addActors(model CostModel, prof *profile.Profile) error {
	if model == nil {
		model = median{}
	}
	costs := map[string]Cost{}
	for a, w := range r.plan.Work {
		c, ok := costs[w.CostKey]
		if !ok {
			var err error
			if c, err = model.Cost(prof, w.CostKey); err != nil {
				return fmt.Errorf("cost of actor %s: %w", r.graph.Actors[a].Name, err)
			}
			costs[w.CostKey] = c
		}
		u := r.plan.UnitOf(a)
		r.actors = append(r.actors, actor{unit: u.Name, cost: c, slowdown: u.Slowdown})
	}
	for _, d := range graph.DPGs(r.graph) {
		for _, a := range slices.Concat(d.Entries, d.Exits) {
			act := &r.actors[a]
			act.skipped, act.by = act.cost, r.choosers[d.Config]
			c, err := model.Cost(prof, profile.Skipped(r.plan.Work[a].CostKey))
			if err == nil {
				act.skipped = c
			} else if !errors.Is(err, profile.ErrMissing) {
				return err
			}
		}
	}
	return nil
}

// addBoundaries fills in the FIFOs that cross a link, and reserves room for the trace.
func (r *run) addBoundaries(model LinkModel, prof *profile.Profile) error {
	type direction struct {
		link int
		from int // device; -1 for both directions of a half-duplex link
	}
	servers := map[direction]*int64{}
	events := int64(len(r.actors))
	r.fifos = make([]carried, len(r.graph.FIFOs))
	for f, q := range r.graph.FIFOs {
		from, to := r.plan.Work[q.From].Device, r.plan.Work[q.To].Device
		if from == to {
			continue
		}
		route := r.plan.Routes[f]
		if route < 0 || route >= len(r.plan.Platform.Links) {
			return fmt.Errorf("%w: FIFO %s crosses from device %s to %s without a link", ErrPlan, r.graph.FIFOName(f),
				r.plan.DeviceOf(q.From).Name, r.plan.DeviceOf(q.To).Name)
		}
		n, err := r.tokenBytes(f, prof)
		if err != nil {
			return err
		}
		l := &r.plan.Platform.Links[route]
		key := direction{route, from}
		if l.Duplex == plan.Half {
			key.from = -1
		}
		if servers[key] == nil {
			servers[key] = new(int64)
		}
		_, url := r.graph.Rate(f)
		r.fifos[f] = carried{
			name: r.graph.FIFOName(f), link: l.Name, from: r.where[from], to: r.where[to],
			rate: uint64(url), delay: uint64(q.Delay), bytes: n, busyUntil: servers[key],
			occupancy: int64(model.Occupancy(l, &prof.Transport, n)),
			flight:    int64(model.Flight(l, &prof.Transport, n)),
			ack:       int64(model.Ack(l, &prof.Transport)),
		}
		events += int64(2*url + 1)
	}
	const most = 1 << 22 // beyond that, the trace grows as it goes
	r.trace.Events = make([]trace.Event, 0, min(events*min(r.plan.Workload.Frames, most), most))
	return nil
}

// tokenBytes returns the size of the tokens of FIFO f: that of their type, or
// for opaque tokens the measured one.
func (r *run) tokenBytes(f int, prof *profile.Profile) (int64, error) {
	if t := r.graph.Type(f); !t.Variable() {
		return t.Bytes(), nil
	}
	q := r.graph.FIFOs[f]
	key := r.plan.Work[q.From].CostKey
	if out := prof.Entries[key].OutBytes; q.OutPort < len(out) {
		return out[q.OutPort], nil
	}
	return 0, fmt.Errorf("token size of FIFO %s: %w: bytes of output %d of %s; run edgeprune profile", r.graph.FIFOName(f), profile.ErrMissing, q.OutPort, key)
}
