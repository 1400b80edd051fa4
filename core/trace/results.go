package trace

import (
	"errors"
	"slices"
)

// results checks what has to hold of a run that was interrupted, in which actors
// fire again for frames that they had lost: the results. Where they are recorded,
// they are checked; else the firings of the actors that results leave at.
func (c *Checker) results(t *Trace) error {
	if len(t.Results) > 0 {
		c.recorded(t.Results)
		return errors.Join(c.errs...)
	}
	ends := make(map[int]bool, len(c.laws.Ends))
	for _, a := range c.laws.Ends {
		ends[a] = true
	}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != Firing || !ends[e.Actor] {
			continue
		}
		c.fire(e, false)
	}
	for _, flow := range c.laws.Flows {
		c.even(slices.DeleteFunc(slices.Clone(flow), func(a int) bool { return !ends[a] }))
	}
	return errors.Join(c.errs...)
}

// recorded checks that every instance has as many results of each of its frames
// as it has sinks that record some.
func (c *Checker) recorded(results []Result) {
	counts := map[string][]int{}
	var names []string
	for _, r := range results {
		if r.Frame < 0 || r.Frame >= int64(len(results)) {
			c.fail("instance %q: a result of frame %d, of %d results in all", r.Instance, r.Frame, len(results))
			continue
		}
		if counts[r.Instance] == nil {
			names = append(names, r.Instance)
		}
		counts[r.Instance] = grow(counts[r.Instance], int(r.Frame))
		counts[r.Instance][r.Frame]++
	}
	for _, name := range names {
		want := max(slices.Min(counts[name]), 1)
		for frame, n := range counts[name] {
			if n != want {
				c.fail("instance %q: %d results of frame %d, expected %d", name, n, frame, want)
			}
		}
	}
}
