package compile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFallbackErrors(t *testing.T) {
	for _, c := range []struct {
		name, words string
		spoil       func(f *planfile.File)
	}{
		{"time", "a fallback after 0s; expected more than 0", func(f *planfile.File) { f.Instances[0].Fallback.After = 0 }},
		{"unit", `there is no unit "gpu"`, func(f *planfile.File) { f.Instances[0].Fallback.Unit = "gpu" }},
		{"nothing to fall back from", "the instance has actors on none",
			func(f *planfile.File) { f.Instances[0].Mapping = []planfile.Assign{{Unit: "camera-box.cpu"}} }},
		{"source and sink", "actor camera on camera-box is the source, so server can't take it over; map it to server",
			func(f *planfile.File) { f.Instances[0].Fallback.Unit = "server.cpu" }},
		{"sink", "actor sink on server is the sink",
			func(f *planfile.File) { f.Instances[0].Mapping = plantest.Through("merge") }},
		{"state", "actor merge on server keeps state", func(f *planfile.File) {
			f.Instances[0].Mapping = []planfile.Assign{{Unit: "server.cpu", Actors: []string{"merge"}}, {Unit: "camera-box.cpu"}}
		}},
		{"delay tokens", "actor gate on server feeds a FIFO with delay tokens", func(f *planfile.File) {
			app := &f.Application
			app.Actors[2].Out = append(app.Actors[2].Out, planfile.PortSpec{Port: "own", Type: "uint8[1]"})
			app.Actors[2].In = append(app.Actors[2].In, planfile.PortSpec{Port: "own"})
			app.FIFOs = append(app.FIFOs, planfile.FIFOSpec{From: "gate.own", To: "gate.own", Delay: 1})
			f.Instances[0].Mapping = []planfile.Assign{{Unit: "server.cpu", Actors: []string{"gate"}}, {Unit: "camera-box.cpu"}}
		}},
		{"two times", "falls back from server after 2s in another instance", func(f *planfile.File) {
			f.Instances[0].Name = "a"
			f.Instances = append(f.Instances, f.Instances[0])
			f.Instances[1].Name, f.Instances[1].Fallback = "b", &planfile.Fallback{After: time.Second, Unit: "camera-box.cpu"}
		}},
		{"both ways", "leave one of both directions", func(f *planfile.File) {
			f.Instances[0].Name = "a"
			f.Instances = append(f.Instances,
				planfile.Instance{Name: "b", Fallback: &planfile.Fallback{After: 1, Unit: "server.cpu"}, Mapping: []planfile.Assign{
					{Unit: "camera-box.cpu", Actors: []string{"net/relu0", "net/relu1"}}, {Unit: "server.cpu"}}})
		}},
	} {
		f := plantest.WithFallback(t)
		c.spoil(f)
		_, err := compile.Compile(f, plantest.Models(t))
		require.ErrorIs(t, err, planfile.ErrMapping, c.name)
		assert.Contains(t, err.Error(), c.words, c.name)
		assert.Contains(t, err.Error(), "gated.yaml:", c.name)
	}
}

func TestChoices(t *testing.T) {
	data := `[{actor: motion, recorded: [0, 1, 1]}, {actor: motion, instance: b, rates: {0: 0.7, 1: 0.3}}]`
	f := choices(t, data)
	p := plantest.Compiled(t, f)
	for a := range p.Work {
		c := p.ChoiceOf(a)
		switch name := p.Graph.Actors[a].Name; name {
		case "a/motion":
			require.NotNil(t, c, name)
			assert.Equal(t, []int{0, 1, 1}, c.Recorded, name)
		case "b/motion":
			require.NotNil(t, c, name)
			assert.Equal(t, 0.7, c.Rates[0], name)
			assert.Equal(t, []int{0, 1}, c.ATRs(), name)
		default:
			assert.Nil(t, c, name)
		}
	}
	written, err := json.Marshal(p)
	var q plan.Plan
	if err == nil {
		err = json.Unmarshal(written, &q)
	}
	require.NoError(t, err, "through JSON")
	assert.Equal(t, p.Workload, q.Workload, "through JSON")
}

// choices returns the gated plan in two instances with the choices given.
func choices(t *testing.T, text string) *planfile.File {
	t.Helper()
	data := strings.Replace(plantest.GatedYAML, "workload: {kind: offline, frames: 20}",
		"workload: {kind: offline, frames: 20, choices: "+text+"}", 1)
	f, err := planfile.Parse("gated.yaml", []byte(data))
	require.NoError(t, err)
	f.Instances[0].Name = "a"
	f.Instances = append(f.Instances, f.Instances[0])
	f.Instances[1].Name = "b"
	return f
}

func TestChoiceErrors(t *testing.T) {
	for text, words := range map[string]string{
		`[{actor: x, recorded: [1]}]`:                                      `"x" is no actor of kind configuration`,
		`[{actor: gate, recorded: [1]}]`:                                   `"gate" is no actor of kind configuration`,
		`[{actor: motion}]`:                                                "needs either recorded",
		`[{actor: motion, recorded: [1], rates: {1: 1}}]`:                  "needs either recorded",
		`[{actor: motion, recorded: [0, 2]}]`:                              "atr 2 of actor motion; its limits are 0 and 1",
		`[{actor: motion, rates: {2: 1}}]`:                                 "atr 2 of actor motion; its limits are 0 and 1",
		`[{actor: motion, rates: {0: 0.5, 1: 0.4}}]`:                       "sum to 0.9; expected 1",
		`[{actor: motion, rates: {0: 0, 1: 1}}]`:                           "probability 0 of atr 0",
		`[{actor: motion, rates: {0: -0.5, 1: 1}}]`:                        "probability -0.5 of atr 0",
		`[{actor: motion, instance: c, recorded: [1]}]`:                    `there is no instance "c"`,
		`[{actor: motion, recorded: [1]}, {actor: motion, rates: {1: 1}}]`: "two choices for actor motion",
	} {
		_, err := compile.Compile(choices(t, text), plantest.Models(t))
		require.ErrorIs(t, err, planfile.ErrWorkload, text)
		assert.Contains(t, err.Error(), words, text)
		assert.Contains(t, err.Error(), "gated.yaml:56:", text)
	}
}
