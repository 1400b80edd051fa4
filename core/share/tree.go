package share

import (
	"math"
	"slices"
)

// tree has the classes as leaves, in the order of their limits.
type tree struct {
	order  []Class   // by leaf
	limits []float64 // by leaf; +Inf of those without a class
	nodes  []node    // the root is 1, the children of i are 2i and 2i+1
	leaves int       // a power of two
}

// node is what is known of the leaves below it. What has passed is told to a node first, and to
// those below it when that is needed.
type node struct {
	flows  float64
	limits float64 // sum of those of the flows
	// soonest has the flow that ends first if all pass at their limits, and fewest the one that
	// does if all pass at one rate.
	soonest, fewest head
	// The nodes below have not been told that each class passed at its limit for untold ns, and
	// besides untoldBytes.
	untold, untoldBytes float64
	// fewest stays right for this time in which classes pass at their limits, and soonest for this
	// many bytes that each passes.
	lasts, lastsBytes float64
}

// head is the flow of a class that ends first.
type head struct {
	left  float64 // bytes; +Inf: there is none
	limit float64
	leaf  int32
}

func (h *head) time() float64 { return h.left / h.limit }

var nobody = head{left: math.Inf(1), limit: math.Inf(1)}

// build makes the tree of classes that know all that has passed.
func (t *tree) build(classes []class) {
	t.order = t.order[:0]
	for i := range classes {
		t.order = append(t.order, Class(i))
	}
	slices.SortFunc(t.order, func(a, b Class) int {
		if classes[a].limit < classes[b].limit {
			return -1
		}
		return 1
	})
	t.leaves = 1
	for t.leaves < len(classes) {
		t.leaves *= 2
	}
	t.limits, t.nodes = slices.Grow(t.limits[:0], t.leaves)[:t.leaves], slices.Grow(t.nodes[:0], 2*t.leaves)[:2*t.leaves]
	for i := range t.limits {
		t.limits[i] = math.Inf(1)
		n := &t.nodes[t.leaves+i]
		*n = node{soonest: nobody, fewest: nobody, lasts: math.Inf(1), lastsBytes: math.Inf(1)}
		if i < len(t.order) {
			c := &classes[t.order[i]]
			c.leaf, t.limits[i] = int32(i), c.limit
			n.fill(c)
		}
	}
	for i := t.leaves - 1; i > 0; i-- {
		t.nodes[i] = node{}
		t.pull(i)
	}
}

// fill makes a leaf what its class is.
func (n *node) fill(c *class) {
	n.flows, n.limits, n.fewest = float64(len(c.flows.items)), 0, nobody
	if len(c.flows.items) > 0 {
		n.limits, n.fewest = n.flows*c.limit, head{c.left(), c.limit, c.leaf}
	}
	n.soonest = n.fewest
}

// pull makes a node of those below it, which have been told all.
func (t *tree) pull(i int) {
	n, a, b := &t.nodes[i], &t.nodes[2*i], &t.nodes[2*i+1]
	n.flows, n.limits = a.flows+b.flows, a.limits+b.limits
	n.lasts, n.lastsBytes = min(a.lasts, b.lasts), min(a.lastsBytes, b.lastsBytes)
	x, y := &a.fewest, &b.fewest
	switch {
	case math.IsInf(y.left, 1):
		n.fewest = *x
	case y.left < x.left:
		n.fewest = *y
	default: // y has the higher limit, so its bytes get fewer sooner
		n.fewest = *x
		n.lasts = min(n.lasts, (y.left-x.left)/(y.limit-x.limit))
	}
	x, y = &a.soonest, &b.soonest
	switch {
	case math.IsInf(x.left, 1):
		n.soonest = *y
	case math.IsInf(y.left, 1) || x.time() <= y.time():
		n.soonest = *x
	default: // the time that x needs gets shorter by more with every byte
		n.soonest = *y
		gain := 1/x.limit - 1/y.limit
		n.lastsBytes = min(n.lastsBytes, (x.time()-y.time())/gain)
	}
}

// tell lets the classes below a node pass at their limits for some ns, and besides some bytes.
func (t *tree) tell(i int, ns, bytes float64, classes []class) {
	n := &t.nodes[i]
	switch {
	case n.flows == 0:
	case i >= t.leaves:
		c := &classes[t.order[i-t.leaves]]
		if ns > 0 {
			bytes += ns * c.limit
		}
		c.passed += bytes
		n.fewest.left = c.left()
		n.soonest.left = n.fewest.left
	case ns > n.lasts || bytes > n.lastsBytes:
		t.push(i, classes)
		t.tell(2*i, ns, bytes, classes)
		t.tell(2*i+1, ns, bytes, classes)
		t.pull(i)
	default:
		n.untold += ns
		n.untoldBytes += bytes
		n.lasts -= ns
		n.lastsBytes -= bytes
		n.fewest.pass(ns, bytes)
		n.soonest.pass(ns, bytes)
	}
}

