package enginetest

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// The kernels of the suite's plans. A driver under test must have them.
const (
	// Count is a source: it writes the firing's number into the first 8 bytes of
	// every token, little-endian.
	Count = "count"
	// Pass copies the bytes of its input tokens to its output tokens, port by port;
	// outputs beyond the last input get those of the last input.
	Pass = "pass"
	// Sink reads its inputs; if it has an output, it leaves the tokens as they are.
	Sink = "sink"
	// Turns is the kernel of a configuration actor: firing n sets element n, modulo
	// their number, of its parameter rates.
	Turns = "turns"
	// Gate copies its first input to its outputs, as often as there are tokens to write.
	Gate = "gate"
	// Choose writes the token of its variable input, or else that of its static one.
	Choose = "choose"
)

// Profile returns costs of the suite's kernels for drivers that predict.
func Profile() *profile.Profile {
	cost := func(d time.Duration) profile.Entry { return profile.Entry{Samples: []time.Duration{d}} }
	return &profile.Profile{
		Machine: "enginetest",
		Entries: map[string]profile.Entry{
			Count: cost(20 * time.Microsecond), Pass: cost(50 * time.Microsecond), Sink: cost(10 * time.Microsecond),
			Turns: cost(5 * time.Microsecond), Gate: cost(15 * time.Microsecond), Choose: cost(15 * time.Microsecond),
		},
		Transport: profile.Transport{
			PerMessage: 100 * time.Microsecond, PerByte: 0.5, SendPerMessage: 10 * time.Microsecond, SendPerByte: 0.25,
			Dispatch: time.Microsecond,
		},
	}
}

// Builder builds a plan of the suite's kernels, actor by actor and FIFO by FIFO.
// Devices have one unit, cpu; every two devices are joined by an unshaped link.
type Builder struct{ plan plan.Plan }

// NewBuilder returns a builder of a plan that takes in a number of frames, on
// devices with the given numbers of lanes: d0, d1, ...
func NewBuilder(name string, frames int64, lanes ...int) *Builder {
	b := &Builder{plan.Plan{
		Name: name, Graph: &graph.Graph{Name: name}, Seed: 1,
		Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
	}}
	pf := &b.plan.Platform
	pf.Name = name
	for i, n := range lanes {
		pf.Devices = append(pf.Devices, plan.Device{
			Name: fmt.Sprintf("d%d", i), Role: plan.Endpoint,
			Units: []plan.Unit{{Name: "cpu", Lanes: n, Threads: 1, Slowdown: 1}},
		})
		for j := range i {
			pf.Links = append(pf.Links, plan.Link{
				Name: fmt.Sprintf("l%d%d", j, i), Between: []string{pf.Devices[j].Name, pf.Devices[i].Name}, Duplex: plan.Full,
			})
		}
	}
	return b
}

// Actor adds an actor that runs one of the suite's kernels on a device, and
// returns its index. Its name is the kernel's and its index.
func (b *Builder) Actor(kernel string, device int) int {
	g := b.plan.Graph
	a := len(g.Actors)
	name := fmt.Sprintf("%s%d", kernel, a)
	g.Actors = append(g.Actors, graph.Actor{Name: name, Kind: graph.StaticProcessing, Kernel: kernel})
	b.plan.Work = append(b.plan.Work, plan.Work{
		Actor: name, Device: device, Source: kernel == Count, Sink: kernel == Sink, CostKey: kernel,
	})
	return a
}

// FIFO joins two actors by a FIFO of uint8[8] tokens, through a new port at each.
// Between two devices it has room for a firing beside its delay tokens, at least.
func (b *Builder) FIFO(from, to, rate, delay, capacity int) {
	if b.plan.Work[from].Device != b.plan.Work[to].Device {
		capacity = max(capacity, delay+rate)
	}
	b.join(from, to, graph.Port{LRL: rate, URL: rate, Type: graph.TokenType{Elem: "uint8", Shape: []int64{8}}}, delay,
		capacity)
}

