package sim

// pool keeps what is on its way between devices, so that events can hold the place of
// it alone. Places that are given back are used again.
type pool[T any] struct {
	items []T
	free  []uint32
}

// place returns a free place. What its item holds is what the last user left.
func (p *pool[T]) place() uint32 {
	n := len(p.free) - 1
	if n < 0 {
		var zero T
		p.items = append(p.items, zero)
		return uint32(len(p.items) - 1)
	}
	at := p.free[n]
	p.free = p.free[:n]
	return at
}

// put keeps an item and returns its place.
func (p *pool[T]) put(item T) uint32 {
	at := p.place()
	p.items[at] = item
	return at
}

// release gives a place back. Its item may be read until the next place is asked for.
func (p *pool[T]) release(at uint32) { p.free = append(p.free, at) }
