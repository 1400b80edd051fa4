package graphdraw

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// node is what has a place in a layer: an actor, the label of a line, or a bend.
type node struct {
	actor       int // or -1
	line        int // of a label or a bend, or -1
	label       bool
	part        int // dynamic part, or -1
	left, right float64
	height      float64
	x, y        float64 // y: the middle
	up, down    []int
}

// layout places the nodes in layers, after Sugiyama, Tagawa and Toda ("Methods for
// visual understanding of hierarchical system structures", IEEE Trans. SMC 11(2),
// 1981): layers by longest path, order within them by barycentres, bends where lines
// pass a layer. Every line has its label in a layer between those of actors, so no
// text can lie on another. Actors stand in even layers. Members of a dynamic part
// stay side by side.
type layout struct {
	d      *Drawing
	lines  []line
	nodes  []node
	layers [][]int
	chain  [][]int // by line: its nodes from the upper actor to the lower one; nil: from an actor to itself
	back   []bool  // by line: it leads upwards
}

const (
	fontSize   = 12.0
	charWidth  = 0.60 * fontSize // of a wide letter on average, with room to spare
	smallWidth = 0.60 * 10
	boxHeight  = 38.0
	rowHeight  = 16.0
	nodeGap    = 18.0
	rowGap     = 22.0
	dotSize    = 7.0
	loopGap    = 13.0
)

func newLayout(d *Drawing) *layout {
	l := &layout{d: d, lines: d.lines()}
	of, _ := d.parts()
	depth := l.depths()
	ports := make([][2]int, len(d.Graph.Actors))
	loops, heights := make([]float64, len(d.Graph.Actors)), make([]float64, len(d.Graph.Actors))
	for i := range l.lines {
		q := &l.lines[i]
		if q.from == q.to {
			loops[q.from] = max(loops[q.from], 24+l.labelWidth(q))
			heights[q.from] += loopGap
			continue
		}
		ports[q.from][1]++
		ports[q.to][0]++
	}
	for a := range d.Graph.Actors {
		half := max(width(short(d.Graph.Actors[a].Name), charWidth), width(d.second(a), smallWidth))/2 + 12
		half = max(half, float64(max(ports[a][0], ports[a][1]))*7)
		l.nodes = append(l.nodes, node{
			actor: a, line: -1, part: of[a], left: half, right: half + loops[a], height: max(boxHeight, heights[a]+6),
		})
		l.put(a, 2*depth[a])
	}
	for i := range l.lines {
		l.route(i, depth, of)
	}
	l.order()
	l.place()
	return l
}

func width(s string, each float64) float64 { return float64(len([]rune(s))) * each }

// second is the second text of a box: its unit, or its kernel.
func (d *Drawing) second(a int) string {
	if d.Devices != nil {
		return d.Devices[d.Where[a]] + "." + d.Units[a]
	}
	if k := d.Graph.Actors[a].Kernel; k != d.Graph.Actors[a].Name {
		return k
	}
	return ""
}

func (l *layout) labelWidth(q *line) float64 {
	n := 0
	if q.delay > 0 {
		n = min(q.delay, mostDots)
	}
	if q.delay > mostDots {
		n = 1
	}
	return width(dots(q.delay)+q.label, smallWidth) + float64(n)*(dotSize+2) + 6
}

func (l *layout) put(i, layer int) {
	for len(l.layers) <= layer {
		l.layers = append(l.layers, nil)
	}
	l.layers[layer] = append(l.layers[layer], i)
}

// depths returns the layer of every actor: the longest path of lines that lead on in
// precedence order. If there is no such order, actors stand in the graph's order.
func (l *layout) depths() []int {
	g := l.d.Graph
	order, err := graph.Order(g)
	if err != nil {
		order = nil
		for a := range g.Actors {
			order = append(order, a)
		}
	}
	rank := make([]int, len(g.Actors))
	for i, a := range order {
		rank[a] = i
	}
	l.back = make([]bool, len(l.lines))
	into := make([][]int, len(g.Actors))
	for i := range l.lines {
		q := &l.lines[i]
		l.back[i] = rank[q.from] > rank[q.to]
		if from, to := l.ends(i); from != to {
			into[to] = append(into[to], from)
		}
	}
	depth := make([]int, len(g.Actors))
	for _, a := range order {
		for _, from := range into[a] {
			depth[a] = max(depth[a], depth[from]+1)
		}
	}
	next := make([]int, len(g.Actors)) // the highest layer below
	for i := range l.lines {
		if from, to := l.ends(i); from != to && (next[from] == 0 || depth[to] < next[from]) {
			next[from] = depth[to]
		}
	}
	for a := range depth { // sources stand just above their consumers
		if len(into[a]) == 0 && next[a] > 0 {
			depth[a] = next[a] - 1
		}
	}
	return depth
}

