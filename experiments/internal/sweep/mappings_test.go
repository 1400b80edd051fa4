package sweep

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func mappedExperiment(t *testing.T) *Experiment {
	t.Helper()
	x, err := New(exptest.Spec(t, "mapped"), exptest.Model(t))
	require.NoError(t, err)
	return x
}

// The baselines stand before every case under every codec, and a case says whether the
// raw frame leaves the endpoint.
func TestMappedCases(t *testing.T) {
	var got []string
	for _, c := range mappedExperiment(t).Cases("camera", "") {
		got = append(got, fmt.Sprintf("%s: %s %s %q raw=%v", c.Group, c.Label, c.Codec, c.Baseline, c.RawFrame))
		assert.Equal(t, "camera", c.Endpoint, "case")
		assert.Empty(t, c.Link, "case")
		assert.Equal(t, -1, c.PP, "case")
		assert.Equal(t, 1, c.Instances, "case")
	}
	want := []string{
		`: all on endpoint none "endpoint" raw=false`, `: all on server, raw none "raw" raw=true`,
		`: all on server, JPEG jpeg "jpeg" raw=true`,
		`rows: PP3 | PP4 none "" raw=false`, `rows: PP3 | PP4 fp16 "" raw=false`, `rows: PP2 | PP4 none "" raw=true`,
		`rows: PP2 | PP4 fp16 "" raw=true`,
		`parts: tail to gateway none "" raw=false`, `parts: tail to gateway fp16 "" raw=false`,
	}
	assert.Equal(t, want, got, "got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// Every case has all devices and links, slowed as asked; a group's parts divide the
// model of its cases only.
func TestMappedPlans(t *testing.T) {
	x := mappedExperiment(t)
	x.Slow("camera", 4)
	x.Slow("gateway", 2)
	on := map[string]string{}
	for _, c := range x.Cases("camera", "") {
		f := x.File(c, x.Single(2))
		p, err := compile.Compile(f, x.Models)
		require.NoError(t, err)
		d := p.Platform.Devices
		require.Len(t, d, 3, "platform")
		require.Len(t, p.Platform.Links, 3, "platform")
		assert.Equal(t, 4.0, d[0].Units[0].Slowdown, "platform")
		assert.Equal(t, 2.0, d[1].Units[0].Slowdown, "platform")
		assert.Equal(t, plan.Gateway, d[1].Role, "platform")
		assert.Equal(t, 1.0, d[2].Units[0].Slowdown, "platform")
		var all []string
		for a, actor := range p.Graph.Actors {
			if actor.Kernel != "encode" && actor.Kernel != "decode" {
				all = append(all, actor.Name+"@"+p.DeviceOf(a).Name)
			}
		}
		assert.True(t, strings.HasPrefix(
			f.Plan, "mapped/camera/"+map[string]string{"": string(c.Baseline)}[c.Group]+c.Group+"/"+c.Label,
		), "plan")
		on[c.Label] = strings.Join(all, " ")
	}
	for label, want := range map[string]string{
		"all on endpoint":    "source@camera normalise@camera net[0:3]@camera sink@camera",
		"all on server, raw": "source@camera normalise@server net[0:3]@server sink@server",
		"PP3 | PP4":          "source@camera normalise@camera net[0:1]@camera net[1:2]@gateway net[2:3]@server sink@server",
		"tail to gateway":    "source@camera normalise@camera net[head:body]@camera net[tail]@gateway sink@server",
	} {
		assert.Equal(t, want, on[label])
	}
	assert.Nil(t, x.Spec.Application.Actors[2].Parts, "the specification was changed")
}

// What can only be said of a mapping once the model is there has a place, too.
func TestMappingOfUnknownActors(t *testing.T) {
	s := exptest.Spec(t, "mapped")
	s.Mappings[1].Cases[0].Mapping[0].Actors = []string{"net/nose"}
	_, err := New(s, exptest.Model(t))
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.Contains(t, err.Error(), `experiment.yaml:43:48: bad mapping: there is no actor "net/nose"`)
	s = exptest.Spec(t, "mapped")
	s.Mappings[1].Parts[0].Makes = []string{"nothing"}
	_, err = New(s, exptest.Model(t))
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.Contains(t, err.Error(), "experiment.yaml:40:14: bad actor: part head of actor net")
}

func TestShownMapping(t *testing.T) {
	p, which, err := Shown(exptest.Spec(t, "mapped"), exptest.Model(t), nil)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(which, "of endpoint camera, rows: PP3 | PP4"))
	assert.Len(t, p.Platform.Devices, 3)
}
