package compile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// segment adds n neighbouring segments or parts of a model, mapped to one unit, as
// one actor with one session.
func (b *builder) segment(c ChainActor, n int, at place) error {
	spec := &b.file.Application.Actors[c.Spec]
	m := b.models[spec.Model]
	from, to := c.Segment, c.Segment+n
	w, ins, outs, err := section(b.file, c, n, m)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s[%d:%d]", spec.Name, from, to)
	if w.Branch {
		if name = spec.Parts[from].Name; n > 1 {
			name += ":" + spec.Parts[to-1].Name
		}
		name = fmt.Sprintf("%s[%s]", spec.Name, name)
	}
	a := graph.Actor{
		Name: name, Kind: cmp.Or(spec.Kind, graph.StaticProcessing), Kernel: plan.KernelONNX,
		Pos: b.file.Pos(fmt.Sprintf("$.application.actors[%d]", c.Spec)),
	}
	lrl, url := spec.Rate.Limits()
	given := slices.Clone(outs)
	for _, t := range ins {
		if at, made := m.MadeBy(t.Name); made && at == onnx.GraphInput {
			given = append(given, t) // no segment makes it
		}
	}
	for _, t := range given {
		if of := TokenType(m.Model, t).Of; of != nil && of.Elem == "float16" {
			return b.file.Errorf(fmt.Sprintf("$.application.actors[%d]", c.Spec), "%w: tensor %s of actor %s is %s, and "+
				"ONNX Runtime's Go interface has float16 only where the shape is fixed; cut elsewhere, or cast it to "+
				"float32 in the model", planfile.ErrActor, t.Name, a.Name, of)
		}
	}
	for _, t := range ins {
		a.In = append(a.In, graph.Port{Name: m.Ports.Of(t.Name), LRL: lrl, URL: url, Type: TokenType(m.Model, t)})
	}
	for _, t := range outs {
		a.Out = append(a.Out, graph.Port{Name: m.Ports.Of(t.Name), LRL: lrl, URL: url, Type: TokenType(m.Model, t)})
	}
	i := b.add(a, w, at)
	b.parts[c.Spec] = append(b.parts[c.Spec], i)
	for _, t := range ins {
		if maker, ok := b.makers[end{c.Spec, t.Name}]; ok { // an earlier segment makes it
			taker := end{i, m.Ports.Of(t.Name)}
			err := b.connect(maker, taker, planfile.FIFOSpec{}, fmt.Sprintf("$.application.actors[%d]", c.Spec))
			if err != nil {
				return err
			}
			continue
		}
		b.takers[end{c.Spec, t.Name}] = append(b.takers[end{c.Spec, t.Name}], end{i, m.Ports.Of(t.Name)})
	}
	for _, t := range outs {
		b.makers[end{c.Spec, t.Name}] = end{i, m.Ports.Of(t.Name)}
	}
	return nil
}

// section returns what n neighbouring segments or parts of a model do as one, from c on, and the
// tensors that they get and give.
func section(f *planfile.File, c ChainActor, n int, m *Model) (w plan.Work, ins, outs []onnx.TensorInfo, err error) {
	spec := &f.Application.Actors[c.Spec]
	w = plan.Work{Actor: spec.Name, Model: spec.Model, From: c.Segment, To: c.Segment + n, SHA256: m.SHA256()}
	if len(spec.Parts) > 0 {
		if ins, outs, err = part(f, c.Spec, m, w.From, w.To); err != nil {
			return w, nil, nil, err
		}
		w.From, w.To, w.Branch = 0, 0, true
	} else {
		ins, outs = cut.SegmentIO(m.Model, m.Cuts[w.From], m.Cuts[w.To])
	}
	w.Inputs, w.Outputs = tensorNames(ins), tensorNames(outs)
	return w, ins, outs, nil
}

// outPort returns the index of an unused output port of actor e.actor that
// gives e.port's tokens. A segment whose tensor is read more than once gets a
// further port for it.
func (b *builder) outPort(e end, path string) (int, error) {
	a, w := &b.plan.Graph.Actors[e.actor], &b.plan.Work[e.actor]
	if !b.used[e] {
		b.used[e] = true
		return b.outs[e], nil
	}
	if w.Model == "" {
		return 0, b.file.Errorf(path, "%w: port %s of actor %s has more than one reader; give the actor a port for each",
			planfile.ErrActor, e.port, a.Name)
	}
	p := a.Out[b.outs[e]]
	p.Name = fmt.Sprintf("%s#%d", e.port, len(a.Out))
	a.Out, w.Outputs = append(a.Out, p), append(w.Outputs, w.Outputs[b.outs[e]])
	return len(a.Out) - 1, nil
}
