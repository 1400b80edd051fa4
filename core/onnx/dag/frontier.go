package dag

import "slices"

// frontier goes through the nodes of a block in order and finds those that a cut between
// two neighbours leaves free: that neither the one before needs nor the one behind leads
// to. What that takes grows with their number, not with the block.
type frontier struct {
	g       *Graph
	b       Block
	ends    bag   // nodes passed whose values none passed reads
	starts  bag   // nodes to come that read no value of others to come
	readers []int // by node passed: how often nodes passed read what it makes
	waits   []int // by node to come: how many values it reads of nodes to come
	seen    []int // scratch of free: how many of readers or waits were met
	met     []int // those whose seen is not 0
}

func newFrontier(g *Graph) *frontier {
	n := g.Nodes()
	return &frontier{
		g: g, ends: newBag(n), starts: newBag(n), readers: make([]int, n), waits: make([]int, n), seen: make([]int, n),
	}
}

// begin enters a block.
func (x *frontier) begin(b Block) {
	x.b = b
	x.ends.clear()
	x.starts.clear()
	for n := b.First; n < b.End; n++ {
		for _, u := range x.g.uses[n] {
			if x.g.Values[u].From >= b.First {
				x.waits[n]++
			}
		}
		if x.waits[n] == 0 {
			x.starts.add(n)
		}
	}
}

// pass leaves node k, the next, behind.
func (x *frontier) pass(k int) {
	x.starts.remove(k)
	for _, v := range x.g.makes[k] {
		for _, n := range x.g.Values[v].To {
			if n < x.b.End {
				if x.waits[n]--; x.waits[n] == 0 {
					x.starts.add(n)
				}
			}
		}
	}
	for _, u := range x.g.uses[k] {
		if from := x.g.Values[u].From; from >= x.b.First {
			x.readers[from]++
			x.ends.remove(from)
		}
	}
	x.ends.add(k)
}

// free returns the nodes before k, the next, that node k-1 doesn't need, and those from k
// on that don't need node k. They are sorted.
func (x *frontier) free(k int) (early, late []int) {
	for _, n := range x.ends.list {
		if n != k-1 {
			early = append(early, n)
		}
	}
	for i := 0; i < len(early); i++ { // all whose readers are free
		for _, u := range x.g.uses[early[i]] {
			if from := x.g.Values[u].From; from >= x.b.First && x.meet(from) == x.readers[from] {
				early = append(early, from)
			}
		}
	}
	x.forget()
	for _, n := range x.starts.list {
		if n != k {
			late = append(late, n)
		}
	}
	for i := 0; i < len(late); i++ { // all whose makers are free
		for _, v := range x.g.makes[late[i]] {
			for _, n := range x.g.Values[v].To {
				if n < x.b.End && x.meet(n) == x.waits[n] {
					late = append(late, n)
				}
			}
		}
	}
	x.forget()
	slices.Sort(early)
	slices.Sort(late)
	return early, late
}

func (x *frontier) meet(n int) int {
	if x.seen[n] == 0 {
		x.met = append(x.met, n)
	}
	x.seen[n]++
	return x.seen[n]
}

func (x *frontier) forget() {
	for _, n := range x.met {
		x.seen[n] = 0
	}
	x.met = x.met[:0]
}

// bag is a set of nodes that is cheap to list.
type bag struct {
	list []int
	at   []int // by node, the place in list, or -1
}

func newBag(n int) bag { return bag{at: slices.Repeat([]int{-1}, n)} }

func (b *bag) add(n int) {
	if b.at[n] < 0 {
		b.at[n] = len(b.list)
		b.list = append(b.list, n)
	}
}

func (b *bag) remove(n int) {
	at := b.at[n]
	if at < 0 {
		return
	}
	last := b.list[len(b.list)-1]
	b.list[at], b.at[last] = last, at
	b.list, b.at[n] = b.list[:len(b.list)-1], -1
}

func (b *bag) clear() {
	for _, n := range b.list {
		b.at[n] = -1
	}
	b.list = b.list[:0]
}