// Dynamic joins two actors of a dynamic part by a FIFO of uint8[8] tokens, of which
// a firing makes and takes lrl to url.
func (b *Builder) Dynamic(from, to, lrl, url, capacity int) {
	b.join(from, to, graph.Port{LRL: lrl, URL: url, Type: graph.TokenType{Elem: "uint8", Shape: []int64{8}}}, 0, capacity)
}

// Configure makes an actor the configuration actor of a dynamic part: it sets the
// given rates in turn. members are the part's dynamic and dynamic processing actors.
func (b *Builder) Configure(actor int, rates []int, members ...int) {
	g := b.plan.Graph
	g.Actors[actor].Kind = graph.Configuration
	list := make([]any, len(rates))
	for i, r := range rates {
		list[i] = r
	}
	g.Actors[actor].Params = map[string]any{"rates": list}
	b.plan.Workload.Choices = append(b.plan.Workload.Choices, plan.Choice{Actor: g.Actors[actor].Name, Recorded: rates})
	for _, m := range members {
		b.join(actor, m, graph.Port{LRL: 1, URL: 1, Type: graph.ControlToken, Control: true}, 0, 2)
	}
}

func (b *Builder) join(from, to int, port graph.Port, delay, capacity int) {
	g, p := b.plan.Graph, &b.plan
	out, in := &g.Actors[from].Out, &g.Actors[to].In
	port.Name = fmt.Sprintf("out%d", len(*out))
	*out = append(*out, port)
	port.Name = fmt.Sprintf("in%d", len(*in))
	*in = append(*in, port)
	g.FIFOs = append(g.FIFOs, graph.FIFO{
		From: from, OutPort: len(*out) - 1, To: to, InPort: len(*in) - 1, Delay: delay, Capacity: capacity,
	})
	route := -1
	if d, e := p.Work[from].Device, p.Work[to].Device; d != e {
		route = p.Platform.Link(p.Platform.Devices[d].Name, p.Platform.Devices[e].Name)
	}
	p.Routes = append(p.Routes, route)
}

// Chain adds a source, passes and a sink, one actor on each of the given
// devices, joined by FIFOs of one rate and capacity. It returns the actors.
func (b *Builder) Chain(rate, capacity int, devices ...int) []int {
	var actors []int
	for i, d := range devices {
		kernel := Pass
		switch i {
		case 0:
			kernel = Count
		case len(devices) - 1:
			kernel = Sink
		}
		a := b.Actor(kernel, d)
		if i > 0 {
			b.FIFO(actors[i-1], a, rate, 0, capacity)
		}
		actors = append(actors, a)
	}
	return actors
}

// Plan returns the plan; change it before it is run, if at all.
func (b *Builder) Plan() *plan.Plan { return &b.plan }

