package dag

// Block is a run of nodes between two neighbouring single-value cuts. A
// down-set that holds the first node of a block holds all blocks before it, so
// the cuts of the graph are those of its blocks.
type Block struct {
	First, End int // nodes First to End-1
}

// Blocks divides the graph at its single-value cuts. A graph with nodes that
// need no input is one block, as these may lie on either side of a cut.
func (g *Graph) Blocks() []Block {
	last := Block{}
	var blocks []Block
	if _, free := g.reached(); !free {
		for _, v := range g.Single() {
			end := g.Values[v].From + 1
			if end == 0 || end == g.Nodes() {
				continue
			}
			last.End = end
			blocks = append(blocks, last)
			last = Block{First: end}
		}
	}
	last.End = g.Nodes()
	return append(blocks, last)
}
