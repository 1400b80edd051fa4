package compile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
)

// What a configuration actor configures, and the codecs in between, become one
// dynamic part: every member has a control port, and the server's learn their atr
// from a relay.
func TestDynamicPart(t *testing.T) {
	p := plantest.Compiled(t, plantest.Gated(t))
	parts := graph.DPGs(p.Graph)
	if len(parts) != 1 {
		t.Fatalf("%d dynamic parts", len(parts))
	}
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
		{names([]int{d.Config}), "motion"}, {names(d.Entries), "gate"}, {names(d.Exits), "merge"}, {names(d.Relays), "relay(motion@server)"},
		{names(d.Inner), "decode(net[0:1].relu0) decode(net[1:3].relu2) encode(net[0:1].relu0) encode(net[1:3].relu2) net[0:1] net[1:3]"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
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
	if !slices.Equal(crossing, want) {
		t.Errorf("crossing %q\nwant %q", crossing, want)
	}
	if d.LRL != 0 || d.URL != 1 {
		t.Errorf("limits %d to %d", d.LRL, d.URL)
	}
	for a, w := range p.Work {
		if name := p.Graph.Actors[a].Name; w.Source != (name == "camera") || w.Sink != (name == "sink") {
			t.Errorf("%s: source %v, sink %v", name, w.Source, w.Sink)
		}
	}
}

// One member on the server needs no relay.
func TestOneMemberAfar(t *testing.T) {
	f := plantest.Gated(t)
	f.Instances[0].Codec = ""
	p := plantest.Compiled(t, f)
	if !slices.Contains(plantest.FIFOs(p), "motion.control3->net[1:3].control") || strings.Contains(strings.Join(plantest.Actors(p), " "), "relay") {
		t.Errorf("FIFOs %q of %q", plantest.FIFOs(p), plantest.Actors(p))
	}
}

// A model stays one actor in an application graph, and all of its ports have its rate.
func TestGraphKeepsModelsWhole(t *testing.T) {
	f := plantest.Gated(t)
	f.Platform, f.Instances, f.Workload = plan.Platform{}, nil, plan.Workload{}
	g, err := compile.Graph(f, plantest.Models(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range g.Actors {
		names = append(names, a.Name)
	}
	if got := strings.Join(names, " "); got != "camera motion gate net merge sink" {
		t.Errorf("actors %s", got)
	}
	net := g.Actors[3]
	if net.Kind != graph.DynamicProcessing || net.Kernel != "onnx" || len(net.In) != 2 || net.In[0].LRL != 0 || !net.In[1].Control || net.Out[0].Type.String() != "float32[1,2,8,8]" {
		t.Errorf("the model became %+v", net)
	}
	for i, q := range g.FIFOs {
		if q.Capacity != graph.DefaultCapacity {
			t.Errorf("%s has room for %d tokens", g.FIFOName(i), q.Capacity)
		}
	}
	if _, err := compile.Graph(f, nil); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("without models: %v", err)
	}
	f.Application.FIFOs[4].To = "sink.x"
	if _, err := compile.Graph(f, plantest.Models(t)); !errors.Is(err, planfile.ErrActor) {
		t.Errorf("without a port: %v", err)
	}
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
		if !slices.Contains(plantest.FIFOs(p), want) {
			t.Errorf("there is no FIFO %s in %q", want, plantest.FIFOs(p))
		}
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
	if len(parts) != 2 || p.Graph.Actors[parts[1].Config].Name != "b/motion" || len(parts[0].Relays) != 1 || len(parts[1].Relays) != 0 {
		t.Errorf("parts %+v", parts)
	}
	if !slices.Contains(plantest.FIFOs(p), "b/sink.done->b/camera.go") {
		t.Errorf("no feedback in %q", plantest.FIFOs(p))
	}
}
