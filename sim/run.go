package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
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
	ways     []way
	wayOf    []int32 // by link of the platform: its index in ways, or -1
	dispatch int64
	laws     trace.Laws
	rng      *rand.Rand
	events   eventHeap
	now      int64 // virtual ns
	meeting  bool  // the devices get to know each other, before the run
	trace    *trace.Trace
	effects  []engine.Effect
	saves    []engine.Event   // of the step at hand
	saved    []int64          // by actor: how many records it has left
	left     int              // sinks that have not fired for every frame
	faulty   bool             // the plan has faults
	faults   int              // that have not ended
	work     int              // events to come that get the run on; counted if faulty
	moved    int64            // when the last such event was
	hellos   []boundary.Hello // on their way
	free     []uint64         // places in hellos that are free
	void     []uint64         // places of firings in the trace that came to nothing
	choosers []*chooser       // by actor; nil: it chooses nothing
	setters  []int            // by FIFO of control tokens: the actor that sets them; -1: others
}

type device struct {
	name   string
	slice  *graph.Slice
	engine *engine.Engine // of the last process
	peers  []string       // of the slice
	ways   []wayEnd       // by index in peers
	taken  map[int]*actor // those of a lost peer, as they run here
	down   int            // faults that keep it down
	gen    int32          // how often it has died: what was to happen then is void
}

// wayEnd is an end of a way: indices in run.ways and in its ends.
type wayEnd struct{ way, end int32 }

type actor struct {
	device   int32 // index in run.devices
	unit     string
	cost     Cost
	slowdown float64
}

// carried is a FIFO that crosses a link; it is zero for a FIFO that doesn't.
type carried struct {
	name, link             string
	from, to, way          int32 // index in run.devices; in run.ways
	toEnd                  int32 // of the way
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
		saved: make([]int64, len(p.Work)),
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
		peers := s.Peers()
		e, err := engine.New(s, engine.Options{})
		if err != nil {
			return err
		}
		r.devices = append(r.devices, device{name: s.Device, slice: s, engine: e, peers: peers, ways: make([]wayEnd, len(peers))})
		index[s.Device] = int32(i)
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

func (r *run) addActors(model CostModel, prof *profile.Profile) error {
	if model == nil {
		model = median{}
	}
	costs := map[string]Cost{}
	cost := func(a int, key string) (Cost, error) {
		c, ok := costs[key]
		if !ok {
			var err error
			if c, err = model.Cost(prof, key); err != nil {
				return nil, fmt.Errorf("cost of actor %s: %w", r.graph.Actors[a].Name, err)
			}
			costs[key] = c
		}
		return c, nil
	}
	for a, w := range r.plan.Work {
		c, err := cost(a, w.CostKey)
		if err != nil {
			return err
		}
		u := r.plan.UnitOf(a)
		r.actors = append(r.actors, actor{r.where[w.Device], u.Name, c, u.Slowdown})
	}
	return r.addFaults(cost)
}

// join makes a link the way between two devices and returns its index.
func (r *run) join(route int, from, to int32, hello time.Duration) int32 {
	if at := r.wayOf[route]; at >= 0 {
		return at
	}
	at := int32(len(r.ways))
	r.wayOf[route] = at
	w := way{hello: int64(hello)}
	for i, d := range []int32{from, to} {
		dev, other := &r.devices[d], &r.devices[from+to-d]
		p, _ := slices.BinarySearch(dev.peers, other.name)
		w.ends[i] = end{device: d, peer: int32(p)}
		dev.ways[p] = wayEnd{at, int32(i)}
	}
	r.ways = append(r.ways, w)
	return at
}

// endOf returns which end of a way a device is.
func (r *run) endOf(w, device int32) int32 {
	if r.ways[w].ends[0].device == device {
		return 0
	}
	return 1
}

// addBoundaries fills in the FIFOs that cross a link, and reserves room for the trace.
func (r *run) addBoundaries(model LinkModel, prof *profile.Profile) error {
	type direction struct {
		link int
		from int // device; -1 for both directions of a half-duplex link
	}
	servers := map[direction]*int64{}
	events := int64(len(r.actors))
	r.wayOf = make([]int32, len(r.plan.Platform.Links))
	for i := range r.wayOf {
		r.wayOf[i] = -1
	}
	r.fifos = make([]carried, len(r.graph.FIFOs))
	for f, q := range r.graph.FIFOs {
		from, to := r.plan.Work[q.From].Device, r.plan.Work[q.To].Device
		if from == to {
			continue
		}
		route := r.plan.Routes[f]
		here, there := r.plan.DeviceOf(q.From).Name, r.plan.DeviceOf(q.To).Name
		if route < 0 || route >= len(r.plan.Platform.Links) || !joins(&r.plan.Platform.Links[route], here, there) {
			return fmt.Errorf("%w: FIFO %s crosses from device %s to %s without a link", ErrPlan, r.graph.FIFOName(f), here, there)
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
		w := r.join(route, r.where[from], r.where[to], model.Ack(l, &prof.Transport))
		if busy := servers[key]; !slices.Contains(r.ways[w].busy, busy) {
			r.ways[w].busy = append(r.ways[w].busy, busy)
		}
		_, url := r.graph.Rate(f)
		r.fifos[f] = carried{
			name: r.graph.FIFOName(f), link: l.Name, from: r.where[from], to: r.where[to], way: w, toEnd: r.endOf(w, r.where[to]),
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

func joins(l *plan.Link, a, b string) bool {
	return slices.Contains(l.Between, a) && slices.Contains(l.Between, b)
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
