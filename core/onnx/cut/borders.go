package cut

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
	"github.com/edgeprune/edgeprune/core/onnx/fusion"
)

// Section is a sub-model that a session runs: what lies between two cuts, as for Extract.
type Section struct{ From, To Cut }

// Border is where two sections part nodes that ONNX Runtime would compute as one.
type Border struct {
	From, To int      // sections
	Tensors  []string // that the one makes, and the other needs for those nodes
	Broken   []string // as in Cut
	// Instead are what could cross, so that nothing is parted: tensors behind or before
	// those. It is empty if there is nothing near.
	Instead []string
}

// Borders returns the borders between sections of the model that part a fusion, in the
// order of the sections that make their tensors. It is ErrNoCut if a section is none of
// the model's, or if the model has none.
func Borders(m *onnx.Model, sections []Section) ([]Border, error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, err
	}
	of := slices.Repeat([]int{-1}, len(g.order)) // by node of the graph
	for i, s := range sections {
		found, err := between(m, s.From, s.To)
		if err != nil {
			return nil, err
		}
		for n := range found.nodes {
			if k, ok := g.at[n]; ok {
				of[k] = i
			}
		}
	}
	var list []Border
	for _, f := range g.fusions {
		for _, joined := range []func(k, l int) []string{g.made, g.read} { // read, of nodes side by side
			if found := g.part(f, of, joined); found != nil {
				for _, b := range found {
					list = join(list, b)
				}
				break
			}
		}
	}
	slices.SortStableFunc(list, func(x, y Border) int {
		return slices.Compare([]int{x.From, x.To}, []int{y.From, y.To})
	})
	for i := range list {
		list[i].Instead = g.instead(of, list[i].From)
	}
	return list, nil
}

// part returns the borders that go through a fusion, between nodes that tensors
// join.
func (g *costGraph) part(f fusion.Fusion, of []int, joined func(k, l int) []string) (list []Border) {
	for i, k := range f.Nodes {
		for _, l := range f.Nodes[i+1:] {
			if of[k] == of[l] || of[k] < 0 || of[l] < 0 {
				continue
			}
			for _, t := range joined(k, l) {
				list = join(list, Border{From: of[k], To: of[l], Tensors: []string{t}, Broken: []string{f.Name}})
			}
		}
	}
	return list
}

// made returns the tensors that node k makes for node l.
func (g *costGraph) made(k, l int) (names []string) {
	for _, v := range g.dag.Makes(k) {
		if _, reads := slices.BinarySearch(g.dag.Values[v].To, l); reads {
			names = append(names, g.tensors[v].Name)
		}
	}
	return names
}

// read returns the tensors that both nodes read.
func (g *costGraph) read(k, l int) (names []string) {
	for _, v := range g.dag.Uses(k) {
		if _, reads := slices.BinarySearch(g.dag.Values[v].To, l); reads {
			names = append(names, g.tensors[v].Name)
		}
	}
	return names
}

// join adds a border to the list, or what it has to one of the same sections.
func join(list []Border, b Border) []Border {
	i := slices.IndexFunc(list, func(o Border) bool { return o.From == b.From && o.To == b.To })
	if i < 0 {
		return append(list, b)
	}
	merge := func(into *[]string, names []string) {
		for _, n := range names {
			if !slices.Contains(*into, n) {
				*into = append(*into, n)
			}
		}
	}
	merge(&list[i].Tensors, b.Tensors)
	merge(&list[i].Broken, b.Broken)
	return list
}

// instead returns what crosses behind or before the end of a section, where that
// parts nothing, and doesn't cross at its end.
func (g *costGraph) instead(of []int, section int) []string {
	var nodes, broken []int
	for k, s := range of {
		if s == section {
			nodes = append(nodes, k)
		}
	}
	head, _ := g.dag.Grown(dag.Head{}, nodes)
	for i, f := range g.fusions {
		if before, behind := g.split(f.Nodes, head); before && behind {
			broken = append(broken, i)
		}
	}
	whole, ok := g.whole(head, broken)
	if !ok {
		return nil
	}
	var names []string
	crossing := g.dag.Crossing(head)
	for _, v := range g.dag.Crossing(whole) {
		if !slices.Contains(crossing, v) {
			names = append(names, g.tensors[v].Name)
		}
	}
	return names
}
