package compile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a configuration actor configures, and the codecs in between, become one
// dynamic part: every member has a control port, and the server's learn their atr
// from a relay.
func TestDynamicPart(t *testing.T) {
	p := plantest.Compiled(t, plantest.Gated(t))
	parts := graph.DPGs(p.Graph)
	require.Len(t, parts, 1, "%d dynamic parts", len(parts))
	names := func(actors []int) string {
		var s []string
		for _, a := range actors {
			s = append(s, p.Graph.Actors[a].Name)
		}
		slices.Sort(s)
		return strings.Join(s, " ")
	}
	d := parts[0]
	for _, c := range []struct{ got, want string }{
		{names([]int{d.Config}), "motion"}, {names(d.Entries), "gate"}, {names(d.Exits), "merge"},
		{names(d.Relays), "relay(motion@server)"},
		{names(d.Inner),
			"decode(net[0:1].relu0) decode(net[1:3].relu2) encode(net[0:1].relu0) encode(net[1:3].relu2) net[0:1] net[1:3]"},
	} {
		assert.Equal(t, c.want, c.got)
	}
	var crossing []string
	for f, link := range p.Routes {
		if link >= 0 {
			crossing = append(crossing, p.Graph.FIFOName(f))
		}
	}
	slices.Sort(crossing)
	want := []string{
		"encode(net[0:1].relu0).out->decode(net[0:1].relu0).in", "encode(net[1:3].relu2).out->decode(net[1:3].relu2).in",
		"motion.control5->relay(motion@server).control",
	}
	assert.Equal(t, want, crossing, "crossing %q\nwant", crossing)
	assert.Equal(t, 0, d.LRL, "limits %d", d.LRL)
	assert.Equal(t, 1, d.URL, "limits %d", d.LRL)
	for a, w := range p.Work {
		name := p.Graph.Actors[a].Name
		assert.Equal(t, (name == "camera"), w.Source, "%s: source %v, sink", name, w.Source)
		assert.Equal(t, (name == "sink"), w.Sink, "%s: source %v, sink", name, w.Source)
	}
}

// One member on the server needs no relay.
func TestOneMemberAfar(t *testing.T) {
	f := plantest.Gated(t)
	f.Instances[0].Codec = ""
	p := plantest.Compiled(t, f)
	assert.Contains(t, plantest.FIFOs(p), "motion.control3->net[1:3].control", "FIFOs %q", plantest.FIFOs(p))
	assert.NotContains(t, strings.Join(plantest.Actors(p), " "), "relay", "FIFOs %q", plantest.FIFOs(p))
}

// A model stays one actor in an application graph, and all of its ports have its rate.
func TestGraphKeepsModelsWhole(t *testing.T) {
	f := plantest.Gated(t)
	f.Platform, f.Instances, f.Workload = plan.Platform{}, nil, plan.Workload{}
	g, err := compile.Graph(f, plantest.Models(t))
	require.NoError(t, err)
	var names []string
	for _, a := range g.Actors {
		names = append(names, a.Name)
	}
	assert.Equal(t, "camera motion gate net merge sink", strings.Join(names, " "), "actors")
	net := g.Actors[3]
	assert.Equal(t, graph.DynamicProcessing, net.Kind, "the model became")
	assert.Equal(t, "onnx", net.Kernel, "the model became")
	require.Len(t, net.In, 2, "the model became")
	assert.Equal(t, 0, net.In[0].LRL, "the model became")
	require.True(t, net.In[1].Control, "the model became")
	assert.Equal(t, "float32[1,2,8,8]", net.Out[0].Type.String(), "the model became")
	for i, q := range g.FIFOs {
		assert.Equal(t, graph.DefaultCapacity, q.Capacity, "%s has room for %d tokens", g.FIFOName(i), q.Capacity)
	}
	_, err = compile.Graph(f, nil)
	assert.ErrorIs(t, err, compile.ErrNoModel, "without models")
	f.Application.FIFOs[4].To = "sink.x"
	_, err = compile.Graph(f, plantest.Models(t))
	assert.ErrorIs(t, err, planfile.ErrActor, "without a port")
}

// Control ports that the file writes out are kept, and codecs between the members
// learn their atr from the same configuration actor.
func TestControlWrittenOut(t *testing.T) {
	f := plantest.Gated(t)
	app := &f.Application
	app.Actors[1].Configures = nil
	app.Actors[3] = planfile.ActorSpec{Name: "net", Kernel: "cnn", Kind: graph.DynamicProcessing,
		In:  []planfile.PortSpec{{Port: "image", Rate: planfile.Rate{0, 1}}},
		Out: []planfile.PortSpec{{Port: "relu2", Type: "float32[1,2,8,8]", Rate: planfile.Rate{0, 1}}}}
	for _, a := range []int{2, 3, 4} {
		port := "to-" + app.Actors[a].Name
		app.Actors[1].Out = append(app.Actors[1].Out, planfile.PortSpec{Port: port, Control: true})
		app.Actors[a].In = append(app.Actors[a].In, planfile.PortSpec{Port: "atr", Control: true})
		app.FIFOs = append(app.FIFOs, planfile.FIFOSpec{From: "motion." + port, To: app.Actors[a].Name + ".atr"})
	}
	f.Instances[0].Mapping = []planfile.Assign{{Unit: "server.cpu", Actors: []string{"net"}}, {Unit: "camera-box.cpu"}}
	p := plantest.Compiled(t, f)
	for _, want := range []string{
		"motion.to-net->net.atr", "motion.control3->encode(gate.image).control",
		"motion.control4->decode(net.relu2).control", "relay(motion@server).control1->encode(net.relu2).control",
	} {
		assert.Contains(t, plantest.FIFOs(p), want, "there is no FIFO %s", want)
	}
}

// Instances have dynamic parts of their own, and a single-stream workload closes the
// loop around them.
func TestDynamicInstances(t *testing.T) {
	f := plantest.Gated(t)
	f.Instances[0].Name = "a"
	f.Instances = append(f.Instances, planfile.Instance{Name: "b", Mapping: []planfile.Assign{{Unit: "server.cpu"}}})
	f.Workload.Kind = plan.SingleStream
	p := plantest.Compiled(t, f)
	parts := graph.DPGs(p.Graph)
	require.Len(t, parts, 2, "parts")
	assert.Equal(t, "b/motion", p.Graph.Actors[parts[1].Config].Name, "parts")
	require.Len(t, parts[0].Relays, 1, "parts")
	assert.Empty(t, parts[1].Relays, "parts")
	assert.Contains(t, plantest.FIFOs(p), "b/sink.done->b/camera.go", "no feedback")
}