// ends returns the upper and the lower actor of a line.
func (l *layout) ends(i int) (upper, lower int) {
	q := &l.lines[i]
	if l.back[i] {
		return q.to, q.from
	}
	return q.from, q.to
}

// route adds the label and the bends of a line.
func (l *layout) route(i int, depth, of []int) {
	q := &l.lines[i]
	if q.from == q.to {
		l.chain = append(l.chain, nil)
		return
	}
	upper, lower := l.ends(i)
	part := -1
	if of[upper] == of[lower] {
		part = of[upper]
	}
	chain := []int{upper}
	for layer := 2*depth[upper] + 1; layer < 2*depth[lower]; layer++ {
		n := node{actor: -1, line: i, part: part, left: 5, right: 5, height: rowHeight}
		if layer == 2*depth[upper]+1 {
			n.label, n.right = true, 5+l.labelWidth(q)
		}
		l.nodes = append(l.nodes, n)
		l.put(len(l.nodes)-1, layer)
		chain = append(chain, len(l.nodes)-1)
	}
	chain = append(chain, lower)
	for k := 1; k < len(chain); k++ {
		a, b := chain[k-1], chain[k]
		l.nodes[a].down = append(l.nodes[a].down, b)
		l.nodes[b].up = append(l.nodes[b].up, a)
	}
	l.chain = append(l.chain, chain)
}

// order sorts every layer by the mean place of its neighbours in the layer before,
// there and back, keeps members of a part together, and keeps the best order seen.
func (l *layout) order() {
	pos := make([]float64, len(l.nodes))
	number := func() {
		for _, layer := range l.layers {
			for k, i := range layer {
				pos[i] = float64(k)
			}
		}
	}
	number()
	best, fewest := l.copyLayers(), l.crossings(pos)
	for sweep := 0; sweep < 24 && fewest > 0; sweep++ {
		for k := range l.layers {
			near := func(n *node) []int { return n.up }
			if sweep%2 == 1 {
				k = len(l.layers) - 1 - k
				near = func(n *node) []int { return n.down }
			}
			l.sortLayer(k, pos, near)
		}
		if n := l.crossings(pos); n < fewest {
			best, fewest = l.copyLayers(), n
		}
	}
	for k := range best { // members side by side, also where no sweep was better
		l.layers[k] = best[k]
		for at, i := range best[k] {
			pos[i] = float64(at)
		}
		l.sortLayer(k, pos, func(*node) []int { return nil })
	}
}

func (l *layout) sortLayer(k int, pos []float64, near func(n *node) []int) {
	layer := l.layers[k]
	want := map[int]float64{}
	sum, count := map[int]float64{}, map[int]float64{}
	for _, i := range layer {
		n := &l.nodes[i]
		want[i] = pos[i]
		if list := near(n); len(list) > 0 {
			want[i] = 0
			for _, j := range list {
				want[i] += pos[j] / float64(len(list))
			}
		}
		sum[n.part] += want[i]
		count[n.part]++
	}
	group := func(i int) float64 {
		if p := l.nodes[i].part; p >= 0 {
			return sum[p] / count[p]
		}
		return want[i]
	}
	slices.SortStableFunc(layer, func(i, j int) int {
		return cmp.Or(cmp.Compare(group(i), group(j)), cmp.Compare(l.nodes[i].part, l.nodes[j].part),
			cmp.Compare(want[i], want[j]))
	})
	for at, i := range layer {
		pos[i] = float64(at)
	}
}

func (l *layout) copyLayers() [][]int {
	var c [][]int
	for _, layer := range l.layers {
		c = append(c, slices.Clone(layer))
	}
	return c
}

// crossings counts the pairs of lines that cross between neighbouring layers.
func (l *layout) crossings(pos []float64) int {
	n := 0
	for _, layer := range l.layers {
		var ends []float64
		for _, i := range layer {
			down := slices.Clone(l.nodes[i].down)
			slices.SortFunc(down, func(a, b int) int { return cmp.Compare(pos[a], pos[b]) })
			for _, j := range down {
				for _, e := range ends {
					if e > pos[j] {
						n++
					}
				}
			}
			for _, j := range down {
				ends = append(ends, pos[j])
			}
		}
	}
	return n
}
