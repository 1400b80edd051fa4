package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/fusion"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/work"
)

// InOrder returns all cuts along the file's topological order, from the graph
// inputs (index 0) to the graph outputs. What is computed from initializers
// alone is never sent, and neither is what is no tensor: such cuts are left
// out. It is ErrNoShape if a tensor or the work of a node is
// not known for lack of a static shape, and ErrNoCut if no node depends on an
// input.
func InOrder(m *onnx.Model) ([]Cut, error) {
	total := work.MACs(m)
	if total < 0 {
		return nil, macsError(m)
	}
	sweep := newSweep(m)
	params, fusions := work.ParamList(m), fusion.Find(m)
	first := Cut{Tensors: m.Inputs(), Spans: spansOf(m, m.Inputs()), Name: cutName(m.Inputs(), len(m.Inputs())),
		TailMACs: total, TailParams: tailParams(params, 0)}
	cuts := []Cut{first}
	head := int64(0)
	for i := range m.Nodes() {
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		head = count.Add(head, work.NodeMACs(m, i))
		pos := i + 1
		sent := sweep.after(i)
		cuts = append(cuts, Cut{
			Index: len(cuts), Name: cutName(sent, len(sent)), Tensors: sent, Nodes: pos,
			HeadMACs: head, TailMACs: total - head,
			HeadParams: headParams(params, pos), TailParams: tailParams(params, pos),
			Spans: spansOf(m, sent),
		})
		c := &cuts[len(cuts)-1]
		c.Broken, c.sums = breaks(fusions, pos)
		c.BreaksFusion = len(c.Broken) > 0
	}
	if len(cuts) == 1 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	last := &cuts[len(cuts)-1]
	last.Name = cutName(last.Tensors, len(m.Outputs()))
	last.Nodes, last.Tensors = len(m.Nodes()), m.Outputs()
	last.HeadParams, last.TailParams = headParams(params, last.Nodes+1), 0
	last.Broken, last.BreaksFusion, last.sums, last.Spans = nil, false, false, spansOf(m, last.Tensors)
	cuts = sendable(m, cuts)
	neighbours(cuts)
	return cuts, checkSizes(cuts)
}

// sendable drops inner cuts with tensors that are never sent.
func sendable(m *onnx.Model, cuts []Cut) []Cut {
	kept := cuts[:0]
	for i, c := range cuts {
		inner := i > 0 && i < len(cuts)-1
		if inner && slices.ContainsFunc(c.Tensors, func(t onnx.TensorInfo) bool { return !m.Sendable(t.Name) }) {
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
func spansOf(m *onnx.Model, tensors []onnx.TensorInfo) map[string]onnx.Span {
	var spans map[string]onnx.Span
	for _, t := range tensors {
		if s, ok := m.Span(t.Name); ok {
			if spans == nil {
				spans = map[string]onnx.Span{}
			}
			spans[t.Name] = s
		}
	}
	return spans
}

// cutName names a cut of n tensors by the one in sent produced last; constant
// graph outputs are not in sent.
func cutName(sent []onnx.TensorInfo, n int) string {
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

func shapeError(t onnx.TensorInfo) error {
	return fmt.Errorf("%w: %s; bind its dimensions and run shape inference on the model first", onnx.ErrNoShape, t)
}

// macsError names the first node whose work is not known.
func macsError(m *onnx.Model) error {
	for i := range m.Nodes() {
		if work.NodeMACs(m, i) < 0 {
			return fmt.Errorf(
				"%w: the work of node %s is not known; bind the model's dimensions and run shape inference on it first",
				onnx.ErrNoShape, m.Nodes()[i].Label())
		}
	}
	return onnx.ErrNoShape
}

// sweep goes through the nodes in order and keeps the tensors that are made
// and still needed.
type sweep struct {
	m       *onnx.Model
	lastUse map[string]int    // len(nodes) for graph outputs
	open    []onnx.TensorInfo // in order of production
}

func newSweep(m *onnx.Model) *sweep {
	s := &sweep{m: m, lastUse: map[string]int{}, open: m.Inputs()}
	for i := range m.Nodes() {
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		for _, u := range m.Nodes()[i].Uses() {
			s.lastUse[u] = i
		}
	}
	for _, t := range m.Outputs() {
		s.lastUse[t.Name] = len(m.Nodes())
	}
	return s
}

// after returns the tensors that cross when node i has run.
func (s *sweep) after(i int) []onnx.TensorInfo {
	for _, o := range s.m.Nodes()[i].Outputs() {
		if o != "" {
			s.open = append(s.open, s.m.Tensor(o))
		}
	}
	s.open = slices.DeleteFunc(s.open, func(t onnx.TensorInfo) bool { return s.lastUse[t.Name] <= i })
	return slices.Clone(s.open)
}

// headParams counts what the nodes before pos need.
func headParams(list []work.Param, pos int) int64 {
	total := int64(0)
	for _, p := range list {
		if p.Users[0] < pos {
			total = count.Add(total, p.Elements)
		}
	}
	return total
}

// tailParams counts what the nodes from pos on need.
func tailParams(list []work.Param, pos int) int64 {
	total := int64(0)
	for _, p := range list {
		if p.Users[len(p.Users)-1] >= pos {
			total = count.Add(total, p.Elements)
		}
	}
	return total
}

// breaks names the fusions that a cut before node pos parts, and says whether all
// are sums.
func breaks(list []fusion.Fusion, pos int) (names []string, sums bool) {
	sums = true
	for _, f := range list {
		if f.Nodes[0] < pos && pos <= f.Nodes[len(f.Nodes)-1] {
			names = append(names, f.Name)
			sums = sums && f.Sum
		}
	}
	return names, sums
}
