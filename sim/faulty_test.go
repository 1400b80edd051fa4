package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// hashed costs what its key says, on any unit.
type hashed struct{}

func (hashed) Cost(_ *profile.Profile, _, key string) (Cost, error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	n := time.Duration(h.Sum64() % 300_000)
	return samples{n / 10, n, 2 * n}, nil
}

// faulty draws a plan of one to three instances that share a server, and what goes
// wrong with it.
func faulty(seed uint64) *plan.Plan {
	for try := uint64(0); ; try++ {
		rng := rand.New(rand.NewPCG(seed, try))
		d := &drawn{rng: rng, instances: 1 + rng.IntN(3)}
		lanes := make([]int, d.instances+1)
		for i := range lanes {
			lanes[i] = 1 + rng.IntN(3)
		}
		d.b = enginetest.NewBuilder(fmt.Sprintf("faulty %d", seed), 1+rng.Int64N(15), lanes...)
		p := d.b.Plan()
		p.Seed = seed
		for i := range d.instances {
			d.instance(i)
		}
		if rng.IntN(2) == 0 {
			p.Workload.Kind, p.Workload.Period = plan.Camera, time.Duration(1+rng.IntN(2_000_000))
			p.Workload.Drop = []admission.Policy{"", admission.Newest, admission.Oldest}[seed%3]
			p.Workload.Queue = int(seed % 4)
		}
		for i := range p.Platform.Links {
			l := &p.Platform.Links[i]
			l.Latency = time.Duration(rng.IntN(2) * rng.IntN(2_000_000))
			l.BandwidthBytesPerSec = []quantity.BytesPerSec{0, 1e6}[rng.IntN(2)]
		}
		if seed%4 == 1 {
			shareAir(p, seed)
		}
		if graph.Validate(p.Graph) == nil {
			return p
		}
	}
}

// shareAir puts all links of a plan on one medium, some of them half duplex.
func shareAir(p *plan.Plan, seed uint64) {
	p.Platform.Media = []plan.Medium{{
		Name: "air", CapacityBytesPerSec: 2e6, MessageBytes: 1500, Contention: plan.Linear, PerStation: 0.1,
	}}
	for i := range p.Platform.Links {
		p.Platform.Links[i].Medium = "air"
		if (seed/4+uint64(i))%2 == 0 {
			p.Platform.Links[i].Duplex = plan.Half
		}
	}
}

type drawn struct {
	rng       *rand.Rand
	b         *enginetest.Builder
	instances int
}

// instance adds one instance, on device i and the server; with a fallback, only what
// the server may lose lies there.
func (d *drawn) instance(i int) {
	p, rng := d.b.Plan(), d.rng
	first, alone := len(p.Work), rng.IntN(2) == 0
	where := func(may bool) int {
		if (may || !alone) && rng.IntN(2) == 0 {
			return d.instances
		}
		return i
	}
	last := d.b.Actor(enginetest.Count, where(false))
	window := rng.IntN(3) * rng.IntN(4)
	for range 1 + rng.IntN(4) {
		if rng.IntN(3) == 0 {
			last = d.gated(last, where)
			continue
		}
		stateful := rng.IntN(4) == 0
		next := d.b.Actor(enginetest.Pass, where(!stateful))
		p.Graph.Actors[next].Stateful = stateful
		d.static(last, next, 0)
		if rng.IntN(4) == 0 && p.Graph.Actors[first].Kind == graph.StaticProcessing {
			d.static(first, next, 0)
		}
		if stateful && rng.IntN(2) == 0 {
			d.static(next, next, 1+rng.IntN(2))
		}
		last = next
	}
	sink := d.b.Actor(enginetest.Sink, where(false))
	d.static(last, sink, 0)
	if window > 0 {
		d.static(sink, first, window)
	}
	name := fmt.Sprintf("i%d", i)
	there := false
	for a := first; a < len(p.Work); a++ {
		p.Work[a].Instance = name
		there = there || p.Work[a].Device != i
	}
	if alone && there {
		p.Fallbacks = append(p.Fallbacks,
			plan.Takeover{Instance: name, Device: i, Peer: d.instances, After: time.Duration(1 + rng.IntN(3_000_000))})
	}
}

func (d *drawn) static(from, to, delay int) {
	rate := 1 + d.rng.IntN(3)*d.rng.IntN(2)
	if delay > 0 {
		delay += rate - 1
	}
	d.b.FIFO(from, to, rate, delay, max(rate, delay)+delay/2+d.rng.IntN(4))
}

// gated adds a dynamic part and returns its exit.
func (d *drawn) gated(from int, where func(bool) int) int {
	p, rng := d.b.Plan(), d.rng
	url := 1 + rng.IntN(2)
	config, entry := d.b.Actor(enginetest.Turns, where(true)), d.b.Actor(enginetest.Gate, where(true))
	d.static(from, config, 0)
	d.static(from, entry, 0)
	members, last := []int{entry}, entry
	for range 1 + rng.IntN(2) {
		next := d.b.Actor(enginetest.Pass, where(true))
		p.Graph.Actors[next].Kind = graph.DynamicProcessing
		d.b.Dynamic(last, next, 0, url, url+rng.IntN(3))
		members, last = append(members, next), next
	}
	exit := d.b.Actor(enginetest.Choose, where(true))
	d.b.Dynamic(last, exit, 0, url, url+rng.IntN(3))
	d.static(entry, exit, 0)
	p.Graph.Actors[entry].Kind, p.Graph.Actors[exit].Kind = graph.Dynamic, graph.Dynamic
	rates := make([]int, 1+rng.IntN(5))
	for i := range rates {
		rates[i] = rng.IntN(url + 1)
	}
	d.b.Configure(config, rates, append(members, exit)...)
	return exit
}

// spoil draws what goes wrong in a run that takes a time without it.
func spoil(p *plan.Plan, rng *rand.Rand, length int64) {
	for range 1 + rng.IntN(4) {
		f := plan.Fault{
			Device: -1, Link: -1, At: time.Duration(rng.Int64N(length + length/4 + 1)),
			For:    1 + time.Duration(rng.Int64N([]int64{1000, length + 1, 4*length + 1, 1e9}[rng.IntN(4)])),
			Detect: time.Duration(rng.Int64N(1_000_000)),
		}
		if rng.IntN(2) == 0 {
			f.Device = rng.IntN(len(p.Platform.Devices))
		} else {
			f.Link = rng.IntN(len(p.Platform.Links))
		}
		p.Faults = append(p.Faults, f)
	}
}
