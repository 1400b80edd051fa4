package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/core/trace"
)

// run is the state of one run. All costs that don't vary are computed ahead.
type run struct {
	plan       *plan.Plan
	graph      *graph.Graph
	devices    []device         // those with actors
	engines    []*engine.Engine // by device: that of its last process
	where      []int32          // by device of the platform: its index in devices, or -1
	actors     []actor          // by actor
	fifos      []carried
	conns      []conn
	media      []*air     // of the platform
	shared     []*channel // that are on media
	connOf     []int32    // by link of the platform: its index in connections, or -1
	laws       trace.Laws
	rng        *rand.Rand
	events     queue
	sums       *sums // what happens is added up; nil: it is not
	quiet      bool  // no event is recorded
	now        int64 // virtual ns
	connecting bool  // the devices get to know each other, before the run
	trace      *trace.Trace
	perFrame   int64                    // events of a frame
	each       func(*trace.Event) error // takes the events, which are not kept then; else nil
	event      trace.Event              // that was recorded last, if each takes it and has not
	recorded   bool
	given      error // of each
	effects    []engine.Effect
	saves      []engine.Event         // of the step at hand
	saved      []int64                // by actor: how many records it has left
	left       int                    // sinks that have not fired for every frame
	faulty     bool                   // the plan has faults
	faults     int                    // that have not ended; of those at random times, what is down
	failing    []failing              // by fault
	barren     int                    // faults at random times since the last result
	work       int                    // events to come that get the run on
	shots      int                    // those of work that are captures
	moved      int64                  // when the last such event was, but for captures, or a fault ended
	captures   bool                   // the sources capture frames for as long as they fire
	rarely     int64                  // a time that two frames are hardly ever apart
	tokens     pool[boundary.TokenID] // of tokens and acknowledgements on their way
	hellos     pool[boundary.Hello]   // on their way
	void       []uint32               // places of firings in the trace that came to nothing
	kinds      []*actor               // all actors, and those of a lost peer as they run elsewhere
	costs      draw.Source            // of costRand, for the firing at hand
	costRand   *rand.Rand             // for what a firing takes
	fires      []int32                // actors that began to fire in this step, of a plan with faults
	flights    pool[firing]           // under way, of a plan with faults that is summed up
	choosers   []*chooser             // by actor; nil: it chooses nothing
	setters    []int                  // by FIFO of control tokens: the actor that sets them; -1: others
}

type device struct {
	name  string
	slice *slice.Slice
	// dispatch is from one firing's end to the next one's start, in ns.
	dispatch int64
	peers    []string       // of the slice
	conns    []connEnd      // by index in peers
	taken    map[int]*actor // those of a lost peer, as they run here
	down     int            // faults that keep it down
	gen      int32          // how often it has died: what was to happen then is void
}

// connEnd is an end of a connection: indices in run.conns and in its ends.
type connEnd struct{ conn, end int32 }

type actor struct {
	device   int32 // index in run.devices
	unit     string
	cost     Cost
	skipped  Cost     // of a dynamic actor in an iteration of atr 0
	by       *chooser // of a dynamic actor: who sets its atr
	slowdown float64
	seed     uint64  // of what its firings take
	phases   *phases // of its unit; nil: it has none
}

func (r *run) engineOf(a int) *engine.Engine {
	return r.engines[r.where[r.plan.Work[a].Device]]
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
		link = Measured{}
	}
	r := &run{
		captures: p.Workload.Drops(), rarely: hardlyEver(&p.Workload),
		plan: p, graph: p.Graph, events: newQueue(),
		rng:   rand.New(rand.NewPCG(p.Seed, 0)),
		saved: make([]int64, len(p.Work)),
		trace: &trace.Trace{Plan: p.Name, Driver: "sim", Seed: p.Seed, Emulated: p.Emulated()},
	}
	r.costRand = rand.New(&r.costs)
	var err error
	if r.choosers, r.setters, err = newChoosers(p); err != nil {
		return nil, err
	}
	if err := r.addDevices(prof); err != nil {
		return nil, err
	}
	if err := r.addActors(d, prof); err != nil {
		return nil, err
	}
	if err := r.addMedia(prof); err != nil {
		return nil, err
	}
	if err := r.addBoundaries(link, prof); err != nil {
		return nil, err
	}
	return r, nil
}

// hardlyEver returns a time in ns that two scheduled frames are hardly ever apart: of random
// arrivals, once in e^50.
func hardlyEver(w *plan.Workload) int64 {
	switch {
	case w.Record != nil:
		return 2 * w.Record.Longest()
	case w.Random():
		return 50 * int64(w.Between())
	}
	return 2 * int64(w.Between())
}

// maxLasting is from the first scheduled frame to the last at most, so that times don't overflow.
const maxLasting = 100 * 365 * 24 * time.Hour

