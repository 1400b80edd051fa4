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

	BreaksFusion bool // parts nodes that ONNX Runtime would compute as one
}

// Bytes returns the size of what the cut sends, uncompressed.
func (c Cut) Bytes() int64 {
	total := int64(0)
	for _, t := range c.Tensors {
		total = add(total, t.Bytes())
	}
	return total
}

// Cuts returns all cuts along the file's topological order, from the graph
// inputs (index 0) to the graph outputs. What is computed from initializers
// alone is never sent. It is ErrNoShape if a tensor or the work of a node is
// not known for lack of a static shape, and ErrNoCut if no node depends on an
// input.
func (m *Model) Cuts() ([]Cut, error) {
	total := m.MACs()
	if total < 0 {
		return nil, m.macsError()
	}
	sweep := m.newSweep()
	params, fusions := m.params(), m.fusions()
	first := Cut{Tensors: m.Inputs(), Name: cutName(m.inputs, len(m.inputs)), TailMACs: total, TailParams: tailParams(params, 0)}
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
			BreaksFusion: breaks(fusions, pos),
		})
	}
	if len(cuts) == 1 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	last := &cuts[len(cuts)-1]
	last.Name = cutName(last.Tensors, len(m.outputs))
	last.Nodes, last.Tensors = len(m.nodes), m.Outputs()
	last.HeadParams, last.TailParams = headParams(params, last.Nodes), tailParams(params, last.Nodes)
	return cuts, checkSizes(cuts)
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
			if t.Bytes() < 0 {
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
