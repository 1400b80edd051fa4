package metrics

import (
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Actors and FIFOs of gatedPlan.
const (
	cam, look, gate, net, last, sink = 0, 1, 2, 3, 4, 5
	toNet, toLast, control           = 2, 3, 6
)

// gatedPlan has one instance whose network, on the server, runs only where look
// says so; all else, the sink too, lies on the endpoint.
func gatedPlan(t *testing.T) *plan.Plan {
	t.Helper()
	f32 := graph.TokenType{Elem: "float32", Shape: []int64{250}}
	static := func(name string) graph.Port { return graph.Port{Name: name, LRL: 1, URL: 1, Type: f32} }
	variable := func(name string) graph.Port { return graph.Port{Name: name, URL: 1, Type: f32} }
	g := &graph.Graph{Actors: []graph.Actor{
		cam:  {Name: "cam", Out: []graph.Port{static("out")}},
		look: {Name: "look", Kind: graph.Configuration, In: []graph.Port{static("in")}, Out: []graph.Port{static("out")}},
		gate: {Name: "gate", Kind: graph.Dynamic, In: []graph.Port{static("in")}, Out: []graph.Port{variable("out")}},
		net: {Name: "net", Kind: graph.DynamicProcessing, In: []graph.Port{variable("in")},
			Out: []graph.Port{variable("out")}},
		last: {Name: "last", Kind: graph.Dynamic, In: []graph.Port{variable("in")}, Out: []graph.Port{static("out")}},
		sink: {Name: "sink", In: []graph.Port{static("in")}},
	}}
	for a := range sink {
		g.FIFOs = append(g.FIFOs, graph.FIFO{From: a, To: a + 1, Capacity: 1})
	}
	for _, member := range []int{gate, net, last} {
		g.AddControl(look, member, 1, graph.Pos{})
	}
	require.NoError(t, graph.Validate(g))
	p := &plan.Plan{
		Name: "gated", Graph: g,
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: "board", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu", Slowdown: 1}}},
				{Name: "server", Role: plan.Server, Units: []plan.Unit{{Name: "cpu", Slowdown: 1}}}},
			Links: []plan.Link{{Name: "wired", Between: []string{"board", "server"}}},
		},
		Work:   make([]plan.Work, len(g.Actors)),
		Routes: []int{-1, -1, 0, 0, -1, -1, 0, -1},
	}
	p.Work[cam].Source, p.Work[sink].Sink, p.Work[net].Device = true, true, 1
	return p
}

// gatedFrame is frame n, entered at t ms: cam 1, look 2, gate 3, last 4 and sink 1
// ms; between gate and last 10 ms to the network, of which the send takes 6, the
// network's 20 and 5 ms back. The control token crosses while gate fires.
func gatedFrame(n, t int64, atr int) []trace.Event {
	cross := func(kind trace.Kind, device string, f int, from, to, bytes int64) trace.Event {
		return trace.Event{Kind: kind, Device: device, Actor: -1, FIFO: f, Frame: n, Start: from * ms, End: to * ms,
			Bytes: bytes}
	}
	chosen := firing("board", "look", look, n, (t+1)*ms, (t+3)*ms)
	chosen.Rate = atr
	events := []trace.Event{
		firing("board", "cam", cam, n, t*ms, (t+1)*ms), chosen, firing("board", "gate", gate, n, (t+3)*ms, (t+6)*ms),
		cross(trace.Send, "board", control, t+3, t+4, 4), cross(trace.Recv, "server", control, t+5, t+5, 4),
	}
	t += 6
	if atr > 0 {
		events = append(events, cross(trace.Send, "board", toNet, t, t+6, 1000),
			cross(trace.Recv, "server", toNet, t+10, t+10, 1000),
			firing("server", "net", net, n, (t+10)*ms, (t+30)*ms), cross(trace.Send, "server", toLast, t+30, t+31, 1000),
			cross(trace.Recv, "board", toLast, t+35, t+35, 1000))
		t += 35
	}
	return append(events, firing("board", "last", last, n, t*ms, (t+4)*ms),
		firing("board", "sink", sink, n, (t+4)*ms, (t+5)*ms))
}

func gatedTrace(atrs ...int) *trace.Trace {
	t := &trace.Trace{}
	for n, atr := range atrs {
		t.Events = append(t.Events, gatedFrame(int64(n), int64(n)*100, atr)...)
	}
	return t
}

