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

// withModel puts another model in the good plan, fed and read by the sink as given.
func withModel(tb testing.TB, name string, inputs, outputs []string, mapping []planfile.Assign) *planfile.File {
	f := plantest.Good(tb)
	app := &f.Application
	app.Actors = slices.Clone(app.Actors[1:]) // without the camera: normalise is the source
	app.Actors[0].In, app.Actors[0].Out, app.Actors[2].In = nil, nil, nil
	app.Actors[1].Model, app.FIFOs = name, nil
	for _, in := range inputs {
		app.Actors[0].Out = append(app.Actors[0].Out, planfile.PortSpec{Port: in, Type: "float32[1,3,8,8]"})
		app.FIFOs = append(app.FIFOs, planfile.FIFOSpec{From: "normalise." + in, To: "net." + in})
	}
	for _, out := range outputs {
		app.Actors[2].In = append(app.Actors[2].In, planfile.PortSpec{Port: out})
		app.FIFOs = append(app.FIFOs, planfile.FIFOSpec{From: "net." + out, To: "sink." + out})
	}
	f.Instances = []planfile.Instance{{Mapping: mapping}}
	f.Workload = plan.Workload{Kind: plan.Offline, Frames: 5}
	return f
}

func TestChain(t *testing.T) {
	chain, err := compile.Chain(plantest.Good(t), plantest.Models(t))
	require.NoError(t, err)
	want := []compile.ChainActor{
		{Name: "camera", Actor: "camera", Spec: 0, Segment: -1},
		{Name: "normalise", Actor: "normalise", Spec: 1, Segment: -1},
		{Name: "net/relu0", Actor: "net", Part: "relu0", Spec: 2, Segment: 0},
		{Name: "net/relu1", Actor: "net", Part: "relu1", Spec: 2, Segment: 1},
		{Name: "net/relu2", Actor: "net", Part: "relu2", Spec: 2, Segment: 2},
		{Name: "sink", Actor: "sink", Spec: 3, Segment: -1},
	}
	assert.Equal(t, want, chain, "got %v\nwant", chain)
}

