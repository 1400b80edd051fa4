package plan_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSlices(t *testing.T) {
	f := plantest.Good(t)
	f.Platform.Devices = append(f.Platform.Devices,
		plan.Device{Name: "idle", Role: plan.Gateway, Units: []plan.Unit{{Name: "cpu"}}})
	f.Instances[0].Codec = ""
	f.Workload = plan.Workload{Kind: plan.Camera, Frames: 20, Period: 40 * time.Millisecond}
	p := plantest.Compiled(t, f)
	all := p.Slices()
	require.Len(t, all, 2, "got %d slices, want those of camera-box and server", len(all))
	require.Equal(t, "camera-box", all[0].Device, "got %d slices, want those of camera-box and server", len(all))
	require.Equal(t, "server", all[1].Device, "got %d slices, want those of camera-box and server", len(all))
	type fifo struct {
		name, peer string
		role       slice.Role
	}
	for i, want := range [][]fifo{
		{{"camera.frame->normalise.frame", "", slice.Local}, {"net[0:1].relu0->net[1:3].relu0", "server", slice.TX},
			{"normalise.image->net[0:1].image", "", slice.Local}},
		{{"net[0:1].relu0->net[1:3].relu0", "camera-box", slice.RX}, {"net[1:3].relu2->sink.result", "", slice.Local}},
	} {
		var got []fifo
		for _, q := range all[i].FIFOs {
			got = append(got, fifo{p.Graph.FIFOName(q.FIFO), q.Peer, q.Role})
		}
		slices.SortFunc(got, func(a, b fifo) int { return slices.Compare([]byte(a.name), []byte(b.name)) })
		assert.Equal(t, want, got, "FIFOs of %s: %v\nwant", all[i].Device, got)
	}
	want := []slice.Actor{{Actor: 0, Limit: 20, Arrivals: arrival.Schedule{PeriodNs: 40e6}}, {Actor: 1}, {Actor: 2}}
	assert.Equal(t, want, all[0].Actors, "actors of camera-box")
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
		{"trace", 1, plan.Link{Trace: "wifi.csv"}, "camera", true},
		{"outages", 1, plan.Link{Outages: []plan.Outage{{For: 1}}}, "camera", true},
		{"measured", 1, plan.Link{BandwidthBytesPerSec: 1e6, Profile: "lab.json"}, "camera", false},
		{"shaped link not used", 1, plan.Link{Latency: time.Millisecond}, "sink", false},
	} {
		f := plantest.Good(t)
		c.link.Name, c.link.Between = f.Platform.Links[0].Name, f.Platform.Links[0].Between
		f.Platform.Devices[0].Units[0].Slowdown, f.Platform.Links[0] = c.slowdown, c.link
		f.Instances[0].Mapping = plantest.Through(c.last)
		assert.Equal(t, c.want, plantest.Compiled(t, f).Emulated(), "%s: emulated", c.name)
	}
}

func TestLinksOnAMediumAreShaped(t *testing.T) {
	assert.True(t, (&plan.Link{Medium: "cell"}).Shaped())
}

func TestDeployedPlanTakesMeasuredLinksAsTheyAre(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
	l := &p.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency, l.Trace, l.TraceLoop = 1e6, time.Millisecond, "wifi.csv", true
	assert.Equal(t, p, p.Deployed())
	l.Profile = "lab.json"
	got := p.Deployed().Platform.Links[0]
	assert.Zero(t, got.BandwidthBytesPerSec)
	assert.Zero(t, got.Latency)
	assert.Empty(t, got.Trace)
	assert.False(t, got.TraceLoop)
	assert.Equal(t, "lab.json", got.Profile)
	assert.EqualValues(t, 1e6, l.BandwidthBytesPerSec, "the plan itself is not changed")
}

// A plan survives JSON, but for its sub-models; numbers among the parameters
// become float64.
func TestJSON(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
	data, err := json.Marshal(p)
	require.NoError(t, err)
	var q plan.Plan
	require.NoError(t, json.Unmarshal(data, &q))
	again, err := json.Marshal(&q)
	require.NoError(t, err, "second writing differs (%v):\n%s\n", err, data)
	assert.Equal(t, string(data), string(again), "second writing differs (%v):\n%s\n", err, data)
	assert.Equal(t, p.Work, q.Work, "got %+v\nwant %+v", q, *p)
	assert.Equal(t, p.Routes, q.Routes, "got %+v\nwant %+v", q, *p)
	assert.Equal(t, p.Graph.FIFOs, q.Graph.FIFOs, "got %+v\nwant %+v", q, *p)
	assert.Equal(t, p.Workload, q.Workload, "got %+v\nwant %+v", q, *p)
	got := q.Graph.Actors[q.Graph.Actor("normalise")].Params["scale"]
	assert.EqualValues(t, 2.0, got, "scale is %v of type", got)
	a := q.Graph.Actor("net[1:3]")
	_, err = plantest.Models(t).Segment(&q, a)
	assert.NoError(t, err, "segment of a decoded plan")
}

// Results and states are recorded; sources end with the workload.
func TestDurable(t *testing.T) {
	p := plantest.Compiled(t, plantest.Gated(t))
	for _, s := range p.Slices() {
		for _, a := range s.Actors {
			name := p.Graph.Actors[a.Actor].Name
			assert.Equal(t, name == "sink" || name == "merge", a.Durable, "%s: durable", name)
			assert.Equal(t, name == "camera", (a.Limit == 20), "%s: limit", name)
		}
	}
}
