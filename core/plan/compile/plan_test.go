package compile_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/goccy/go-yaml"
)

func TestSlices(t *testing.T) {
	f := good(t)
	f.Platform.Devices = append(f.Platform.Devices, plan.Device{Name: "idle", Role: plan.Gateway, Units: []plan.Unit{{Name: "cpu"}}})
	f.Instances[0].Codec = ""
	f.Workload = plan.Workload{Kind: plan.Camera, Frames: 20, Period: 40 * time.Millisecond}
	p := compiled(t, f)
	all := p.Slices()
	if len(all) != 2 || all[0].Device != "camera-box" || all[1].Device != "server" {
		t.Fatalf("got %d slices, want those of camera-box and server", len(all))
	}
	type fifo struct {
		name, peer string
		role       slice.Role
	}
	for i, want := range [][]fifo{
		{{"camera.frame->normalise.frame", "", slice.Local}, {"net[0:1].relu0->net[1:3].relu0", "server", slice.TX}, {"normalise.image->net[0:1].image", "", slice.Local}},
		{{"net[0:1].relu0->net[1:3].relu0", "camera-box", slice.RX}, {"net[1:3].relu2->sink.result", "", slice.Local}},
	} {
		var got []fifo
		for _, q := range all[i].FIFOs {
			got = append(got, fifo{p.Graph.FIFOName(q.FIFO), q.Peer, q.Role})
		}
		slices.SortFunc(got, func(a, b fifo) int { return slices.Compare([]byte(a.name), []byte(b.name)) })
		if !slices.Equal(got, want) {
			t.Errorf("FIFOs of %s: %v\nwant %v", all[i].Device, got, want)
		}
	}
	if want := []slice.Actor{{Actor: 0, Limit: 20, PeriodNs: 40e6}, {Actor: 1}, {Actor: 2}}; !slices.Equal(all[0].Actors, want) {
		t.Errorf("actors of camera-box: %v, want %v", all[0].Actors, want)
	}
	if want := []slice.Unit{{Name: "cpu", Lanes: 2}}; !slices.Equal(all[1].Units, want) || all[1].Graph != p.Graph {
		t.Errorf("units of server: %v, want %v", all[1].Units, want)
	}
}

// costKey returns the cost key of one actor after a change to the good plan.
func costKey(t *testing.T, actor string, change func(f *planfile.File)) string {
	t.Helper()
	f := good(t)
	change(f)
	p := compiled(t, f)
	a := p.Graph.Actor(actor)
	if a < 0 || p.Work[a].CostKey == "" {
		t.Fatalf("no cost of actor %s in %q", actor, actors(p))
	}
	return p.Work[a].CostKey
}

// renamed names the ports of normalise.
func renamed(in, out string) func(*planfile.File) {
	return func(f *planfile.File) {
		a := &f.Application.Actors[1]
		a.In, a.Out = slices.Clone(a.In), slices.Clone(a.Out)
		a.In[0].Port, a.Out[0].Port = in, out
		f.Application.FIFOs[0].To, f.Application.FIFOs[1].From = "normalise."+in, "normalise."+out
	}
}

// larger makes the pictures larger that the camera gives.
func larger(change func(*planfile.File)) func(*planfile.File) {
	return func(f *planfile.File) {
		change(f)
		f.Application.Actors[0].Out[0].Type = "uint8[16,16,3]"
	}
}

func TestCostKeys(t *testing.T) {
	server := func(change func(u *plan.Unit)) func(f *planfile.File) {
		return func(f *planfile.File) { change(&f.Platform.Devices[1].Units[0]) }
	}
	same := func(*planfile.File) {}
	for _, c := range []struct {
		name, actor, other string
		change             func(f *planfile.File)
		equal              bool
	}{
		{"again", "net[1:3]", "net[1:3]", same, true},
		{"slowdown", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Slowdown = 9 }), true},
		{"lanes", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Lanes = 9 }), true},
		{"threads", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Threads = 9 }), false},
		{"spin", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Spin = true }), false},
		{"provider", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Provider = "cuda" }), false},
		{"segment", "net[1:3]", "net[0:1]", same, false},
		{"longer segment", "net[1:3]", "net[2:3]", func(f *planfile.File) { f.Instances[0].Mapping = through("net/relu1") }, false},
		{"feedback", "sink", "sink", func(f *planfile.File) { f.Workload.Kind = plan.Offline }, true},
		// Only what is put in to hold the source back costs nothing, not a port of its name.
		{"port named go", "normalise", "normalise", renamed("go", "done"), true},
		{"size of ports named go and done", "normalise", "normalise", larger(renamed("go", "done")), false},
		{"parameters", "normalise", "normalise", func(f *planfile.File) { f.Application.Actors[1].Params["mean"] = 0.25 }, false},
		{"kernel", "normalise", "normalise", func(f *planfile.File) { f.Application.Actors[1].Kernel = "other" }, false},
		{"names", "normalise", "normalise", func(f *planfile.File) {
			f.Plan, f.Application.Name, f.Platform.Devices[0].Role = "x", "y", plan.Gateway
		}, true},
		{"direction", "encode(net[0:1].relu0)", "decode(net[0:1].relu0)", server(func(u *plan.Unit) { u.Threads = 1 }), false},
		{"codec", "encode(net[0:1].relu0)", "encode(net[0:1].relu0)", func(f *planfile.File) { f.Instances[0].Codec = "int8" }, false},
		{"size", "encode(net[0:1].relu0)", "encode(normalise.image)", func(f *planfile.File) { f.Instances[0].Mapping = through("normalise") }, false},
	} {
		a, b := costKey(t, c.actor, same), costKey(t, c.other, c.change)
		if (a == b) != c.equal {
			t.Errorf("%s: keys %q and %q, want equal %v", c.name, a, b, c.equal)
		}
	}
}