// Neighbours on one unit become one actor, wherever the chain is cut.
func TestFusion(t *testing.T) {
	for _, c := range []struct {
		name, want string
		mapping    []planfile.Assign
	}{
		{"whole model", "camera@camera-box normalise@camera-box net[0:3]@camera-box sink@camera-box",
			plantest.Through("sink")},
		{"before the model", "camera@camera-box normalise@server net[0:3]@server sink@server", plantest.Through("camera")},
		{"in the model", "camera@camera-box normalise@camera-box net[0:2]@camera-box net[2:3]@server sink@server",
			plantest.Through("net/relu1")},
		{"one actor elsewhere",
			"camera@camera-box normalise@camera-box net[0:1]@camera-box net[1:2]@server net[2:3]@camera-box sink@camera-box",
			[]planfile.Assign{{Unit: "server.cpu", Actors: []string{"net/relu1"}}, {Unit: "camera-box.cpu"}}},
		{"range around a single actor",
			"camera@camera-box normalise@camera-box net[0:1]@server net[1:2]@camera-box net[2:3]@server sink@server",
			[]planfile.Assign{{Unit: "camera-box.cpu", Through: "net/relu1"},
				{Unit: "server.cpu", Actors: []string{"net/relu0"}}, {Unit: "server.cpu"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := plantest.Good(t)
			f.Instances = []planfile.Instance{{Mapping: c.mapping}}
			p := plantest.Compiled(t, f)
			got := strings.Join(plantest.Actors(p), " ")
			assert.Equal(t, c.want, got, "got  %s\nwant", got)
			for a, w := range p.Work {
				assert.Equal(t, (p.Graph.Actors[a].Kernel == "onnx"), (w.Model != ""), "%s: model %q, kernel",
					p.Graph.Actors[a].Name, w.Model)
				assert.Equal(t, (w.SHA256 != ""), (w.Model != ""), "%s: model %q, kernel", p.Graph.Actors[a].Name, w.Model)
			}
		})
	}
}

// Two units of one device are two sessions, but no boundary.
func TestTwoUnitsOfADevice(t *testing.T) {
	f := plantest.Good(t)
	f.Platform.Devices[1].Units = append(f.Platform.Devices[1].Units, plan.Unit{Name: "gpu"})
	f.Instances[0].Mapping = []planfile.Assign{{Unit: "server.gpu", Actors: []string{"net/relu1"}}, {Unit: "server.cpu"}}
	p := plantest.Compiled(t, f)
	assert.Equal(t, "camera@server normalise@server net[0:1]@server net[1:2]@server net[2:3]@server sink@server",
		strings.Join(plantest.Actors(p), " "))
	u := p.UnitOf(p.Graph.Actor("net[1:2]"))
	assert.Equal(t, "gpu", u.Name, "the gpu is %+v", *u)
	assert.Equal(t, 1, u.Lanes, "the gpu is %+v", *u)
	assert.Equal(t, 1, u.Threads, "the gpu is %+v", *u)
	assert.Equal(t, 1.0, u.Slowdown, "the gpu is %+v", *u)
	assert.Equal(t, plan.Named("cpu"), u.Provider, "the gpu is %+v", *u)
	assert.False(t, slices.ContainsFunc(p.Routes, func(link int) bool { return link != -1 }),
		"routes %v within one device", p.Routes)
}

// A cut of the detector behind relu1 sends three tensors.
func TestSeveralTensorsCross(t *testing.T) {
	f := withModel(t, "detector", []string{"image"}, []string{"boxes", "classes"}, plantest.Through("net/relu2+2"))
	p := plantest.Compiled(t, f)
	var crossing []string
	for i, link := range p.Routes {
		if link >= 0 {
			crossing = append(crossing, p.Graph.FIFOName(i))
		}
	}
	slices.Sort(crossing)
	want := []string{"net[0:3].box0->net[3:4].box0", "net[0:3].class0->net[3:4].class0", "net[0:3].relu2->net[3:4].relu2"}
	assert.Equal(t, want, crossing, "crossing %q\nwant", crossing)
	head := p.Work[p.Graph.Actor("net[0:3]")]
	assert.Equal(t, 0, head.From, "head")
	assert.Equal(t, 3, head.To, "head")
	assert.Equal(t, []string{"image"}, head.Inputs, "head")
	assert.Equal(t, []string{"box0", "class0", "relu2"}, head.Outputs, "head")
}

// A tensor that two later actors read leaves through a port for each.
func TestTensorReadTwice(t *testing.T) {
	f := withModel(t, "stereo", []string{"l", "r"}, []string{"scores"}, nil)
	chain, err := compile.Chain(f, plantest.Models(t))
	require.NoError(t, err)
	var names []string
	for _, c := range chain[1 : len(chain)-1] {
		names = append(names, c.Name)
	}
	require.Equal(t, []string{"net/left+1", "net/sum+1", "net/product", "net/scores"}, names, "chain")
	f.Platform.Devices = append(f.Platform.Devices,
		plan.Device{Name: "gateway", Role: plan.Gateway, Units: []plan.Unit{{Name: "cpu"}}})
	f.Platform.Links = append(f.Platform.Links,
		plan.Link{Name: "wireless", Between: []string{"gateway", "camera-box"}},
		plan.Link{Name: "backhaul", Between: []string{"gateway", "server"}})
	f.Instances[0].Mapping = []planfile.Assign{
		{Unit: "camera-box.cpu", Through: "net/left+1"}, {Unit: "gateway.cpu", Through: "net/sum+1"}, {Unit: "server.cpu"},
	}
	f.Instances[0].Codec = "int8"
	p := plantest.Compiled(t, f)
	a := p.Graph.Actor("net[0:1]")
	var ports []string
	for _, port := range p.Graph.Actors[a].Out {
		ports = append(ports, port.Name+" "+port.Type.String())
	}
	assert.Equal(t, []string{"left float32[1,4,8,8]", "left#1 float32[1,4,8,8]"}, ports, "ports")
	assert.Equal(t, []string{"left", "left"}, p.Work[a].Outputs, "tensors")
	for _, fifo := range []string{
		"net[0:1].left->encode(net[0:1].left).in", "decode(net[0:1].left).out->net[1:2].left",
		"net[0:1].left#1->encode(net[0:1].left#1).in", "decode(net[0:1].left#1).out->net[2:4].left",
	} {
		assert.Contains(t, plantest.FIFOs(p), fifo, "there is no FIFO %s", fifo)
	}
}

// Under a single-stream workload a FIFO with one delay token closes the loop.
func TestFeedback(t *testing.T) {
	for _, kind := range []plan.WorkloadKind{plan.SingleStream, plan.Offline, plan.Camera} {
		f := plantest.Good(t)
		f.Workload = plan.Workload{Kind: kind, Frames: 9}
		if kind == plan.Camera {
			f.Workload.Period = 1e8
		}
		p := plantest.Compiled(t, f)
		camera, sink := p.Graph.Actor("camera"), p.Graph.Actor("sink")
		i := slices.Index(plantest.FIFOs(p), "sink.done->camera.go")
		if kind != plan.SingleStream {
			assert.Negative(t, i, "%s has a feedback FIFO", kind)
			require.Empty(t, p.Graph.Actors[camera].In, "%s has a feedback FIFO", kind)
			assert.Empty(t, p.Graph.Actors[sink].Out, "%s has a feedback FIFO", kind)
			continue
		}
		require.GreaterOrEqual(t, i, 0, "no feedback FIFO in %q", plantest.FIFOs(p))
		want := graph.FIFO{From: sink, To: camera, Delay: 1, Capacity: 2} // room for one to cross beside the delay token
		assert.Equal(t, want, p.Graph.FIFOs[i], "feedback %+v of %s over link %d, want %+v over link 0", p.Graph.FIFOs[i],
			p.Graph.Type(i), p.Routes[i], want)
		assert.Equal(t, "uint8[1]", p.Graph.Type(i).String(), "feedback %+v of %s over link %d, want %+v over link 0",
			p.Graph.FIFOs[i], p.Graph.Type(i), p.Routes[i], want)
		assert.Equal(t, 0, p.Routes[i], "feedback %+v of %s over link %d, want %+v over link 0", p.Graph.FIFOs[i],
			p.Graph.Type(i), p.Routes[i], want)
		require.True(t, p.Work[camera].Source, "source and sink are not marked")
		assert.True(t, p.Work[sink].Sink, "source and sink are not marked")
	}
}

func TestInstances(t *testing.T) {
	f := plantest.Good(t)
	f.Platform.Devices = append(f.Platform.Devices,
		plan.Device{Name: "other", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu"}}})
	f.Platform.Links = append(f.Platform.Links, plan.Link{Name: "wireless", Between: []string{"server", "other"}})
	f.Instances = []planfile.Instance{
		{Name: "a", Mapping: plantest.Through("camera"), Codec: "jpeg"},
		{Name: "b", Mapping: []planfile.Assign{{Unit: "other.cpu", Through: "net/relu2"}, {Unit: "server.cpu"}}},
	}
	p := plantest.Compiled(t, f)
	want := "a/camera@camera-box a/normalise@server a/net[0:3]@server a/sink@server a/encode(camera.frame)@camera-box " +
		"a/decode(camera.frame)@server " +
		"b/camera@other b/normalise@other b/net[0:3]@other b/sink@server"
	got := strings.Join(plantest.Actors(p), " ")
	assert.Equal(t, want, got, "got  %s\nwant", got)
	feedbacks := 0
	for i, q := range p.Graph.FIFOs {
		assert.Equal(t, p.Work[q.To].Instance, p.Work[q.From].Instance, "%s joins two instances", p.Graph.FIFOName(i))
		from, to := p.DeviceOf(q.From).Name, p.DeviceOf(q.To).Name
		assert.Equal(t, p.Platform.Link(from, to), p.Routes[i], "%s from %s to %s goes over link", p.Graph.FIFOName(i), from,
			to)
		feedbacks += q.Delay
	}
	assert.Equal(t, 2, feedbacks, "%d feedback FIFOs, want 2", feedbacks)
}
