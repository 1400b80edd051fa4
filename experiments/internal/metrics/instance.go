package metrics

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// instance is the part of a plan that belongs to one instance of the
// application.
type instance struct {
	plan       *plan.Plan
	name       string
	line       *trace.Line
	due        arrival.Times // when frames are due; of no schedule: they begin with the source's firing
	endpoint   string        // name of the source's device
	exit       string        // name of the first sink's device
	sinks      int
	returns    map[int]int // FIFOs that a sink sends tokens back by, to that sink
	actors     []int       // in the graph's order
	boundaries []int       // FIFOs between devices, without that which only lets the source go on
	actorAt    map[int]int
	boundaryAt map[int]int
	dynamic    []dynamicPart
	senders    []*trace.Sender // by boundaries: those of one device over one link share one
	on         []int           // instances that have actors on a device, by its index
}

// dynamicPart is what a configuration actor can skip, by index in an instance's
// actors and boundaries.
type dynamicPart struct {
	config     int
	actors     []int
	boundaries []int
}

func newInstance(p *plan.Plan, name string) (*instance, error) {
	all, err := instancesOf(p, func(other string) bool { return other == name })
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, noInstance(p, name)
	}
	return all[0], nil
}

// newInstances returns all instances, in the order of their first sources.
func newInstances(p *plan.Plan) ([]*instance, error) {
	all, err := instancesOf(p, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	if names := Instances(p); len(names) != len(all) { // each has a source
		for _, name := range names {
			if !slices.ContainsFunc(all, func(in *instance) bool { return in.name == name }) {
				return nil, noInstance(p, name)
			}
		}
	}
	return all, nil
}

func noInstance(p *plan.Plan, name string) error {
	return fmt.Errorf("plan %s: %w with a source and a sink: %q; it has %q%s", p.Name, ErrInstance, name, Instances(p),
		nearest.Hint(name, Instances(p)))
}

// instancesOf returns the instances of some names, in the order of their first sources.
func instancesOf(p *plan.Plan, wanted func(name string) bool) ([]*instance, error) {
	var all []*instance
	of := map[string]*instance{}
	for a := range p.Work {
		if w := &p.Work[a]; w.Source && of[w.Instance] == nil && wanted(w.Instance) {
			in := &instance{
				plan: p, name: w.Instance, line: &trace.Line{}, due: arrival.Of(p.Schedule(w.Instance)),
				actorAt: map[int]int{}, boundaryAt: map[int]int{}, returns: map[int]int{},
			}
			of[w.Instance], all = in, append(all, in)
		}
	}
	on := instancesOn(p)
	for a := range p.Work {
		if in := of[p.Work[a].Instance]; in != nil {
			in.on = on
			if err := in.addActor(a); err != nil {
				return nil, err
			}
		}
	}
	for _, in := range all {
		if in.sinks == 0 {
			return nil, noInstance(p, in.name)
		}
	}
	senders := senders{}
	for q, f := range p.Graph.FIFOs {
		in := of[p.Work[f.From].Instance]
		if in == nil {
			continue
		}
		returns := p.Graph.Actors[f.From].Out[f.OutPort].Feedback
		if !returns && p.Work[f.From].Device != p.Work[f.To].Device {
			in.boundaryAt[q] = len(in.boundaries)
			in.boundaries = append(in.boundaries, q)
			in.senders = append(in.senders, senders.of(in, q))
		}
		if p.Work[f.From].Sink {
			in.returns[q] = f.From
		}
	}
	for _, d := range graph.DPGs(p.Graph) {
		if d.Config < 0 {
			continue
		}
		if in := of[p.Work[d.Config].Instance]; in != nil {
			in.addDynamic(&d)
		}
	}
	return all, nil
}

// senders are those of instances, by device and link.
type senders map[sender]*trace.Sender

type sender struct {
	of           *instance
	device, link int
}

// of returns that of a boundary.
func (s senders) of(in *instance, q int) *trace.Sender {
	at := sender{of: in, device: in.plan.Work[in.plan.Graph.FIFOs[q].From].Device, link: -1}
	if q < len(in.plan.Routes) {
		at.link = in.plan.Routes[q]
	}
	if s[at] == nil {
		s[at] = &trace.Sender{}
	}
	return s[at]
}

// instancesOn returns how many instances have actors on each device, by index.
func instancesOn(p *plan.Plan) []int {
	type placed struct {
		device   int
		instance string
	}
	seen := map[placed]bool{}
	on := make([]int, len(p.Platform.Devices))
	for a := range p.Work {
		at := placed{p.Work[a].Device, p.Work[a].Instance}
		if !seen[at] {
			seen[at] = true
			on[at.device]++
		}
	}
	return on
}

// addActor adds an actor of the instance.
func (in *instance) addActor(a int) error {
	w, d := &in.plan.Work[a], in.plan.DeviceOf(a).Name
	in.actorAt[a] = len(in.actors)
	in.actors = append(in.actors, a)
	if w.Sink {
		in.sinks++
		if in.exit == "" {
			in.exit = d
		}
	}
	if !w.Source {
		return nil
	}
	if in.endpoint != "" && in.endpoint != d {
		return fmt.Errorf("plan %s, instance %q: %w with one endpoint: it has sources on %s and %s", in.plan.Name, in.name,
			ErrInstance, in.endpoint, d)
	}
	in.endpoint = d
	return nil
}

// addDynamic adds a dynamic part.
func (in *instance) addDynamic(d *graph.DPG) {
	part := dynamicPart{config: in.actorAt[d.Config]}
	for _, a := range d.Inner {
		part.actors = append(part.actors, in.actorAt[a])
	}
	for _, q := range d.FIFOs {
		if i, crosses := in.boundaryAt[q]; crosses {
			part.boundaries = append(part.boundaries, i)
		}
	}
	in.dynamic = append(in.dynamic, part)
}
