package share

// tags is a binary heap of the flows of a class: first the one that ends at the fewest bytes,
// and of equal ones the one that was added first.
type tags struct{ items []tag }

type tag struct {
	ends float64 // when its class has passed so many bytes
	flow Flow
}

// add takes in a flow of so many bytes from now on.
func (c *class) add(id Flow, bytes float64, flows []flow) {
	if c.added++; len(c.flows.items) == 0 {
		c.passed, c.added = 0, 0
	} else if c.added > len(c.flows.items)+64 { // so that numbers stay small, and so do errors
		for i := range c.flows.items {
			c.flows.items[i].ends -= c.passed
		}
		c.passed, c.added = 0, 0
	}
	c.flows.items = append(c.flows.items, tag{c.passed + bytes, id})
	c.up(len(c.flows.items)-1, flows)
}

// remove takes the flow at a place of the heap out.
func (c *class) remove(place int32, flows []flow) {
	items := c.flows.items
	n := len(items) - 1
	moved := items[n]
	c.flows.items = items[:n]
	if int(place) == n {
		return
	}
	items[place] = moved
	flows[moved.flow].place = place
	c.up(c.down(int(place), flows), flows)
}

// left returns the bytes until the first flow ends; there is one.
func (c *class) left() float64 { return c.flows.items[0].ends - c.passed }

func less(a, b *tag, flows []flow) bool {
	return a.ends < b.ends || a.ends == b.ends && flows[a.flow].order < flows[b.flow].order
}

// up moves the item at i towards the root as far as it belongs.
func (c *class) up(i int, flows []flow) {
	items := c.flows.items
	t := items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !less(&t, &items[parent], flows) {
			break
		}
		items[i] = items[parent]
		flows[items[i].flow].place = int32(i)
		i = parent
	}
	items[i] = t
	flows[t.flow].place = int32(i)
}

// down moves the item at i away from the root as far as it belongs, and returns its place.
func (c *class) down(i int, flows []flow) int {
	items := c.flows.items
	t := items[i]
	for {
		child := 2*i + 1
		if child >= len(items) {
			break
		}
		if child+1 < len(items) && less(&items[child+1], &items[child], flows) {
			child++
		}
		if !less(&items[child], &t, flows) {
			break
		}
		items[i] = items[child]
		flows[items[i].flow].place = int32(i)
		i = child
	}
	items[i] = t
	flows[t.flow].place = int32(i)
	return i
}
