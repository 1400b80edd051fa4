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
// out, and so are those that send the most where all together would send more than half a
// million tensors: of the widest that are listed an even share. It is ErrNoShape if a tensor or the work of a node is
// not known for lack of a static shape, and ErrNoCut if no node depends on an
// input.
func InOrder(m *onnx.Model) ([]Cut, error) {
	total := work.MACs(m)
	if total < 0 {
		return nil, macsError(m)
	}
	sweep := newSweep(m)
	params := newParamSums(m)
	fusions := fusion.Find(m)
	broken := newOpenRanges(len(m.Nodes()), len(fusions), func(i int) (first, last int) {
		nodes := fusions[i].Nodes
		return nodes[0], nodes[len(nodes)-1]
	})
	keep := sweep.narrowest()
	cuts := []Cut{{Tensors: m.Inputs(), Spans: spansOf(m, m.Inputs()), Name: cutName(m.Inputs(), len(m.Inputs())),
		TailMACs: total, TailParams: params.tail[0]}}
	head, last := int64(0), -1
	for i := range m.Nodes() {
		broken.pass(i)
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		head, last = count.Add(head, work.NodeMACs(m, i)), i
		sweep.pass(i)
		kept := keep[0] || i == sweep.last
		if keep = keep[1:]; !kept {
			continue
		}
		pos, sent := i+1, sweep.sent()
		c := Cut{
			Index: len(cuts), Name: cutName(sent, len(sent)), Tensors: sent, Nodes: pos,
			HeadMACs: head, TailMACs: total - head,
			HeadParams: params.head[pos], TailParams: params.tail[pos],
			Spans: spansOf(m, sent),
		}
		c.Broken, c.sums = names(fusions, broken.open)
		c.BreaksFusion = len(c.Broken) > 0
		cuts = append(cuts, c)
	}
	if last < 0 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	end := &cuts[len(cuts)-1]
	end.Name = cutName(end.Tensors, len(m.Outputs()))
	end.Nodes, end.Tensors = len(m.Nodes()), m.Outputs()
	end.HeadParams, end.TailParams = params.head[end.Nodes+1], 0
	end.Broken, end.BreaksFusion, end.sums, end.Spans = nil, false, false, spansOf(m, end.Tensors)
	cuts = sendable(m, cuts)
	neighbours(cuts)
	return cuts, checkSizes(cuts)
}

// AllInOrder reports whether InOrder, and so Chain, leaves out no cut for the number of tensors
// that it sends.
func AllInOrder(m *onnx.Model) bool {
	keep := newSweep(m).narrowest()
	return len(keep) == 0 || !slices.Contains(keep[:len(keep)-1], false)
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
	before, near := -1, make([]int, len(cuts)) // whole cuts
	for i := range cuts {
		if near[i] = before; i > 0 && !cuts[i].BreaksFusion {
			before = i
		}
	}
	behind := -1
	for i := len(cuts) - 2; i > 0; i-- {
		if !cuts[i].BreaksFusion {
			behind = i
			continue
		}
		best := near[i]
		if behind >= 0 && (best < 0 || behind-i <= i-best) {
			best = behind
		}
		if best >= 0 {
			cuts[i].Instead = cuts[best].Name
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
