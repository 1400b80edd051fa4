package engine

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/slice"
)

// checkSlice refuses indices that lie outside the graph or the slice.
func checkSlice(s *slice.Slice) error {
	g := s.Graph
	for _, u := range s.Units {
		if u.Lanes < 1 {
			return fmt.Errorf("%w: unit %s of device %s has %d lanes; give it at least 1", ErrSlice, u.Name, s.Device, u.Lanes)
		}
	}
	all, fifos := s.Actors, make([]int, 0, len(s.FIFOs))
	for _, f := range s.FIFOs {
		fifos = append(fifos, f.FIFO)
	}
	if s.Alone != nil {
		all = append(all[:len(all):len(all)], s.Alone.Actors...)
		fifos = append(fifos, s.Alone.FIFOs...)
	}
	seen := make(map[int]bool, len(all))
	for _, a := range all {
		if a.Actor < 0 || a.Actor >= len(g.Actors) || seen[a.Actor] {
			return fmt.Errorf("%w: device %s: actor %d is not in the graph or is listed twice", ErrSlice, s.Device, a.Actor)
		}
		if a.Unit < 0 || a.Unit >= len(s.Units) {
			return fmt.Errorf("%w: actor %s: device %s has no unit %d", ErrSlice, g.Actors[a.Actor].Name, s.Device, a.Unit)
		}
		if r := a.Arrivals.Recorded; r != nil {
			if err := r.Check(); err != nil {
				return fmt.Errorf("%w: actor %s: %w", ErrSlice, g.Actors[a.Actor].Name, err)
			}
		}
		if n := max(len(g.Actors[a.Actor].In), len(g.Actors[a.Actor].Out)); n > math.MaxUint16/2 {
			return fmt.Errorf("%w: actor %s: %d ports in one direction; it may have %d", ErrSlice, g.Actors[a.Actor].Name, n,
				math.MaxUint16/2)
		}
		seen[a.Actor] = true
	}
	clear(seen)
	for _, f := range fifos {
		if f < 0 || f >= len(g.FIFOs) || seen[f] {
			return fmt.Errorf("%w: device %s: FIFO %d is not in the graph or is listed twice", ErrSlice, s.Device, f)
		}
		seen[f] = true
	}
	return nil
}
