package onnx

import (
	"fmt"
	"slices"
)

// Cut parts a model's nodes into a head and a tail such that every edge
// between them goes from head to tail.
type Cut struct {
	Index int    // position in the list that Cuts or ChainCuts returned
	Name  string // the tensor sent, or the one produced last and "+N" for N others
	// Tensors are what the head sends to the tail, graph inputs and early
	// graph outputs included, in order of production; graph inputs and outputs
	// in declared order for the first and the last cut.
	Tensors []TensorInfo
	Nodes   int // nodes of the file's order that lie before the cut

	// Work and parameters on both sides. A parameter that both need counts on
	// both, as both get a copy.
	HeadMACs, TailMACs, HeadParams, TailParams int64

	// BreaksFusion says that it parts nodes that ONNX Runtime would compute as
	// one; Broken names them, such as "Conv+Relu", and Instead the neighbouring
	// cut that parts none, if there is one inside the model.
	BreaksFusion bool
	Broken       []string
	Instead      string

	Least bool            // sends the fewest bytes at one depth; only AllCuts and LeastCuts say so
	Spans map[string]Span // of the tensors whose shape depends on the data

	sums bool // all it breaks is sums; only Cuts says so
}

// Variable says that the shape of a tensor sent depends on the data.
func (c Cut) Variable() bool { return len(c.Spans) > 0 }

// Quantized says that all that is sent is 8-bit integers, as at the right
// places of a quantized model.
func (c Cut) Quantized() bool {
	return len(c.Tensors) > 0 && !slices.ContainsFunc(c.Tensors, func(t TensorInfo) bool { return t.Elem != Int8 && t.Elem != Uint8 })
}

// Greatest returns Tensors with the greatest shape that was observed of those that
// are variable.
func (c Cut) Greatest() []TensorInfo {
	list := slices.Clone(c.Tensors)
	for i, t := range list {
		if s, ok := c.Spans[t.Name]; ok {
			list[i].Shape = s.Max
		}
	}
	return list
}

// Bytes returns the size of what the cut sends, uncompressed; of variable
// tensors the greatest that was observed. It is -1 if it is not known.
func (c Cut) Bytes() int64 {
	n := int64(0)
	for _, t := range c.Greatest() {
		n = add(n, t.Bytes())
	}
	return n
}

// Cuts returns all cuts along the file's topological order, from the graph
// inputs (index 0) to the graph outputs. What is computed from initializers
// alone is never sent, and neither is what is no tensor: such cuts are left
// out. It is ErrNoShape if a tensor or the work of a node is
// not known for lack of a static shape, and ErrNoCut if no node depends on an
// input.
func (m *Model) Cuts() ([]Cut, error) {
	total := m.MACs()
	if total < 0 {
		return nil, m.macsError()
	}
	sweep := m.newSweep()
	params, fusions := m.params(), m.fusions()
	first := Cut{Tensors: m.Inputs(), Spans: m.spansOf(m.inputs), Name: cutName(m.inputs, len(m.inputs)), TailMACs: total, TailParams: tailParams(params, 0)}
	cuts := []Cut{first}
	head := int64(0)
	for i := range m.nodes {
		if !m.nodes[i].moves() {
			continue
		}
		head = add(head, m.nodeMACs(i))
		pos := i + 1
		sent := sweep.after(i)
		cuts = append(cuts, Cut{
			Index: len(cuts), Name: cutName(sent, len(sent)), Tensors: sent, Nodes: pos,
			HeadMACs: head, TailMACs: total - head,
			HeadParams: headParams(params, pos), TailParams: tailParams(params, pos),
			Spans: m.spansOf(sent),
		})
		c := &cuts[len(cuts)-1]
		c.Broken, c.sums = breaks(fusions, pos)
		c.BreaksFusion = len(c.Broken) > 0
	}
	if len(cuts) == 1 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	last := &cuts[len(cuts)-1]
	last.Name = cutName(last.Tensors, len(m.outputs))
	last.Nodes, last.Tensors = len(m.nodes), m.Outputs()
	last.HeadParams, last.TailParams = headParams(params, last.Nodes+1), 0
	last.Broken, last.BreaksFusion, last.sums, last.Spans = nil, false, false, m.spansOf(last.Tensors)
	cuts = m.sendable(cuts)
	neighbours(cuts)
	return cuts, checkSizes(cuts)
}

