package spec_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// On a testbed nothing is slowed or shaped, in any plan, and all devices have its names.
func TestPlacedPlansAreNotEmulated(t *testing.T) {
	for name, on := range map[string]map[string]string{
		"toy":    {"slow": "jetson1", "fast": "jetson2", "server": "gpu"},
		"gated":  {"slow": "jetson1", "server": "gpu"},
		"mapped": {"camera": "jetson1", "gateway": "jetson2", "server": "gpu"},
	} {
		s, models := exptest.Spec(t, name), exptest.Model(t)
		before, err := sweep.ProfilePlans(s, models)
		require.NoError(t, err)
		placed := s.Placed(on)
		assert.Equal(t, on, placed.Real())
		assert.Nil(t, s.Real(), "the experiment itself changed")
		plans, err := sweep.ProfilePlans(placed, models)
		require.NoError(t, err, name)
		assert.NotEmpty(t, plans, name)
		for _, p := range plans {
			assert.False(t, p.Emulated(), "%s: %s", name, p.Name)
			for _, d := range p.Platform.Devices {
				assert.Contains(t, []string{"jetson1", "jetson2", "gpu"}, d.Name, "%s: %s", name, p.Name)
				assert.Nil(t, d.Power, "%s: %s", name, p.Name)
			}
			for _, l := range p.Platform.Links {
				assert.False(t, l.Shaped(), "%s: %s", name, p.Name)
			}
		}
		again, err := sweep.ProfilePlans(s, models)
		require.NoError(t, err)
		assert.Equal(t, before, again, "the experiment itself changed")
	}
}

// Each endpoint has the one link that is there; what joins devices of mappings, each its own.
func TestPlacedLinks(t *testing.T) {
	s := exptest.Spec(t, "toy").Placed(map[string]string{"fast": "jetson2", "server": "gpu"})
	require.Len(t, s.Endpoints, 1, "an endpoint that is not placed is left out")
	assert.Equal(t, "jetson2", s.Endpoints[0].Name)
	assert.Equal(t, []plan.Link{{Name: "real"}}, s.Links)
	assert.Equal(t, "real", s.Together.Link)
	assert.Empty(t, s.Factors)
	m := exptest.Spec(t, "mapped").Placed(map[string]string{"camera": "a", "gateway": "b", "server": "c"})
	var between [][]string
	for _, l := range m.Links {
		between = append(between, l.Between)
	}
	assert.Equal(t, [][]string{{"a", "b"}, {"a", "c"}, {"b", "c"}}, between)
	assert.Equal(t, "a.cpu", m.Mappings[0].Cases[0].Mapping[0].Unit)
}