func checkPlan(p *plan.Plan) error {
	g := p.Graph
	if len(p.Work) != len(g.Actors) || len(p.Routes) != len(g.FIFOs) {
		return fmt.Errorf("%w: it maps %d of %d actors and routes %d of %d FIFOs",
			ErrPlan, len(p.Work), len(g.Actors), len(p.Routes), len(g.FIFOs))
	}
	if p.Workload.Frames < 1 {
		return fmt.Errorf("%w: the workload has %d frames; give it at least 1", ErrPlan, p.Workload.Frames)
	}
	if w := &p.Workload; float64(w.Frames)*float64(w.Between()) > float64(maxLasting) {
		return fmt.Errorf("%w: its %d frames, one every %v on average, come over more than 100 years; expected fewer, or a "+
			"shorter time between them", ErrPlan, w.Frames, w.Between())
	}
	if p.Workload.Random() && p.Workload.Between() <= 0 {
		return fmt.Errorf("%w: the workload's frames come at rate %g; give frames per second above 0", ErrPlan,
			p.Workload.Rate)
	}
	if p.Workload.Kind == plan.Recorded {
		if p.Workload.Record == nil {
			return fmt.Errorf("%w: the workload's recorded arrivals were not read", ErrPlan)
		}
		if err := p.Workload.Record.Check(); err != nil {
			return fmt.Errorf("%w: the workload: %w", ErrPlan, err)
		}
	}
	sinks := 0
	for a, w := range p.Work {
		if u := p.UnitOf(a); !(u.Slowdown > 0) {
			return fmt.Errorf("%w: unit %s of device %s has slowdown %g; 1 is the speed of the profiled machine",
				ErrPlan, u.Name, p.DeviceOf(a).Name, u.Slowdown)
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

func (r *run) addDevices(prof *profile.Profile) error {
	parts := r.plan.Slices()
	r.laws = engine.Laws(parts)
	index := make(map[string]int32, len(parts))
	r.devices, r.engines = make([]device, 0, len(parts)), make([]*engine.Engine, 0, len(parts))
	r.where = make([]int32, 0, len(r.plan.Platform.Devices))
	for i, s := range parts {
		peers := s.Peers()
		e, err := engine.New(s, engine.Options{})
		if err != nil {
			return err
		}
		r.engines = append(r.engines, e)
		r.devices = append(r.devices, device{
			name: s.Device, slice: s, peers: peers, conns: make([]connEnd, len(peers)),
			dispatch: int64(prof.DispatchOn(s.Device)),
		})
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

// assumeCost notes that the cost of firings was not measured on a device, if so, and what was
// fitted to its samples.
func (r *run) assumeCost(prof *profile.Profile, device string, a int, key string, c Cost) {
	what := fmt.Sprintf("the cost of %s on %s: ", r.graph.Actors[a].Name, device)
	if e, err := prof.CostOn(device, key); err == nil && e.Basis != "" {
		r.trace.Assumed = append(r.trace.Assumed, what+e.Basis)
	}
	if n, ok := c.(noted); ok {
		r.trace.Fitted = append(r.trace.Fitted, what+n.note())
	}
}

// addActors finds the costs of all firings. Those of a dynamic actor that has nothing
// to do are taken for as dear as the others where they were not measured apart.
func (r *run) addActors(d *Driver, prof *profile.Profile) error {
	type firing struct {
		device, key string
		model       costmodel.Model
	}
	costs := map[firing]Cost{}
	cost := func(p *plan.Plan, a int, key string) (Cost, error) {
		of := firing{p.DeviceOf(a).Name, key, p.CostModel(a)}
		c, ok := costs[of]
		if !ok {
			var err error
			if c, err = d.modelOf(p, a).Cost(prof, of.device, key); err != nil {
				return nil, fmt.Errorf("cost of actor %s: %w", r.graph.Actors[a].Name, err)
			}
			costs[of] = c
			r.assumeCost(prof, of.device, a, key, c)
		}
		return c, nil
	}
	r.actors = make([]actor, 0, len(r.plan.Work))
	for a := range r.plan.Work {
		c, err := cost(r.plan, a, r.plan.Work[a].CostKey)
		if err != nil {
			return err
		}
		r.actors = append(r.actors, r.actorOn(r.plan, a, c))
		r.kinds = append(r.kinds, &r.actors[a])
	}
	for _, d := range graph.DPGs(r.graph) {
		for _, a := range slices.Concat(d.Entries, d.Exits) {
			act := &r.actors[a]
			act.skipped, act.by = act.cost, r.choosers[d.Config]
			c, err := cost(r.plan, a, profile.Skipped(r.plan.Work[a].CostKey))
			if err == nil {
				act.skipped = c
				act.draws(r, a, c)
			} else if !errors.Is(err, profile.ErrMissing) {
				return err
			}
		}
	}
	if err := r.addFaults(cost); err != nil {
		return err
	}
	r.addPhases()
	return nil
}

// actorOn returns actor a as it fires where a plan has it.
func (r *run) actorOn(p *plan.Plan, a int, c Cost) actor {
	u := p.UnitOf(a)
	act := actor{device: r.where[p.Work[a].Device], unit: u.Name, cost: c, slowdown: u.Slowdown}
	act.draws(r, a, c)
	return act
}

// draws gives actor a the seed of what its firings take, if that is drawn.
func (act *actor) draws(r *run, a int, c Cost) {
	if _, constant := c.(Constant); !constant {
		act.seed = draw.Mix(r.plan.Seed, draw.Named("cost of "+r.graph.Actors[a].Name))
	}
}