// sendable drops inner cuts with tensors that are never sent.
func (m *Model) sendable(cuts []Cut) []Cut {
	kept := cuts[:0]
	for i, c := range cuts {
		inner := i > 0 && i < len(cuts)-1
		if inner && slices.ContainsFunc(c.Tensors, func(t TensorInfo) bool { return m.opaque[t.Name] }) {
			continue
		}
		c.Index = len(kept)
		kept = append(kept, c)
	}
	return kept
}

// neighbours names for every inner cut that breaks a fusion the nearest inner
// one that breaks none, the later of two.
func neighbours(cuts []Cut) {
	inner := func(i int) bool { return i > 0 && i < len(cuts)-1 }
	for i := range cuts {
		if !cuts[i].BreaksFusion {
			continue
		}
		for d := 1; d < len(cuts) && cuts[i].Instead == ""; d++ {
			for _, j := range []int{i + d, i - d} {
				if inner(j) && !cuts[j].BreaksFusion && cuts[i].Instead == "" {
					cuts[i].Instead = cuts[j].Name
				}
			}
		}
	}
}

// spansOf picks the spans of variable tensors.
func (m *Model) spansOf(tensors []TensorInfo) map[string]Span {
	var spans map[string]Span
	for _, t := range tensors {
		if s, ok := m.spans[t.Name]; ok {
			if spans == nil {
				spans = map[string]Span{}
			}
			spans[t.Name] = s
		}
	}
	return spans
}

// cutName names a cut of n tensors by the one in sent produced last; constant
// graph outputs are not in sent.
func cutName(sent []TensorInfo, n int) string {
	if len(sent) == 0 {
		return "nothing"
	}
	if n == 1 {
		return sent[0].Name
	}
	return fmt.Sprintf("%s+%d", sent[len(sent)-1].Name, n-1)
}

// checkSizes proves that the size of every tensor sent is known.
func checkSizes(cuts []Cut) error {
	for _, c := range cuts {
		for _, t := range c.Tensors {
			if _, observed := c.Spans[t.Name]; t.Bytes() < 0 && !observed {
				return shapeError(t)
			}
		}
	}
	return nil
}

func shapeError(t TensorInfo) error {
	return fmt.Errorf("%w: %s; bind its dimensions and run shape inference on the model first", ErrNoShape, t)
}

// macsError names the first node whose work is not known.
func (m *Model) macsError() error {
	for i := range m.nodes {
		if m.nodeMACs(i) < 0 {
			return fmt.Errorf("%w: the work of node %s is not known; bind the model's dimensions and run shape inference on it first",
				ErrNoShape, label(m.nodes[i].pb))
		}
	}
	return ErrNoShape
}

// sweep goes through the nodes in order and keeps the tensors that are made
// and still needed.
type sweep struct {
	m       *Model
	lastUse map[string]int // len(nodes) for graph outputs
	open    []TensorInfo   // in order of production
}

func (m *Model) newSweep() *sweep {
	s := &sweep{m: m, lastUse: map[string]int{}, open: m.Inputs()}
	for i := range m.nodes {
		if !m.nodes[i].moves() {
			continue
		}
		for _, u := range m.nodes[i].uses {
			s.lastUse[u] = i
		}
	}
	for _, t := range m.outputs {
		s.lastUse[t.Name] = len(m.nodes)
	}
	return s
}

// after returns the tensors that cross when node i has run.
func (s *sweep) after(i int) []TensorInfo {
	for _, o := range s.m.nodes[i].pb.Output {
		if o != "" {
			s.open = append(s.open, s.m.typeOf(o))
		}
	}
	s.open = slices.DeleteFunc(s.open, func(t TensorInfo) bool { return s.lastUse[t.Name] <= i })
	return slices.Clone(s.open)
}

// typeOf returns what is known of a tensor, its name at least.
func (m *Model) typeOf(name string) TensorInfo {
	t := m.types[name]
	t.Name = name
	return t
}
