// Package plantest has small plan files and models, and what tests of plans ask of them.
// Only tests may import it.
package plantest

import (
	_ "embed" // of the plan files
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/require"
)

// GoodYAML is a plan of a classifier cut between two devices, with a codec and a slowed unit.
//
//go:embed testdata/good.yaml
var GoodYAML string

// GatedYAML is a plan of a classifier that a motion detector configures.
//
//go:embed testdata/gated.yaml
var GatedYAML string

// Good returns GoodYAML for a test to change.
func Good(tb testing.TB) *planfile.File {
	tb.Helper()
	return parsed(tb, "good.yaml", GoodYAML)
}

// Gated returns GatedYAML for a test to change.
func Gated(tb testing.TB) *planfile.File {
	tb.Helper()
	return parsed(tb, "gated.yaml", GatedYAML)
}

// WithFallback returns the gated plan with a fallback: the camera does the server's work
// after 2 s without it.
func WithFallback(tb testing.TB) *planfile.File {
	tb.Helper()
	f := Gated(tb)
	f.Instances[0].Fallback = &planfile.Fallback{After: 2 * time.Second, Unit: "camera-box.cpu"}
	return f
}

func parsed(tb testing.TB, name, text string) *planfile.File {
	tb.Helper()
	f, err := planfile.Parse(name, []byte(text))
	require.NoError(tb, err)
	return f
}

// Models returns the models of this package by name.
func Models(tb testing.TB) compile.Models {
	tb.Helper()
	models := compile.Models{}
	for name, build := range map[string]func() (*compile.Model, error){
		"classifier": Classifier, "detector": Detector, "stereo": Stereo,
	} {
		m, err := build()
		require.NoError(tb, err, name)
		models[name] = m
	}
	return models
}

// Compiled returns the plan of a file whose models are those of Models.
func Compiled(tb testing.TB, f *planfile.File) *plan.Plan {
	tb.Helper()
	p, err := compile.Compile(f, Models(tb))
	require.NoError(tb, err)
	return p
}

// Through maps the actors up to and including one to the endpoint of the plans of this
// package, the rest to the server.
func Through(actor string) []planfile.Assign {
	return []planfile.Assign{{Unit: "camera-box.cpu", Through: actor}, {Unit: "server.cpu"}}
}

// Actors lists a plan's actors as name@device, in order.
func Actors(p *plan.Plan) []string {
	var list []string
	for a, actor := range p.Graph.Actors {
		list = append(list, actor.Name+"@"+p.DeviceOf(a).Name)
	}
	return list
}

// FIFOs lists the names of a plan's FIFOs, in order.
func FIFOs(p *plan.Plan) []string {
	var list []string
	for f := range p.Graph.FIFOs {
		list = append(list, p.Graph.FIFOName(f))
	}
	return list
}
