package share

import "math"

// Class is a class of flows with one limit, in its pool.
type Class int32

// Flow is a flow that is in a pool. When it has left, its number is used again.
type Flow uint32

// Pool is a capacity and the flows that share it. Times are in ns and may not fall from call to
// call. In the steady state nothing is allocated.
type Pool struct {
	capacity float64 // bytes per ns
	at       int64   // the present is at + part
	part     float64 // ns

	classes []class
	known   map[float64]Class // by limit
	tree    tree
	split   int     // leaves before it pass at their limits
	level   float64 // bytes per ns of each other flow
	used    float64 // of the capacity, bytes per ns
	next    float64 // ns from the present until the first flow ends; +Inf: none does
	ends    int32   // its class's leaf

	flows  []flow
	free   []Flow
	active int
	begun  uint64
	done   []Flow // ended, from taken on
	taken  int
	totals Totals
}

// Totals is what has happened in a pool. Times are in ns.
type Totals struct {
	Bytes  float64 // that have passed
	Used   float64 // the time for which these take all of the capacity
	Active float64 // the time in which there was a flow
	Flows  float64 // the times of all flows together
}

// class holds the flows of one limit.
type class struct {
	limit  float64 // bytes per ns; +Inf: none
	leaf   int32   // in the tree
	passed float64 // bytes of each flow since some time
	flows  tags
	added  int // since passed was 0
}

type flow struct {
	class Class
	place int32  // in the heap of its class; ended or taken: -1
	tag   int32  // the caller's
	order uint64 // of adding
}

// Whole rounds a time in ns up to a whole one, as ends are; but down where it is more than one by
// less than a thousandth: sums of times are not exact.
func Whole(ns float64) int64 { return int64(math.Ceil(ns - 1e-3)) }

// New returns a pool of a capacity in bytes/s without flows. Its time begins at 0.
func New(bytesPerSec float64) *Pool {
	p := &Pool{capacity: bytesPerSec / 1e9, next: math.Inf(1), known: map[float64]Class{}}
	p.tree.build(p.classes)
	return p
}

// Class returns the class of flows that pass at most so many bytes/s; 0: they have no limit of
// their own. The first flow of a new class takes time in proportion to the classes.
func (p *Pool) Class(bytesPerSec float64) Class {
	limit := bytesPerSec / 1e9
	if bytesPerSec <= 0 {
		limit = math.Inf(1)
	}
	of, ok := p.known[limit]
	if !ok {
		of = Class(len(p.classes))
		p.known[limit] = of
		p.classes = append(p.classes, class{limit: limit, leaf: -1})
	}
	return of
}

// Add lets a flow of so many bytes begin now. tag is what Take gives back.
func (p *Pool) Add(now int64, of Class, bytes float64, tag int32) Flow {
	p.advance(now)
	if p.classes[of].leaf < 0 {
		p.tree.flush(p.classes)
		p.tree.build(p.classes)
	}
	var id Flow
	if n := len(p.free); n > 0 {
		id, p.free = p.free[n-1], p.free[:n-1]
	} else {
		id = Flow(len(p.flows))
		p.flows = append(p.flows, flow{})
	}
	p.flows[id] = flow{class: of, tag: tag, order: p.begun}
	p.begun++
	p.active++
	c := &p.classes[of]
	p.tree.open(c.leaf, p.classes)
	c.add(id, max(bytes, 0), p.flows)
	p.tree.close(c.leaf, c)
	p.fit()
	return id
}

// Remove takes a flow away that Take has not given, whether it has ended or not. It returns the
// bytes that have not passed.
func (p *Pool) Remove(now int64, id Flow) float64 {
	p.advance(now)
	f := &p.flows[id]
	if f.place < 0 { // it has ended and waits for Take
		f.tag = removed
		return 0
	}
	c := &p.classes[f.class]
	p.tree.open(c.leaf, p.classes)
	left := max(c.flows.items[f.place].ends-c.passed, 0)
	c.remove(f.place, p.flows)
	p.tree.close(c.leaf, c)
	p.active--
	p.free = append(p.free, id)
	p.fit()
	return left
}

// removed marks a flow that was removed after its end.
const removed = math.MinInt32

// SetCapacity changes the capacity, in bytes/s, from now on; at 0 only flows without bytes end.
func (p *Pool) SetCapacity(now int64, bytesPerSec float64) {
	p.advance(now)
	if c := bytesPerSec / 1e9; c != p.capacity {
		p.capacity = c
		p.fit()
	}
}

// Next returns when the first flow ends if nothing changes, rounded up, and false if none does.
func (p *Pool) Next() (int64, bool) {
	if p.taken < len(p.done) {
		return p.at, true
	}
	return p.due()
}

// Take returns a flow that has ended by now and its tag, those that ended first first, and false
// when there are no more.
func (p *Pool) Take(now int64) (id Flow, tag int32, ok bool) {
	p.advance(now)
	for p.taken < len(p.done) {
		id = p.done[p.taken]
		if p.taken++; p.taken == len(p.done) {
			p.done, p.taken = p.done[:0], 0
		}
		p.free = append(p.free, id)
		if tag = p.flows[id].tag; tag != removed {
			return id, tag, true
		}
	}
	return 0, 0, false
}

// Len returns how many flows have not ended.
func (p *Pool) Len() int { return p.active }

// Rate returns what a flow passes at the moment in bytes/s; 0 when it has ended.
func (p *Pool) Rate(id Flow) float64 {
	f := &p.flows[id]
	if f.place < 0 {
		return 0
	}
	return 1e9 * min(p.classes[f.class].limit, p.level)
}

// Totals returns what has happened until now.
func (p *Pool) Totals(now int64) Totals {
	p.advance(now)
	return p.totals
}

// due returns when the next flow ends.
func (p *Pool) due() (int64, bool) {
	if in := p.part + p.next; in < 1<<61 {
		return p.at + Whole(in), true
	}
	return 0, false
}

// advance lets time pass until now. Flows that end on the way free their part of the capacity
// at that time, not at the next whole ns.
func (p *Pool) advance(now int64) {
	for {
		at, ok := p.due()
		if !ok || at > now {
			break
		}
		p.pass(p.next)
		p.end(p.ends)
	}
	if rest := float64(now-p.at) - p.part; rest > 0 {
		if p.pass(rest); !math.IsInf(p.next, 1) {
			p.next = max(p.next-rest, 0)
		}
		p.at, p.part = now, 0
	}
}

// pass lets ns pass in which no flow ends.
func (p *Pool) pass(ns float64) {
	if p.active > 0 && ns > 0 {
		p.tree.pass(p.split, ns, ns*p.level, p.classes)
		p.totals.Bytes += ns * p.used
		p.totals.Active += ns
		p.totals.Flows += ns * float64(p.active)
		if p.capacity > 0 {
			p.totals.Used += ns * p.used / p.capacity
		}
	}
	whole := math.Floor(p.part + ns)
	p.at += int64(whole)
	p.part += ns - whole
}

// end lets the first flow of a leaf end now.
func (p *Pool) end(leaf int32) {
	of := p.tree.order[leaf]
	c := &p.classes[of]
	p.tree.open(leaf, p.classes)
	id := c.flows.items[0].flow
	c.remove(0, p.flows)
	p.tree.close(leaf, c)
	p.flows[id].place = -1
	p.done = append(p.done, id)
	p.active--
	p.fit()
}

// fit finds the rates and the next end anew.
func (p *Pool) fit() {
	p.split, p.level, p.used = p.tree.level(p.capacity)
	p.next, p.ends = p.tree.first(p.split, p.level, p.classes)
}