func (h *head) pass(ns, bytes float64) {
	if ns > 0 {
		bytes += ns * h.limit
	}
	h.left -= bytes
}

// push tells the nodes below one what they have not been told.
func (t *tree) push(i int, classes []class) {
	n := &t.nodes[i]
	if n.untold > 0 || n.untoldBytes > 0 {
		t.tell(2*i, n.untold, n.untoldBytes, classes)
		t.tell(2*i+1, n.untold, n.untoldBytes, classes)
		n.untold, n.untoldBytes = 0, 0
	}
}

// flush tells all classes what they have not been told.
func (t *tree) flush(classes []class) {
	for i := 1; i < t.leaves; i++ {
		t.push(i, classes)
	}
}

// open tells a leaf all that has passed; it is to change then, and close follows.
func (t *tree) open(leaf int32, classes []class) {
	for at, below := t.leaves+int(leaf), t.leaves; below > 1; below /= 2 {
		t.push(at/below, classes)
	}
}

// close tells the nodes above a leaf that its class has changed.
func (t *tree) close(leaf int32, c *class) {
	i := t.leaves + int(leaf)
	t.nodes[i].fill(c)
	for i /= 2; i > 0; i /= 2 {
		t.pull(i)
	}
}

// pass lets the classes of the leaves before split pass at their limits for some ns, and the
// others some bytes each.
func (t *tree) pass(split int, ns, bytes float64, classes []class) {
	t.passBelow(1, 0, t.leaves, split, ns, bytes, classes)
}

func (t *tree) passBelow(i, from, to, split int, ns, bytes float64, classes []class) {
	switch {
	case t.nodes[i].flows == 0:
	case to <= split:
		t.tell(i, ns, 0, classes)
	case from >= split:
		t.tell(i, 0, bytes, classes)
	default:
		t.push(i, classes)
		middle := (from + to) / 2
		t.passBelow(2*i, from, middle, split, ns, bytes, classes)
		t.passBelow(2*i+1, middle, to, split, ns, bytes, classes)
		t.pull(i)
	}
}

// level divides a capacity: flows of the leaves before split pass at their limits, all others
// at the rate, together used. The flows of a leaf pass at their limit l if they can when all of
// the leaves behind pass at l as well.
func (t *tree) level(capacity float64) (split int, rate, used float64) {
	flows, limits, i := t.nodes[1].flows, 0.0, 1
	if flows == 0 {
		return 0, 0, 0
	}
	for middle, half := t.leaves/2, t.leaves/2; i < t.leaves; {
		below := &t.nodes[2*i]
		i *= 2
		half /= 2
		if t.limits[middle]*(flows-below.flows)+limits+below.limits <= capacity {
			flows, limits, i = flows-below.flows, limits+below.limits, i+1
			middle += half
		} else {
			middle -= half
		}
	}
	split = i - t.leaves
	if t.limits[split]*flows+limits <= capacity {
		flows, limits = flows-t.nodes[i].flows, limits+t.nodes[i].limits
		split++
	}
	if flows == 0 {
		return split, math.Inf(1), limits
	}
	return split, max((capacity-limits)/flows, 0), capacity
}

// first returns the time until the first flow ends, and its leaf.
func (t *tree) first(split int, rate float64, classes []class) (ns float64, leaf int32) {
	ns = math.Inf(1)
	t.firstBelow(1, 0, t.leaves, split, rate, classes, &ns, &leaf)
	return ns, leaf
}

func (t *tree) firstBelow(i, from, to, split int, rate float64, classes []class, ns *float64, leaf *int32) {
	n := &t.nodes[i]
	var takes float64
	var h *head
	switch {
	case n.flows == 0:
		return
	case to <= split:
		h = &n.soonest
		takes = h.time()
	case from >= split:
		h = &n.fewest
		if takes = h.left / rate; h.left <= 0 {
			takes = 0
		}
	default:
		middle := (from + to) / 2
		t.push(i, classes)
		t.firstBelow(2*i, from, middle, split, rate, classes, ns, leaf)
		t.firstBelow(2*i+1, middle, to, split, rate, classes, ns, leaf)
		return
	}
	if takes = max(takes, 0); takes < *ns {
		*ns, *leaf = takes, h.leaf
	}
}