func TestEmulated(t *testing.T) {
	for _, c := range []struct {
		name     string
		slowdown float64
		link     plan.Link
		last     string
		want     bool
	}{
		{"real", 0, plan.Link{}, "camera", false},
		{"slowed", 2, plan.Link{}, "camera", true},
		{"bandwidth", 1, plan.Link{BandwidthBytesPerSec: 1e6}, "camera", true},
		{"latency", 1, plan.Link{Latency: time.Millisecond}, "camera", true},
		{"shaped link not used", 1, plan.Link{Latency: time.Millisecond}, "sink", false},
	} {
		f := good(t)
		c.link.Between = f.Platform.Links[0].Between
		f.Platform.Devices[0].Units[0].Slowdown, f.Platform.Links[0] = c.slowdown, c.link
		f.Instances[0].Mapping = through(c.last)
		if got := compiled(t, f).Emulated(); got != c.want {
			t.Errorf("%s: emulated %v, want %v", c.name, got, c.want)
		}
	}
}

func TestSegment(t *testing.T) {
	p := compiled(t, good(t))
	a := p.Graph.Actor("net[1:3]")
	data, err := allModels(t).Segment(p, a)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	in, out := m.Inputs(), m.Outputs()
	if len(in) != 1 || len(out) != 1 || in[0].Name != p.Work[a].Inputs[0] || out[0].Name != p.Work[a].Outputs[0] || work.MACs(m) != 64*4*36+64*2*36 {
		t.Errorf("segment from %v to %v with %d MACs", in, out, work.MACs(m))
	}
	if _, err := allModels(t).Segment(p, p.Graph.Actor("camera")); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment of the camera: %v", err)
	}
	if _, err := (compile.Models{}).Segment(p, a); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment without models: %v", err)
	}
	other := compile.Models{"classifier": allModels(t)["detector"]}
	if _, err := other.Segment(p, a); !errors.Is(err, compile.ErrNoModel) {
		t.Errorf("segment of another model: %v", err)
	}
}

// A plan survives JSON, but for its sub-models; numbers among the parameters
// become float64.
func TestJSON(t *testing.T) {
	p := compiled(t, good(t))
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var q plan.Plan
	if err := json.Unmarshal(data, &q); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&q)
	if err != nil || string(again) != string(data) {
		t.Errorf("second writing differs (%v):\n%s\n%s", err, data, again)
	}
	if !reflect.DeepEqual(q.Work, p.Work) || !reflect.DeepEqual(q.Routes, p.Routes) || !reflect.DeepEqual(q.Graph.FIFOs, p.Graph.FIFOs) || !reflect.DeepEqual(q.Workload, p.Workload) {
		t.Errorf("got %+v\nwant %+v", q, *p)
	}
	if got := q.Graph.Actors[q.Graph.Actor("normalise")].Params["scale"]; got != 2.0 {
		t.Errorf("scale is %v of type %T", got, got)
	}
	a := q.Graph.Actor("net[1:3]")
	if _, err := allModels(t).Segment(&q, a); err != nil {
		t.Errorf("segment of a decoded plan: %v", err)
	}
}

// forget clears the places in the file, which differ when it is written anew.
func forget(p *plan.Plan) {
	for i := range p.Graph.Actors {
		p.Graph.Actors[i].Pos = graph.Pos{}
	}
	for i := range p.Graph.FIFOs {
		p.Graph.FIFOs[i].Pos = graph.Pos{}
	}
}

// A file that a program made can be written and read again.
func TestYAML(t *testing.T) {
	f := good(t)
	f.Plan = "a: b # 'c' \"d\""
	f.Seed = 1<<64 - 1
	f.Application.Actors[1].Params = map[string]any{"mean": []any{0.485, 1.0, -2.5e-7}, "text": "1e3", "yes": "no", "n": uint64(3), "on": true, "nested": map[string]any{"k": "~"}}
	f.Application.FIFOs[0].Delay, f.Application.FIFOs[0].Capacity = 1, 4
	f.Application.Actors[1].State = true
	l := &f.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency, l.Duplex, l.Unverified = 1e6/3, 2*time.Hour+1500*time.Microsecond+7, plan.Half, "from memory: 100 %"
	f.Platform.Devices[1].Units[0].Spin, f.Platform.Devices[0].Units[0].Slowdown = true, 17.123456789012345
	f.Instances[0].Mapping = []planfile.Assign{{Unit: "server.cpu", Actors: []string{"net/relu0"}}, {Unit: "camera-box.cpu"}}
	f.Workload = plan.Workload{Kind: plan.Camera, Frames: 1 << 40, Period: 33333333 * time.Nanosecond, Precision: 0.02, MinFrames: 8, Warmup: 3}
	data, err := yaml.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	g, err := planfile.Parse("again.yaml", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	p, q := compiled(t, f), compiled(t, g)
	forget(p)
	forget(q)
	a, errA := json.Marshal(p)
	b, errB := json.Marshal(q)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("plans differ (%v, %v):\n%s\n%s\nby way of\n%s", errA, errB, a, b, data)
	}
}
