package dag

// Block is a run of nodes between two neighbouring single-value cuts. A
// down-set that holds the first node of a block holds all blocks before it, so
// the cuts of the graph are those of its blocks.
type Block struct {
	First, End int // nodes First to End-1
	entry      int // value that it gets from before, or -1: the graph's inputs
}

// Blocks divides the graph at its single-value cuts. A graph with nodes that
// need no input is one block, as these may lie on either side of a cut.
func (g *Graph) Blocks() []Block {
	last := Block{entry: -1}
	var blocks []Block
	if _, free := g.reached(); !free {
		for _, v := range g.Single() {
			end := g.Values[v].From + 1
			if end == 0 || end == g.Nodes() {
				continue
			}
			last.End = end
			blocks = append(blocks, last)
			last = Block{First: end, entry: v}
		}
	}
	last.End = g.Nodes()
	return append(blocks, last)
}

// In returns the values that may cross a cut within the block, ascending.
func (g *Graph) In(b Block) []int {
	var list []int
	switch {
	case b.entry >= 0:
		list = append(list, b.entry)
	default:
		for i := range g.Values {
			if g.Values[i].From == Source {
				list = append(list, i)
			}
		}
	}
	for n := b.First; n < b.End; n++ {
		list = append(list, g.makes[n]...)
	}
	return list
}
