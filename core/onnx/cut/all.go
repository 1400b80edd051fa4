package cut

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
)

// Limits bound a search for cuts.
type Limits struct {
	Heads   int // about how many down-sets are looked at; 0 is 4096
	Tensors int // inner cuts that send more are left out; 0 is any number
}

// defaultHeads keeps a model of 1,000 nodes below 0.2 s.
const defaultHeads = 4096

// All returns the cuts of the model, sorted by the number of nodes before
// them, then by bytes and name: from the graph inputs (index 0) to the graph
// outputs. Names are distinct. Among them are always all that send one tensor,
// those along the file's order, and the cheapest at every depth, but for those that send
// the most where all together would send more than half a million tensors, of which an even
// share is kept, and the cheapest where dag.Graph.Least gives up; complete says
// that they are all there are, within Limits.Tensors. Nodes counts the nodes
// before a cut. Sequences, optionals, maps and strings are never sent, sizes
// that are not known are -1. It is ErrNoCut if no node depends on an input.
func All(m *onnx.Model, l Limits) (cuts []Cut, complete bool, err error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, false, err
	}
	heads, complete := g.dag.Ideals(cmp.Or(l.Heads, defaultHeads))
	least := g.dag.Least()
	if !complete {
		for k := range len(g.order) + 1 {
			heads = append(heads, dag.Head{Size: k})
		}
		heads = append(heads, known(least)...)
		heads = append(heads, g.dag.SingleHeads()...)
	}
	cuts, listed := g.list(heads, least, l.Tensors, true)
	return cuts, complete && listed, nil
}

// Single returns the cuts that send one tensor, all of them, in order; see
// All.
func Single(m *onnx.Model) ([]Cut, error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, err
	}
	cuts, _ := g.list(g.dag.SingleHeads(), nil, 1, false)
	return cuts, nil
}

// Least returns, for every depth, the cut that sends the fewest bytes: of
// those that part a node from the next one in the file's order. Doubles are
// left out; see All.
func Least(m *onnx.Model) ([]Cut, error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, err
	}
	least := g.dag.Least()
	cuts, _ := g.list(known(least), least, 0, false)
	return cuts, nil
}

// known leaves out what is nil.
func known(heads []*dag.Head) []dag.Head {
	var list []dag.Head
	for _, h := range heads {
		if h != nil {
			list = append(list, *h)
		}
	}
	return list
}

// headCut is a cut with its head.
type headCut struct {
	Cut
	bytes int64
	head  dag.Head
	whole *dag.Head // see costGraph.whole; nil if the cut breaks no fusion, or if there is none
}

// list describes the cuts of the heads, each once. Those that would
// send what can not be sent and those that send more than most tensors, if that
// is not 0, are left out. With all, the first and the last cut never are, and
// the neighbours of those that break a fusion are added. Of cuts that send more
// than mostListed tensors together, those that send the most are left out, see narrowest;
// complete says that none is.
func (g *costGraph) list(heads []dag.Head, least []*dag.Head, most int, all bool) (cuts []Cut, complete bool) {
	cheap := map[string]bool{}
	for _, h := range least {
		if h != nil {
			cheap[h.Key()] = true
		}
	}
	seen := map[string]bool{}
	found, complete := g.describe(heads, cheap, seen, most, all)
	if all {
		var more []dag.Head
		for i := range found {
			if found[i].whole != nil {
				more = append(more, *found[i].whole)
			}
		}
		others, listed := g.describe(more, cheap, seen, most, all) // these break nothing
		found, complete = append(found, others...), complete && listed
	}
	slices.SortStableFunc(found, func(x, y headCut) int {
		return cmp.Or(cmp.Compare(x.Nodes, y.Nodes), cmp.Compare(x.bytes, y.bytes), cmp.Compare(x.Name, y.Name))
	})
	return g.named(found), complete
}

// describe describes the cuts of heads that it has not seen; see list.
func (g *costGraph) describe(heads []dag.Head, cheap, seen map[string]bool, most int, all bool) (
	found []headCut, complete bool,
) {
	var fresh []dag.Head
	for _, h := range heads {
		if key := h.Key(); !seen[key] {
			seen[key] = true
			fresh = append(fresh, h)
		}
	}
	inner := func(h dag.Head) bool { return h.Size > 0 && h.Size < len(g.order) }
	var kept []dag.Head
	for i, keep := range narrowest(g.dag.Widths(fresh)) {
		if keep || !inner(fresh[i]) {
			kept = append(kept, fresh[i])
		}
	}
	list := make([]*headCut, len(kept))
	ledger := g.newLedger()
	g.dag.Crossings(kept, func(i int, sent []int) {
		h := kept[i]
		tensors, ok := g.tensorsOf(h, sent)
		if !ok || most > 0 && len(tensors) > most && !(all && !inner(h)) {
			return
		}
		c, broken := ledger.cost(Cut{Name: cutName(tensors, len(tensors)), Tensors: tensors, Nodes: h.Size}, h)
		c.Least = cheap[h.Key()]
		f := &headCut{Cut: c, bytes: c.Bytes(), head: h}
		if whole, ok := g.whole(h, broken); ok && c.BreaksFusion {
			f.whole = &whole
		}
		list[i] = f
	})
	for _, f := range list {
		if f != nil {
			found = append(found, *f)
		}
	}
	return found, len(kept) == len(fresh)
}

// mostListed bounds the tensors of all cuts of a list, and so its memory: in a model of
// many branches side by side their number grows as the square of the nodes.
const mostListed = 1 << 19

// narrowest says which cuts of a list to keep, by how many tensors each sends, so that all
// together send no more than mostListed: those that send the fewest, and of the first number
// of tensors of which not all fit, as many as do, spread evenly.
func narrowest(widths []int) []bool {
	keep := make([]bool, len(widths))
	if len(widths) == 0 {
		return keep
	}
	of := make([]int, slices.Max(widths)+1) // cuts by their number of tensors
	for _, w := range widths {
		of[w]++
	}
	left, limit := mostListed, 0
	for limit < len(of) && limit*of[limit] <= left {
		left -= limit * of[limit]
		limit++
	}
	share, met := 0, 0
	if limit < len(of) {
		share = left / limit // 0 tensors always fit
	}
	for i, w := range widths {
		if keep[i] = w < limit; w == limit {
			keep[i] = (met+1)*share/of[w] > met*share/of[w]
			met++
		}
	}
	return keep
}

// named numbers sorted cuts, gives them distinct names and names their
// neighbours.
func (g *costGraph) named(found []headCut) []Cut {
	cuts := make([]Cut, len(found))
	names, byKey := map[string]int{}, map[string]string{}
	for i, f := range found {
		f.Index = i
		if names[f.Name]++; names[f.Name] > 1 {
			f.Name = fmt.Sprintf("%s~%d", f.Name, names[f.Name])
		}
		cuts[i], byKey[f.head.Key()] = f.Cut, f.Name
	}
	var others []dag.Head // neighbours that are not listed
	var of []int
	for i, f := range found {
		if f.whole == nil {
			continue
		}
		if cuts[i].Instead = byKey[f.whole.Key()]; cuts[i].Instead == "" {
			others, of = append(others, *f.whole), append(of, i)
		}
	}
	g.dag.Crossings(others, func(i int, sent []int) {
		tensors, _ := g.tensorsOf(others[i], sent)
		cuts[of[i]].Instead = cutName(tensors, len(tensors))
	})
	return cuts
}
