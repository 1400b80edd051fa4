package compile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Compile checks a plan file and makes it runnable: models are expanded,
// segments that neighbour on one unit are fused, codecs are inserted where
// tensors cross between devices. Errors give file:line:column where the file
// was parsed from one.
func Compile(f *planfile.File, models Models) (*plan.Plan, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if w := &f.Workload; w.Kind == plan.Recorded && w.Record == nil {
		return nil, f.Errorf("$.workload.arrivals", "%w: the arrivals in %s were not read", planfile.ErrWorkload, w.Arrivals)
	}
	f, err := f.Expanded()
	if err != nil {
		return nil, err
	}
	chain, joints, err := joined(f, models)
	if err != nil {
		return nil, err
	}
	b := &builder{file: f, models: models, joints: joints, plan: &plan.Plan{
		Name: f.Plan, Graph: &graph.Graph{Name: f.Application.Name}, Platform: settled(f),
		Workload: f.Workload, Seed: f.Seed,
	}}
	places := make([][]place, len(f.Instances))
	var errs []error
	b.places = newPlaces(f, chain)
	for i := range f.Instances {
		if f.Instances[i].CopyOf != "" && len(errs) > 0 {
			continue // it has the same, as far as its own are not known before: see planfile.Share
		}
		if places[i], err = b.places.assign(i); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	b.room(len(chain))
	if err := b.instances(chain, places); err != nil {
		return nil, err
	}
	if err := b.route(); err != nil {
		return nil, err
	}
	if err := input(graph.Validate(b.distinct())); err != nil {
		return nil, err
	}
	if err := checkChoices(f, b.plan); err != nil {
		return nil, err
	}
	if b.plan.Faults, err = faults(f); err != nil {
		return nil, err
	}
	b.costKeys()
	return b.plan, nil
}

// input marks every one of joined errors as the user's.
func input(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var errs []error
	for _, e := range joined.Unwrap() {
		errs = append(errs, fmt.Errorf("%w: %w", yamlfile.ErrInput, e))
	}
	return errors.Join(errs...)
}

// builder grows a plan instance by instance.
type builder struct {
	file   *planfile.File
	models Models
	joints *joints
	places *places
	plan   *plan.Plan
	inst   *planfile.Instance
	clones []clone  // in order
	names  []string // of the plan's actors, without that of the instance

	// makers and takers say, for the instance at hand, where the tokens of an
	// application's port come from and go to, once models are expanded.
	makers   map[end]end
	takers   map[end][]end
	used     map[end]bool  // output ports that a FIFO has taken
	parts    map[int][]int // by actor of the application, those of the plan that it became
	inserted map[int]bool  // actors put on variable FIFOs
	// ins and outs are the indices of ports, of the plan's actors of the instance.
	ins, outs map[end]int
}

// end is a port: of an application's actor (spec index) or of the plan's graph
// (actor index).
type end struct {
	actor int
	port  string
}

func (b *builder) instance(i int, chain []ChainActor, places []place) error {
	b.inst = &b.file.Instances[i]
	first := len(b.plan.Graph.Actors)
	if err := b.expand(chain, places); err != nil {
		return err
	}
	b.feedback(first)
	return b.fallback(i, first)
}

// add appends an actor, named without its instance, to the plan and returns its index.
func (b *builder) add(a graph.Actor, w plan.Work, at place) int {
	b.names = append(b.names, a.Name)
	if b.inst.Name != "" {
		a.Name = b.inst.Name + "/" + a.Name
	}
	w.Instance, w.CopyOf, w.Device, w.Unit = b.inst.Name, b.inst.CopyOf, at.device, at.unit
	b.plan.Graph.Actors = append(b.plan.Graph.Actors, a)
	b.plan.Work = append(b.plan.Work, w)
	i := len(b.plan.Graph.Actors) - 1
	for k, p := range slices.Backward(a.In) { // the first of a name stays
		b.ins[end{i, p.Name}] = k
	}
	for k, p := range slices.Backward(a.Out) {
		b.outs[end{i, p.Name}] = k
	}
	return i
}

func (b *builder) ordinary(c ChainActor, at place) error {
	spec := &b.file.Application.Actors[c.Spec]
	path := fmt.Sprintf("$.application.actors[%d]", c.Spec)
	a := graph.Actor{
		Name: spec.Name, Kind: cmp.Or(spec.Kind, graph.StaticProcessing), Kernel: spec.Kernel, Params: spec.Params,
		Stateful: spec.State, Pos: b.file.Pos(path),
	}
	var errs []error
	for j, ps := range spec.Out {
		p, err := b.port(ps, fmt.Sprintf("%s.out[%d]", path, j))
		errs = append(errs, err)
		a.Out = append(a.Out, p)
	}
	for j, ps := range spec.In {
		ppath := fmt.Sprintf("%s.in[%d]", path, j)
		if ps.Type == "" && !ps.Control {
			t, err := b.typeOfInput(end{c.Spec, ps.Port}, ppath)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if _, err := graph.ParseTokenType(t); err != nil {
				continue // said at the other end
			}
			ps.Type = t
		}
		p, err := b.port(ps, ppath)
		errs = append(errs, err)
		a.In = append(a.In, p)
	}
	i := b.add(a, plan.Work{Actor: spec.Name, Source: spec.IsSource(), Sink: spec.IsSink()}, at)
	b.parts[c.Spec] = []int{i}
	for _, p := range a.Out {
		b.makers[end{c.Spec, p.Name}] = end{i, p.Name}
	}
	for _, p := range a.In {
		b.takers[end{c.Spec, p.Name}] = []end{{i, p.Name}}
	}
	return errors.Join(errs...)
}

func (b *builder) port(ps planfile.PortSpec, path string) (graph.Port, error) {
	if ps.Control {
		ps.Type = cmp.Or(ps.Type, graph.ControlToken.String())
	}
	t, err := graph.ParseTokenType(ps.Type)
	if err != nil {
		return graph.Port{}, b.file.Errorf(path, "port %s: %w", ps.Port, err)
	}
	lrl, url := ps.Rate.Limits()
	return graph.Port{Name: ps.Port, LRL: lrl, URL: url, Type: t, Control: ps.Control}, nil
}

// typeOfInput finds the token type of an input port that doesn't state it: that
// of the output port at the other end of its FIFO.
func (b *builder) typeOfInput(input end, path string) (string, error) {
	j, ok := b.joints.into[input]
	if !ok {
		return "", b.file.Errorf(path, "%w: no FIFO brings tokens to port %s of actor %s; add one under fifos",
			planfile.ErrActor, input.port, b.file.Application.Actors[input.actor].Name)
	}
	from := b.joints.from[j]
	a := &b.file.Application.Actors[from.actor]
	if a.Model != "" { // a port is an output of the model
		m := b.models[a.Model].Model
		return TokenType(m, m.Tensor(from.port)).String(), nil
	}
	return a.Out[b.joints.outs[from.actor].at[from.port]].Type, nil
}

// TokenType returns the type of the tokens that hold a tensor of a model: one that
// travels with its shape if that depends on the data, or if tokens of a fixed shape
// can't hold it.
func TokenType(m *onnx.Model, t onnx.TensorInfo) graph.TokenType {
	fixed := graph.TokenType{Elem: t.Elem.String(), Shape: t.Shape}
	most := t.Shape
	if s, ok := m.Span(t.Name); ok {
		most = s.Most
	}
	of := graph.Shaped{Elem: fixed.Elem}
	for i, d := range t.Shape {
		of.Most, of.Open = append(of.Most, max(most[i], 0)), append(of.Open, d <= 0)
	}
	one := graph.TokenType{Elem: fixed.Elem, Shape: []int64{1}} // 0 bytes of elements that no fixed token has
	stated := len(t.Shape) > 0 && !slices.ContainsFunc(t.Shape, func(d int64) bool { return d < 0 })
	if of.ElemBytes() == 0 || stated && one.Bytes() > 0 {
		return fixed
	}
	return of.TokenType()
}
