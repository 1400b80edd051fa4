package plan_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/slice"
)

func TestSlices(t *testing.T) {
	f := plantest.Good(t)
	f.Platform.Devices = append(f.Platform.Devices, plan.Device{Name: "idle", Role: plan.Gateway, Units: []plan.Unit{{Name: "cpu"}}})
	f.Instances[0].Codec = ""
	f.Workload = plan.Workload{Kind: plan.Camera, Frames: 20, Period: 40 * time.Millisecond}
	p := plantest.Compiled(t, f)
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
		f := plantest.Good(t)
		c.link.Between = f.Platform.Links[0].Between
		f.Platform.Devices[0].Units[0].Slowdown, f.Platform.Links[0] = c.slowdown, c.link
		f.Instances[0].Mapping = plantest.Through(c.last)
		if got := plantest.Compiled(t, f).Emulated(); got != c.want {
			t.Errorf("%s: emulated %v, want %v", c.name, got, c.want)
		}
	}
}

// A plan survives JSON, but for its sub-models; numbers among the parameters
// become float64.
func TestJSON(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
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
	if _, err := plantest.Models(t).Segment(&q, a); err != nil {
		t.Errorf("segment of a decoded plan: %v", err)
	}
}

// Results and states are recorded; sources end with the workload.
func TestDurable(t *testing.T) {
	p := plantest.Compiled(t, plantest.Gated(t))
	for _, s := range p.Slices() {
		for _, a := range s.Actors {
			name := p.Graph.Actors[a.Actor].Name
			if want := name == "sink" || name == "merge"; a.Durable != want {
				t.Errorf("%s: durable %v", name, a.Durable)
			}
			if want := name == "camera"; (a.Limit == 20) != want {
				t.Errorf("%s: limit %d", name, a.Limit)
			}
		}
	}
}
