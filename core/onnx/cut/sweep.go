package cut

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/fusion"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/work"
)

// sweep goes through the nodes in order and keeps the tensors that are made
// and still needed, in order of production, in a list linked both ways.
type sweep struct {
	m       *onnx.Model
	last    int            // node that takes part in cuts
	lastUse map[string]int // len(nodes) for graph outputs
	ends    map[int][]int  // by node, the places of tensors that it is the last to need
	open    []openTensor   // the first is the list's ends
	width   int            // tensors in the list
}

type openTensor struct {
	onnx.TensorInfo
	next, prev int
}

func newSweep(m *onnx.Model) *sweep {
	s := &sweep{m: m, lastUse: map[string]int{}, ends: map[int][]int{}, open: make([]openTensor, 1)}
	for i := range m.Nodes() {
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		for _, u := range m.Nodes()[i].Uses() {
			s.lastUse[u] = i
		}
		s.last = i
	}
	for _, t := range m.Outputs() {
		s.lastUse[t.Name] = len(m.Nodes())
	}
	for _, t := range m.Inputs() {
		s.enter(t, -1)
	}
	return s
}

// enter appends a tensor that is needed behind node i.
func (s *sweep) enter(t onnx.TensorInfo, i int) {
	use, used := s.lastUse[t.Name]
	if i >= 0 && use <= i || i < 0 && !used {
		return
	}
	at, last := len(s.open), s.open[0].prev
	s.open = append(s.open, openTensor{t, 0, last})
	s.open[last].next, s.open[0].prev = at, at
	s.ends[use] = append(s.ends[use], at)
	s.width++
}

// pass runs node i.
func (s *sweep) pass(i int) {
	for _, o := range s.m.Nodes()[i].Outputs() {
		if o != "" {
			s.enter(s.m.Tensor(o), i)
		}
	}
	for _, at := range s.ends[i] {
		t := &s.open[at]
		s.open[t.prev].next, s.open[t.next].prev = t.next, t.prev
		s.width--
	}
}

// sent returns the tensors that cross behind the node passed last.
func (s *sweep) sent() []onnx.TensorInfo {
	list := make([]onnx.TensorInfo, 0, s.width)
	for at := s.open[0].next; at != 0; at = s.open[at].next {
		list = append(list, s.open[at].TensorInfo)
	}
	return list
}

// narrowest says, by the nodes that take part in cuts, which cuts behind one to keep: see
// mostListed. It leaves s as it was.
func (s *sweep) narrowest() []bool {
	t := newSweep(s.m)
	var widths []int
	for i := range t.m.Nodes() {
		if t.m.Nodes()[i].PerFrame() {
			t.pass(i)
			widths = append(widths, t.width)
		}
	}
	return narrowest(widths)
}

// paramSums are the parameters that nodes before and from a position on need, by position;
// head has one more, for graph outputs that are constants.
type paramSums struct{ head, tail []int64 }

func newParamSums(m *onnx.Model) paramSums {
	n := len(m.Nodes())
	s := paramSums{make([]int64, n+2), make([]int64, n+2)}
	for _, p := range work.ParamList(m) {
		first, last := p.Users[0], p.Users[len(p.Users)-1]
		s.head[first+1] = count.Add(s.head[first+1], p.Elements)
		s.tail[last] = count.Add(s.tail[last], p.Elements)
	}
	for i := range n + 1 {
		s.head[i+1] = count.Add(s.head[i+1], s.head[i])
	}
	for i := n; i >= 0; i-- {
		s.tail[i] = count.Add(s.tail[i], s.tail[i+1])
	}
	return s
}

// names lists the operators of fusions, and says whether all are sums.
func names(list []fusion.Fusion, broken []int) (names []string, sums bool) {
	sums = true
	for _, i := range broken {
		names = append(names, list[i].Name)
		sums = sums && list[i].Sum
	}
	return names, sums
}
