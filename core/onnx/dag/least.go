package dag

// Least returns, for every k from 1 to Nodes-1, the head of a cut of least
// weight among those with node k-1 before and node k behind the cut; of
// several the smallest head that also sends the fewest values. Every cut lies
// at one of these depths. An entry is nil if all such cuts pass a value of
// weight Never.
//
// Node k-1 brings all that it needs before the cut, and node k all that needs
// it behind. For the rest a least cut of a network decides (Ford and Fulkerson
// 1956): a value is paid for once, however many nodes read it, by a vertex of
// its own between maker and readers, and an edge of unbounded capacity from
// reader to maker keeps edges from going back.
func (g *Graph) Least() []Set {
	n := g.Nodes()
	heads := make([]Set, 0, max(n-1, 0))
	d := &depths{Graph: g, place: make([]int, n)}
	for _, b := range g.Blocks() {
		list := g.In(b)
		for k := max(b.First, 1); k < b.End; k++ {
			heads = append(heads, d.least(b, list, k))
		}
	}
	return heads
}

// weightLimit keeps sums of weights, with the number of values mixed in, below
// those that stand for never.
const (
	weightLimit = int64(1) << 36
	perValue    = 1 << 12
	unbounded   = int64(1) << 62
	unpaid      = weightLimit * perValue * 16 // to pass a value of weight Never
)

func price(weight int64) int64 {
	if weight == Never {
		return unpaid
	}
	return min(weight, weightLimit)*perValue + 1
}

// The places of nodes in the network of one depth; free nodes have vertices
// from 2 on.
const (
	before = 0 // the network's source: head, and the graph's inputs
	behind = 1 // the network's sink
	open   = -1
)

// depths is the state that the depths of one graph share.
type depths struct {
	*Graph
	f     network
	place []int // by node
}

// least finds the head for depth k, which lies in block b; list are the values
// in it.
func (d *depths) least(b Block, list []int, k int) Set {
	free := d.fix(b, k)
	if free > 0 {
		d.f.reset(2 + free + len(list))
		for j, v := range list {
			d.wire(&d.Values[v], 2+free+j, b)
		}
		d.f.run(before, behind)
	}
	head := Prefix(d.Nodes(), b.First)
	for i := b.First; i < b.End; i++ {
		if at := d.place[i]; at == before || at > behind && d.f.level[at] != 0 {
			head.Add(i)
		}
	}
	if d.Weight(d.crossingOf(list, head)) == Never {
		return nil
	}
	return head
}

// fix places the nodes of block b and returns how many are free.
func (d *depths) fix(b Block, k int) (free int) {
	for i := b.First; i < b.End; i++ {
		d.place[i] = open
	}
	d.place[k-1], d.place[k] = before, behind
	for i := k - 1; i >= b.First; i-- {
		if d.place[i] != before {
			continue
		}
		for _, u := range d.uses[i] {
			if from := d.Values[u].From; from >= b.First {
				d.place[from] = before
			}
		}
	}
	for i := k; i < b.End; i++ {
		if d.place[i] != behind {
			continue
		}
		for _, m := range d.makes[i] {
			for _, to := range d.Values[m].To {
				if to < b.End {
					d.place[to] = behind
				}
			}
		}
	}
	for i := b.First; i < b.End; i++ {
		if d.place[i] == open {
			d.place[i] = free + 2
			free++
		}
	}
	return free
}

// wire adds a value to the network: vertex at between its maker and its
// readers. One that is sent, or is not, whatever the free nodes do is left out.
func (d *depths) wire(v *Value, at int, b Block) {
	from, sent := before, v.Out
	if v.From >= b.First {
		from = d.place[v.From]
	}
	if from == behind {
		return
	}
	matters := from > behind
	for _, n := range v.To {
		switch {
		case n >= b.End || n >= b.First && d.place[n] == behind:
			sent = true
		case n >= b.First && d.place[n] > behind:
			matters = true
		}
	}
	if !matters || sent && from == before {
		return
	}
	d.f.add(from, at, price(v.Weight))
	if sent {
		d.f.add(at, behind, unbounded)
	}
	for _, n := range v.To {
		if n < b.First || n >= b.End || d.place[n] <= behind {
			continue
		}
		d.f.add(at, d.place[n], unbounded)
		if from != before {
			d.f.add(d.place[n], from, unbounded)
		}
	}
}

// crossingOf is Crossing for the values of a list.
func (g *Graph) crossingOf(list []int, head Set) []int {
	var sent []int
	for _, i := range list {
		if v := &g.Values[i]; (v.From == Source || head.Has(v.From)) && !g.spent(v, head) {
			sent = append(sent, i)
		}
	}
	return sent
}
