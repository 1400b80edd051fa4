package sim

// eventHeap is a binary heap: the earliest event first, and of those at one time
// the one that was pushed first.
type eventHeap []pending

func (h *eventHeap) push(p *pending) {
	*h = append(*h, *p)
	events := *h
	i := len(events) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !before(p, &events[up]) {
			break
		}
		events[i] = events[up]
		i = up
	}
	events[i] = *p
}

// pop removes the first event; the heap must not be empty.
func (h *eventHeap) pop() pending {
	events := *h
	top := events[0]
	n := len(events) - 1
	p := &events[n]
	*h = events[:n]
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && before(&events[down+1], &events[down]) {
			down++
		}
		if !before(&events[down], p) {
			break
		}
		events[i] = events[down]
		i = down
	}
	events[i] = *p
	return top
}
