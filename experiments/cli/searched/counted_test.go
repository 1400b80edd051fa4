package searched_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCopies maps all copies of an instance alike, and counts what one of them takes.
func TestCopies(t *testing.T) {
	f := plantest.Good(t)
	one := newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none"}})
	f = plantest.Good(t)
	f.Instances[0].Name, f.Instances[0].Count = "cam", 3
	many := newFixture(t, f, plantest.Models(t), space.Options{Codecs: []string{"none"}})
	g := parse(t, "latency")
	g.NoRaw = true
	alone, _ := one.decided(t.Context(), t, g)
	shared, found := many.decided(t.Context(), t, g)
	assert.True(t, found.Proven)
	traffic, latency := goal.Metric{Name: goal.Traffic}, goal.Metric{Name: goal.Latency}
	n := 0
	for i := range alone {
		for k := range shared {
			if alone[i].Name == shared[k].Name {
				n++
				assert.InDelta(t, alone[i].Values[traffic], shared[k].Values[traffic], 1e-6, alone[i].Name)
				assert.GreaterOrEqual(t, shared[k].Values[latency], alone[i].Values[latency]*(1-1e-9), alone[i].Name)
				assert.InDelta(t, alone[i].Candidate.Values.Latency, shared[k].Candidate.Values.Latency, 1)
			}
		}
	}
	require.Greater(t, n, 5)
}