// Skipped frames take 11 ms and 4 bytes, others 17 ms and 1004 bytes.
func TestModes(t *testing.T) {
	p := gatedPlan(t)
	o, err := Measure(p, gatedTrace(1, 0, 0, 1, 0, 0), "")
	require.NoError(t, err)
	require.Len(t, o.Modes, 2, "modes")
	require.Equal(t, 0, o.Modes[0].ATR, "modes")
	require.Equal(t, 1, o.Modes[1].ATR, "modes")
	require.Equal(t, 4, o.Modes[0].EndpointTime.N, "modes")
	require.Equal(t, 2, o.Modes[1].EndpointTime.N, "modes")
	near(t, "skipped", o.Modes[0].EndpointTime.Median, 0.011)
	near(t, "ran", o.Modes[1].EndpointTime.Median, 0.017)
	near(t, "mean", o.MeanEndpointTime.Value, (4*0.011+2*0.017)/6)
	near(t, "spread of equal frames", o.MeanEndpointTime.Spread(), 0)
	near(t, "share", o.Share(), 1.0/3)
	near(t, "latency", o.Latency.Median, 0.011)
	assert.EqualValues(t, (6*4+2*1000+3)/6, o.BoundaryBytes, "%d bytes", o.BoundaryBytes)
	for _, part := range o.Parts {
		want := 6
		if part.Name == "net" || strings.HasPrefix(part.Name, "gate.out") || strings.HasPrefix(part.Name, "net.out") {
			want = 2
		}
		assert.Equal(t, want, part.Time.N, "part %s has %d samples", part.Name, part.Time.N)
		if part.Name == "sink" {
			assert.True(t, part.OnEndpoint, "the sink doesn't count as on the endpoint")
		}
	}
	o, err = Measure(p, gatedTrace(0, 0, 0), "")
	require.NoError(t, err, "nothing ran")
	require.Len(t, o.Modes, 1, "nothing ran")
	assert.Equal(t, 0.0, o.Share(), "nothing ran")
	assert.EqualValues(t, 4, o.BoundaryBytes, "nothing ran")
}

// What an atr of 0 skips must not be there, and what it doesn't must be.
func TestSkippedFramesAreChecked(t *testing.T) {
	without := func(tr *trace.Trace, gone func(e trace.Event) bool) *trace.Trace {
		tr.Events = slices.DeleteFunc(tr.Events, gone)
		return tr
	}
	unasked := func(e trace.Event) *trace.Trace {
		tr := gatedTrace(1, 0, 1)
		e.Frame = 1
		tr.Events = append(tr.Events, e)
		return tr
	}
	for _, tt := range []struct {
		name string
		tr   *trace.Trace
		err  error
		says string
	}{
		{"a firing too few", without(gatedTrace(1, 0, 1),
			func(e trace.Event) bool { return e.Kind == trace.Firing && e.Actor == net && e.Frame == 2 }), ErrMissing,
			"frame 2: missing in the trace: firing of net"},
		{"a token too few", without(gatedTrace(1, 0, 1),
			func(e trace.Event) bool { return e.Kind == trace.Recv && e.FIFO == toLast && e.Frame == 2 }), ErrMissing,
			"recv of net.out->last.in"},
		{"no control token", without(gatedTrace(1, 0, 1),
			func(e trace.Event) bool { return e.FIFO == control && e.Frame == 1 }), ErrMissing,
			"send of look.control1->net.control"},
		{"an exit that slept", without(
			gatedTrace(1, 0, 1), func(e trace.Event) bool { return e.Kind == trace.Firing && e.Actor == last && e.Frame == 1 },
		), ErrMissing, "firing of last"},
		{"no choice", without(gatedTrace(1, 0, 1),
			func(e trace.Event) bool { return e.Kind == trace.Firing && e.Actor == look && e.Frame == 1 }), ErrMissing,
			"firing of look"},
		{"a firing too many", unasked(firing("server", "net", net, 1, 100*ms, 101*ms)), ErrUnasked,
			"frame 1: in the trace of a frame that skips it: firing of net"},
		{"a token too many", unasked(trace.Event{Kind: trace.Send, Device: "board", Actor: -1, FIFO: toNet, Bytes: 1000}),
			ErrUnasked, "token of gate.out->net.in"},
	} {
		_, err := Measure(gatedPlan(t), tt.tr, "")
		require.ErrorIs(t, err, tt.err, tt.name)
		assert.Contains(t, err.Error(), tt.says, tt.name)
	}
}
