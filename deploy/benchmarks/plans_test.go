package benchmarks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/require"
)

// The data sets and the tensor at which the classifier is cut.
const (
	detector   = "ssd-mobilenet-v1-300"
	classifier = "vehicle-classifier"
	pictures   = "vehicle-renderings"
	cutBytes   = 4 * 32 * 48 * 48
)

// The devices of all plans.
const (
	endpoint = "endpoint"
	server   = "server"
)

// model reads a model of the cache.
func model(tb testing.TB, name string) *compile.Model {
	tb.Helper()
	dir, err := dataset(name)
	require.NoError(tb, err)
	data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	require.NoError(tb, err)
	m, err := onnx.Parse(data)
	require.NoError(tb, err)
	pm, err := compile.NewModel(m)
	require.NoError(tb, err)
	return pm
}

// compile makes the plan of a single-stream run in which actors up to and including
// through lie on the endpoint and the rest on the server, over an unshaped link; with
// an empty through, all lie on the endpoint.
func compiled(tb testing.TB, app planfile.Application, m *compile.Model, through string, frames int64) (
	*plan.Plan, compile.Models,
) {
	tb.Helper()
	unit := []plan.Unit{{Name: "cpu", Threads: 1}}
	f := &planfile.File{
		Plan: "bench " + app.Name, Application: app,
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: endpoint, Role: plan.Endpoint, Units: unit}},
		},
		Instances: []planfile.Instance{{Mapping: []planfile.Assign{{Unit: endpoint + ".cpu"}}}},
		Workload:  plan.Workload{Kind: plan.SingleStream, Frames: frames},
	}
	if through != "" {
		f.Platform.Devices = append(f.Platform.Devices, plan.Device{Name: server, Role: plan.Server, Units: unit})
		f.Platform.Links = []plan.Link{{Name: "unshaped", Between: []string{endpoint, server}}}
		f.Instances[0].Mapping = []planfile.Assign{{Unit: endpoint + ".cpu", Through: through}, {Unit: server + ".cpu"}}
	}
	models := compile.Models{}
	for _, a := range app.Actors {
		if a.Model != "" {
			models[a.Model] = m
		}
	}
	p, err := compile.Compile(f, models)
	require.NoError(tb, err)
	return p, models
}

// cutAt returns the name of the actor after which one tensor of n bytes is sent.
func cutAt(tb testing.TB, actor string, m *compile.Model, n int64) string {
	tb.Helper()
	for _, c := range m.Cuts[1:] {
		if c.Bytes() == n {
			return actor + "/" + c.Name
		}
	}
	tb.Fatalf("model %s has no cut of %d bytes", actor, n)
	return ""
}

// segments returns the sub-models of a plan in the order of its actors.
func segments(tb testing.TB, p *plan.Plan, models compile.Models) [][]byte {
	tb.Helper()
	var all [][]byte
	for a, w := range p.Work {
		if w.Model == "" {
			continue
		}
		s, err := models.Segment(p, a)
		require.NoError(tb, err)
		all = append(all, s)
	}
	return all
}
