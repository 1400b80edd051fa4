package sweep

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func gatedExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "gated"), exptest.Model(t))
	require.NoError(t, err)
	return x
}

func TestSweepCases(t *testing.T) {
	x := gatedExperiment(t)
	var got []string
	for _, c := range x.Cases("slow", "wired") {
		got = append(got, fmt.Sprintf("%s %s %q %g raw=%v", c.Label, c.Codec, c.Baseline, c.Value, c.RawFrame))
		assert.Equal(t, "look.threshold", c.Param, "case")
		assert.Equal(t, -1, c.PP, "case")
		assert.Equal(t, "slow", c.Endpoint, "case")
		assert.Equal(t, "wired", c.Link, "case")
	}
	want := []string{
		`all on endpoint none "endpoint" 0 raw=false`, `all on server, raw none "raw" 0 raw=true`,
		`all on server, JPEG jpeg "jpeg" 0 raw=true`,
		`threshold 0 (always on) none "" 0 raw=false`, `threshold 5 none "" 5 raw=false`, `threshold 9 none "" 9 raw=false`,
		`threshold 0 (always on) int8 "" 0 raw=false`, `threshold 5 int8 "" 5 raw=false`, `threshold 9 int8 "" 9 raw=false`,
	}
	assert.Equal(t, want, got, "got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// Source and sink stay on the endpoint in every case, as in the sweep's mapping,
// and the parameter has its value; the specification keeps its own.
func TestSweepMapping(t *testing.T) {
	x := gatedExperiment(t)
	on := map[string]string{}
	for _, c := range x.Cases("slow", "wired") {
		p, err := compile.Compile(x.File(c, x.Single(2)), x.Models)
		require.NoError(t, err)
		var there []string
		for a, w := range p.Work {
			name := p.Graph.Actors[a].Name
			if p.DeviceOf(a).Name == "slow" {
				there = append(there, name)
			}
			if w.Source || w.Sink {
				assert.Equal(t, "slow", p.DeviceOf(a).Name, "%s: %s lies on", c.FullLabel(), name)
			}
			if name == "look" {
				assert.Equal(t, c.Value, p.Graph.Actors[a].Params["threshold"], "%s: params", c.FullLabel())
			}
		}
		on[c.FullLabel()] = strings.Join(there, " ")
	}
	for label, want := range map[string]string{
		"all on endpoint": "source look gate normalise net[0:3] last sink", "all on server, raw": "source sink",
		"threshold 5": "source look gate normalise net[0:1] last sink",
		"threshold 9": "source look gate normalise net[0:1] last sink",
	} {
		assert.Equal(t, want, on[label], "%s: on the endpoint", label)
	}
	assert.Nil(t, x.Spec.Application.Actors[1].Params, "the specification was changed")
}

func TestSweepWhoseSourceLiesOnTheServer(t *testing.T) {
	s := exptest.Spec(t, "gated")
	s.Sweep.Mapping = []planfile.Assign{{Unit: spec.OnServer}}
	_, err := New(s, exptest.Model(t))
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.Contains(t, err.Error(), "the source lies on the server")
}

func TestShownPlan(t *testing.T) {
	for name, says := range map[string]string{
		"toy": "with all endpoints at once", "gated": "of endpoint slow on link wired",
	} {
		p, which, err := Shown(exptest.Spec(t, name), exptest.Model(t), nil)
		require.NoError(t, err, name)
		require.True(t, strings.HasSuffix(which, says), name)
		assert.GreaterOrEqual(t, len(p.Work), 6, name)
	}
}

func TestShare(t *testing.T) {
	x := gatedExperiment(t)
	k := x.Kind.(*parameter)
	plans, err := ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	assert.EqualValues(t, 0.0, plans[0].Graph.Actors[1].Params["threshold"],
		"plans whose part always runs don't come first")
	assert.NotEqualValues(t, 0.0, plans[len(plans)-1].Graph.Actors[1].Params["threshold"],
		"plans whose part always runs don't come first")
	entries := exptest.Profile(plans).Entries
	always, _ := k.keys(plans[0])
	other, _ := k.keys(plans[len(plans)-1])
	entries[other] = profile.Entry{Samples: []time.Duration{7}}
	x.Share(entries, plans, nil)
	a, b := entries[always].Samples, entries[other].Samples
	assert.Equal(t, b, a, "pooled")
	assert.Contains(t, a, time.Duration(7), "pooled")
	assert.Len(t, a, 3, "pooled")
	entries[other] = profile.Entry{Samples: []time.Duration{9}}
	x.Share(entries, plans, plans[len(plans)-1])
	assert.Equal(t, []time.Duration{9}, entries[always].Samples, "shared")
	toyExperiment(t).Share(nil, nil, nil) // no parameter is swept
}