// plans returns the suite's cases.
func plans() []*plan.Plan {
	one := NewBuilder("chain of 5 on one device", frames, 1)
	one.Chain(1, 2, 0, 0, 0, 0, 0)

	lanes := NewBuilder("chain of 5 on three lanes", frames, 3)
	lanes.Chain(1, 1, 0, 0, 0, 0, 0)

	two := NewBuilder("chain of 5 cut over two devices", frames, 1, 1)
	two.Chain(1, 2, 0, 0, 1, 1, 1)

	back := NewBuilder("chain there and back over three devices", frames, 1, 1, 1)
	back.Chain(1, 3, 0, 1, 2, 1, 0)

	rates := NewBuilder("three tokens per firing", frames, 1, 1)
	rates.Chain(3, 7, 0, 0, 1, 1)

	cases := []*plan.Plan{one.Plan(), lanes.Plan(), two.Plan(), back.Plan(), rates.Plan(), forkJoin(frames)}
	for _, window := range []int{1, 3} {
		b := NewBuilder(fmt.Sprintf("feedback window of %d", window), frames, 2, 1)
		c := b.Chain(1, 4, 0, 0, 1)
		b.FIFO(c[2], c[0], 1, window, window)
		b.Plan().Workload.Kind = plan.SingleStream
		cases = append(cases, b.Plan())
	}

	shared := NewBuilder("two instances share a server's lane", frames, 1, 1, 1)
	for i := range 2 {
		for _, a := range shared.Chain(1, 2, i, 2, 2) {
			shared.plan.Work[a].Instance = fmt.Sprint(i)
		}
	}

	camera := NewBuilder("camera period", 5, 1, 1)
	camera.Chain(1, 2, 0, 1)
	camera.Plan().Workload = plan.Workload{Kind: plan.Camera, Frames: 5, Period: 3 * time.Millisecond}
	cases = append(cases, shared.Plan(), camera.Plan())
	for _, policy := range []admission.Policy{admission.Newest, admission.Oldest} {
		drops := NewBuilder(fmt.Sprintf("camera that keeps the %s", policy), 20, 1, 1)
		drops.Chain(1, 2, 0, 1)
		drops.Plan().Workload = plan.Workload{
			Kind: plan.Camera, Frames: 20, Period: 300 * time.Microsecond, Drop: policy, Queue: 2,
		}
		cases = append(cases, drops.Plan())
	}
	poisson := NewBuilder("Poisson arrivals", 20, 1, 1)
	poisson.Chain(1, 2, 0, 1)
	poisson.Plan().Workload = plan.Workload{Kind: plan.Poisson, Frames: 20, Rate: 2000}
	cases = append(append(cases, poisson.Plan()), scenarios()...)
	return append(cases,
		gated("dynamic part on one device", []int{1, 0, 1, 1, 0}, 0, 0),
		gated("dynamic part over two devices", []int{1, 0, 1, 1, 0, 0}, 1, 1),
		gated("dynamic part there and back over three devices", []int{0, 1}, 1, 2),
		gated("dynamic part that is never on", []int{0}, 1, 1),
	)
}

// gated sends frames through two inner actors, on the given devices, when the
// configuration actor's rate is 1, and past them always.
func gated(name string, rates []int, first, second int) *plan.Plan {
	b := NewBuilder(name, frames, 1, 1, 1)
	source, config := b.Actor(Count, 0), b.Actor(Turns, 0)
	entry, one, two := b.Actor(Gate, 0), b.Actor(Pass, first), b.Actor(Pass, second)
	exit, sink := b.Actor(Choose, 0), b.Actor(Sink, 0)
	b.FIFO(source, config, 1, 0, 2)
	b.FIFO(source, entry, 1, 0, 2)
	b.Dynamic(entry, one, 0, 1, 2)
	b.FIFO(entry, exit, 1, 0, 3)
	b.Dynamic(one, two, 0, 1, 2)
	b.Dynamic(two, exit, 0, 1, 2)
	b.FIFO(exit, sink, 1, 0, 2)
	g := b.Plan().Graph
	g.Actors[entry].Kind, g.Actors[exit].Kind = graph.Dynamic, graph.Dynamic
	g.Actors[one].Kind, g.Actors[two].Kind = graph.DynamicProcessing, graph.DynamicProcessing
	b.Configure(config, rates, entry, one, two, exit)
	return b.Plan()
}

// frames is how many frames most of the suite's plans take in.
const frames = 20

// forkJoin sends every frame along two ways, one of them over another device.
func forkJoin(frames int64) *plan.Plan {
	b := NewBuilder("fork and join", frames, 2, 1)
	source, fork := b.Actor(Count, 0), b.Actor(Pass, 0)
	near, far := b.Actor(Pass, 0), b.Actor(Pass, 1)
	join, sink := b.Actor(Pass, 0), b.Actor(Sink, 0)
	b.FIFO(source, fork, 1, 0, 2)
	b.FIFO(fork, near, 1, 0, 2)
	b.FIFO(fork, far, 1, 0, 2)
	b.FIFO(near, join, 1, 0, 2)
	b.FIFO(far, join, 1, 0, 2)
	b.FIFO(join, sink, 1, 0, 2)
	return b.Plan()
}
