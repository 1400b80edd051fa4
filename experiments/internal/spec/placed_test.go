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

// Links of experiments may have traces and be on media, and so have those of its plans. On a testbed there is neither.
func TestTracedAndSharedLinks(t *testing.T) {
	s, models := exptest.Spec(t, "toy"), exptest.Model(t)
	s.Links[0].Medium, s.Links[1].Trace, s.Links[1].TraceLoop = "cell", "wifi.csv", true
	s.Media = []plan.Medium{{Name: "cell", CapacityBytesPerSec: 1e6}}
	pf := s.Platform()
	var names []string
	for i := range pf.Links {
		names = append(names, pf.Links[i].Name)
		if pf.Links[i].Trace != "" {
			pf.Links[i].Trace = "/lab/wifi.csv"
		}
	}
	assert.Equal(t, []string{"wired slow", "wired fast", "wireless slow", "wireless fast"}, names)
	s.Named(&pf)
	assert.Empty(t, s.Links[0].Trace)
	assert.Equal(t, "/lab/wifi.csv", s.Links[1].Trace)

	x, err := sweep.New(s, models)
	require.NoError(t, err)
	for _, c := range x.AllCases(sweep.Complete) {
		p, err := x.Plan(c, x.Single(2))
		require.NoError(t, err)
		l := &p.Platform.Links[0]
		assert.Equal(t, c.Link+" "+c.Endpoint, l.Name)
		if c.Link == "wired" {
			assert.Equal(t, 0, p.Platform.Medium(l))
		} else {
			assert.Equal(t, "/lab/wifi.csv", l.Trace)
			assert.Empty(t, p.Platform.Media)
		}
	}
	f, _, err := x.TogetherFile(x.Offline(3))
	require.NoError(t, err)
	assert.Len(t, f.Platform.Media, 1)
	assert.Equal(t, "cell", f.Platform.Links[1].Medium, "all endpoints are on it")

	placed := s.Placed(map[string]string{"fast": "jetson2", "server": "gpu"})
	assert.Empty(t, placed.Media)
	assert.Equal(t, []plan.Link{{Name: "real"}}, placed.Links)
	assert.Len(t, s.Media, 1, "the experiment itself changed")
}
