package searched_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMemory compares the analytic memory of all cuts with that of their plans, which decides: limits
// of memory are no wider in the search, so that more there would leave out what keeps them.
func TestMemory(t *testing.T) {
	for name, capacity := range map[string]int{"default": 0, "one": 1, "five": 5} {
		f := plantest.Good(t)
		for i := range f.Application.FIFOs {
			f.Application.FIFOs[i].Capacity = capacity
		}
		x := newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none", "int8"}})
		cuts, err := x.Cuts()
		require.NoError(t, err)
		for i := range cuts {
			c := &cuts[i]
			p, err := x.Plan(c, plan.Workload{Kind: plan.Offline, Frames: 1})
			require.NoError(t, err)
			held, err := x.Memory(c, p)
			require.NoError(t, err)
			for d, device := range x.Devices() {
				assert.LessOrEqual(t, c.Values.Memory[d], held[device], "%s: %s on %s", name, c.Name, device)
				if capacity < 2 && device == x.Endpoint() { // it has one lane
					assert.InDelta(t, held[device], c.Values.Memory[d], 0.5, "%s: %s on %s", name, c.Name, device)
				}
			}
		}
	}
}
