package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/slice"
)

// groups has the feedback FIFOs of sources that fire in groups count for nothing at a group's
// beginning until all their tokens are back.
func (e *Engine) groups(actors []slice.Actor) error {
	for i, sa := range actors {
		if sa.Group <= 1 {
			continue
		}
		back := 0
		for _, place := range e.ins(&e.actors[i]) {
			f := &e.fifos[place]
			if !f.delayed() {
				continue
			}
			back++
			if f.rate() != 1 || f.variable() || f.delay != int64(sa.Group) {
				return fmt.Errorf("%w: actor %s: groups of %d firings need as many delay tokens in its feedback FIFOs, one a "+
					"firing", ErrSlice, e.name(&e.actors[i]), sa.Group)
			}
			f.group = int64(sa.Group)
		}
		if back == 0 {
			return fmt.Errorf("%w: actor %s: groups of firings need a feedback FIFO", ErrSlice, e.name(&e.actors[i]))
		}
	}
	return nil
}

// need returns how many tokens a FIFO needs for its consumer's next firing: that of a source
// that begins a group takes one, when all of the group before are back.
func (f *fifo) need() int64 {
	if f.delayed() && f.group > 0 && f.taken%f.group == 0 {
		return f.group
	}
	return f.rate()
}
