package graphdraw

// place gives every node its coordinates: layers from top to bottom, and in each
// the nodes as near to their neighbours' mean as their widths allow.
func (l *layout) place() {
	y := 0.0
	for k, layer := range l.layers {
		high := 0.0
		for _, i := range layer {
			high = max(high, l.nodes[i].height)
		}
		if k > 0 {
			y += rowGap
		}
		for _, i := range layer {
			l.nodes[i].y = y + high/2
		}
		y += high
	}
	for _, layer := range l.layers {
		x := 0.0
		for _, i := range layer {
			n := &l.nodes[i]
			n.x = x + n.left
			x = n.x + n.right + nodeGap
		}
	}
	for sweep := range 240 {
		for k := range l.layers {
			if sweep%2 == 1 {
				k = len(l.layers) - 1 - k
			}
			l.placeLayer(l.layers[k], sweep)
		}
	}
	left := 0.0
	for i, n := range l.nodes {
		if i == 0 || n.x-n.left < left {
			left = n.x - n.left
		}
	}
	for i := range l.nodes {
		l.nodes[i].x -= left
	}
}

// placeLayer moves the nodes of a layer to the places with the least squared distance
// from the mean of their neighbours that keep order and gaps: a least-squares
// regression under order, by pooling adjacent violators.
func (l *layout) placeLayer(layer []int, sweep int) {
	type block struct {
		sum, weight float64
		n           int
	}
	var blocks []block
	var offset []float64 // of each node from the first, packed
	at := 0.0
	for k, i := range layer {
		n := &l.nodes[i]
		if k > 0 {
			at += l.nodes[layer[k-1]].right + nodeGap + n.left
		}
		offset = append(offset, at)
		want, weight := l.target(i, sweep)
		blocks = append(blocks, block{(want - at) * weight, weight, 1})
		for len(blocks) > 1 {
			a, b := &blocks[len(blocks)-2], blocks[len(blocks)-1]
			if a.sum/a.weight <= b.sum/b.weight {
				break
			}
			*a = block{a.sum + b.sum, a.weight + b.weight, a.n + b.n}
			blocks = blocks[:len(blocks)-1]
		}
	}
	k := 0
	for _, b := range blocks {
		for range b.n {
			l.nodes[layer[k]].x = b.sum/b.weight + offset[k]
			k++
		}
	}
}

// target returns where a node should be, and the weight of its distance from there.
// Bends weigh more than actors, which keeps lines straight.
func (l *layout) target(i, sweep int) (x, weight float64) {
	n := &l.nodes[i]
	near := append(append([]int(nil), n.up...), n.down...)
	switch { // the first sweeps use one side only, which spreads the nodes; the others use both
	case sweep < 20 && sweep%2 == 0 && len(n.up) > 0:
		near = n.up
	case sweep < 20 && sweep%2 == 1 && len(n.down) > 0:
		near = n.down
	}
	if len(near) == 0 {
		return n.x, 0.1
	}
	for _, j := range near {
		x += l.nodes[j].x / float64(len(near))
	}
	switch {
	case n.actor >= 0:
		return x, 1
	case n.label:
		return x, 2
	default:
		return x, 4
	}
}
