package leakage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Cut is a set of tensors that cross.
type Cut struct {
	Name string
	// PP is the partition point, the number of actors before the cut; 0: it is none.
	PP int
	// Tensors are those that cross, as plan.Plan.Tensor names them, in order.
	Tensors []string
}

// tap is a tensor that an actor makes.
type tap struct {
	name        string
	actor, port int
	kind        graph.TokenType
}

// taps is an application of which some tensors are shown.
type taps struct {
	plan   *plan.Plan
	chain  []compile.ChainActor
	list   []tap
	byName map[string]int
	frames int64
}

// every shows all tensors.
func every(int) bool { return true }

// expand maps actors to units of one device: those of one model to the same one, so that they are one
// session, up to each (index in the chain) that shows what it makes.
func expand(r *Request, frames int64, shows func(actor int) bool) (*taps, error) {
	chain, err := compile.Chain(r.File, r.Models)
	if err != nil {
		return nil, err
	}
	d := plan.Device{Name: "device", Role: plan.Endpoint}
	in := planfile.Instance{}
	for i, a := range chain {
		if i == 0 || shows(i-1) || a.Segment < 0 || chain[i-1].Spec != a.Spec {
			d.Units = append(d.Units, plan.Unit{Name: fmt.Sprintf("unit%d", i)})
		}
		unit := d.Name + "." + d.Units[len(d.Units)-1].Name
		in.Mapping = append(in.Mapping, planfile.Assign{Unit: unit, Actors: []string{a.Name}})
	}
	f := *r.File
	f.Plan, f.Platform, f.Faults = "leakage", plan.Platform{Devices: []plan.Device{d}}, nil
	f.Instances = []planfile.Instance{in}
	f.Workload, f.Seed, f.FIFOCapacity = plan.Workload{Kind: plan.Offline, Frames: frames}, r.Seed, 1
	p, err := compile.Compile(&f, r.Models)
	if err != nil {
		return nil, err
	}
	t := &taps{plan: p, chain: chain, byName: map[string]int{}, frames: frames}
	for a := range p.Graph.Actors {
		for port, out := range p.Graph.Actors[a].Out {
			name := p.Tensor(a, port)
			if _, twice := t.byName[name]; out.Control || twice {
				continue
			}
			t.byName[name] = len(t.list)
			t.list = append(t.list, tap{name, a, port, out.Type})
		}
	}
	return t, nil
}

// source reports whether an actor takes nothing: its tokens are the input.
func (t *taps) source(actor int) bool { return len(t.plan.Graph.Actors[actor].In) == 0 }

// unset returns the plan without the settings of its sources, but for those that control others.
func (t *taps) unset() *plan.Plan {
	p, g := *t.plan, *t.plan.Graph
	p.Graph, g.Actors, p.Work = &g, slices.Clone(g.Actors), slices.Clone(p.Work)
	for a := range g.Actors {
		controls := slices.ContainsFunc(g.Actors[a].Out, func(p graph.Port) bool { return p.Control })
		if t.source(a) && !controls {
			g.Actors[a].Params, p.Work[a].CostKey = nil, ""
		}
	}
	return &p
}

// input returns the tensors of the sources.
func (t *taps) input() []string {
	var list []string
	for _, p := range t.list {
		if t.source(p.actor) {
			list = append(list, p.name)
		}
	}
	return list
}

// frame returns the tensor that is a picture, of the sources; false if none is.
func (t *taps) frame() (tap, bool) {
	at := slices.IndexFunc(t.list, func(p tap) bool { return t.source(p.actor) && codec.Applies(codec.JPEG, p.kind) })
	if at < 0 {
		return tap{}, false
	}
	return t.list[at], true
}

// before returns the actors that must run for what others make, those among them.
func (t *taps) before(actors []int) map[int]bool {
	all := map[int]bool{}
	var add func(a int)
	add = func(a int) {
		if all[a] {
			return
		}
		all[a] = true
		for _, q := range t.plan.Graph.FIFOs {
			if q.To == a {
				add(q.From)
			}
		}
	}
	for _, a := range actors {
		add(a)
	}
	return all
}

// showing returns the same application, of which the tensors of channels are shown; what lies
// between them runs as one session, as on a device.
func (t *taps) showing(r *Request, frames int64, channels []*channel) (*taps, error) {
	makers := map[int]bool{}
	for _, c := range channels {
		makers[t.list[t.byName[c.tap.name]].actor] = true
	}
	return expand(r, frames, func(actor int) bool { return makers[actor] })
}

// where returns which actor and port make a tensor.
func (t *taps) where(tensor string) ([2]int, error) {
	at, ok := t.byName[tensor]
	if !ok {
		return [2]int{}, fmt.Errorf("%w: the application makes no tensor %s", ErrCut, tensor)
	}
	return [2]int{t.list[at].actor, t.list[at].port}, nil
}

// cuts returns the partition points behind the first actor, each with what crosses.
func (t *taps) cuts() []Cut {
	var list []Cut
	for pp := 1; pp < len(t.chain); pp++ {
		c := t.chain[pp-1]
		cut := Cut{Name: c.Name, PP: pp}
		for _, q := range t.plan.Graph.FIFOs {
			from := t.plan.Graph.Actors[q.From]
			if q.From < pp && q.To >= pp && !from.Out[q.OutPort].Control && q.To < len(t.chain) {
				cut.Tensors = append(cut.Tensors, t.plan.Tensor(q.From, q.OutPort))
			}
		}
		slices.Sort(cut.Tensors)
		cut.Tensors = slices.Compact(cut.Tensors)
		list = append(list, cut)
	}
	return list
}

// Cuts returns the partition points of a request's application, each with the tensors that
// cross there.
func Cuts(r Request) ([]Cut, error) {
	t, err := expand(&r, 1, every)
	if err != nil {
		return nil, err
	}
	return t.cuts(), nil
}

// Choose returns the cuts of these names, all if none is given: the last actor before the cut,
// or what it ends in behind the model's name, or its number, as in PP5. Another name is ErrCut.
func Choose(cuts []Cut, names []string) ([]Cut, error) {
	if len(names) == 0 {
		return cuts, nil
	}
	var chosen []Cut
	for _, name := range names {
		at := slices.IndexFunc(cuts, func(c Cut) bool {
			_, part, _ := strings.Cut(c.Name, "/")
			return c.Name == name || part == name || fmt.Sprintf("PP%d", c.PP) == name
		})
		if at < 0 {
			var known []string
			for _, c := range cuts {
				known = append(known, c.Name)
			}
			return nil, fmt.Errorf("%w %q; the cuts are %s", ErrCut, name, strings.Join(known, ", "))
		}
		chosen = append(chosen, cuts[at])
	}
	return chosen, nil
}
