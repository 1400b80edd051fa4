package metrics

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = int64(time.Millisecond)

// testPlan has one instance: cam and head on the endpoint, tail and sink on the
// server, joined by FIFOs 0 (cam-head), 1 (head-tail, a boundary), 2 (tail-sink)
// and 3 (sink-cam, a boundary with a delay token).
func testPlan(warmup int64) *plan.Plan {
	f32 := graph.TokenType{Elem: "float32", Shape: []int64{250}}
	done := graph.TokenType{Elem: "uint8", Shape: []int64{1}}
	port := func(name string, t graph.TokenType) []graph.Port {
		return []graph.Port{{Name: name, LRL: 1, URL: 1, Type: t}}
	}
	actor := func(name string, in, out graph.TokenType) graph.Actor {
		return graph.Actor{Name: name, In: port("in", in), Out: port("out", out)}
	}
	sink := actor("sink", f32, done)
	sink.Out[0].Feedback = true
	return &plan.Plan{
		Name: "test",
		Graph: &graph.Graph{
			Actors: []graph.Actor{actor("cam", done, f32), actor("head", f32, f32), actor("tail", f32, f32),
				sink},
			FIFOs: []graph.FIFO{{From: 0, To: 1, Capacity: 1}, {From: 1, To: 2, Capacity: 1},
				{From: 2, To: 3, Capacity: 1}, {From: 3, To: 0, Delay: 1, Capacity: 1}},
		},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: "board", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu", Slowdown: 1}}},
				{Name: "server", Role: plan.Server, Units: []plan.Unit{{Name: "cpu", Slowdown: 1}}}},
			Links: []plan.Link{{Name: "wired", Between: []string{"board", "server"}}},
		},
		Work:     []plan.Work{{Device: 0, Source: true}, {Device: 0}, {Device: 1}, {Device: 1, Sink: true}},
		Routes:   []int{-1, 0, -1, 0},
		Workload: plan.Workload{Kind: plan.SingleStream, Frames: 10, Warmup: warmup},
	}
}

func firing(device, name string, actor int, frame, start, end int64) trace.Event {
	return trace.Event{Kind: trace.Firing, Device: device, Name: name, Actor: actor, FIFO: -1, Frame: frame, Start: start,
		End: end}
}

// oneFrame is frame n, entered at t ms: cam 2 ms, head of the given length,
// a send of 10 ms that begins 1 ms before head ends, received 3 ms after its end, tail 5 ms and
// sink 1 ms without gaps. Endpoint time: 2 + head + 9 ms. Latency: 2 + head - 1
// + 13 + 6 ms.
func oneFrame(n, t, head int64) []trace.Event {
	h := t + 2 + head
	return []trace.Event{
		firing("board", "cam", 0, n, t*ms, (t+2)*ms),
		firing("board", "head", 1, n, (t+2)*ms, h*ms),
		{Kind: trace.Send, Device: "board", Actor: -1, FIFO: 1, Frame: n, Start: (h - 1) * ms, End: (h + 9) * ms,
			Bytes: 1000},
		{Kind: trace.Recv, Device: "server", Actor: -1, FIFO: 1, Frame: n, Start: (h + 12) * ms, End: (h + 12) * ms,
			Bytes: 1000},
		{Kind: trace.Ack, Device: "board", Actor: -1, FIFO: 1, Frame: n, Start: (h + 18) * ms, End: (h + 18) * ms},
		firing("server", "tail", 2, n, (h+12)*ms, (h+17)*ms),
		firing("server", "sink", 3, n, (h+17)*ms, (h+18)*ms),
		{Kind: trace.Send, Device: "server", Actor: -1, FIFO: 3, Frame: n, Start: (h + 18) * ms, End: (h + 19) * ms,
			Bytes: 1},
	}
}

// frames is one frame every 100 ms with the given lengths of head, in ms.
func frames(heads ...int64) *trace.Trace {
	t := &trace.Trace{}
	for n, h := range heads {
		t.Events = append(t.Events, oneFrame(int64(n), int64(n)*100, h)...)
	}
	return t
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	assert.LessOrEqual(t, math.Abs(got-want), 1e-9, what)
}

func TestMeasure(t *testing.T) {
	o, err := Measure(testPlan(1), frames(50, 10, 30, 20), "")
	require.NoError(t, err)
	near(t, "endpoint time", o.EndpointTime.Median, 0.031) // 2 + 20 + 9 ms
	near(t, "smallest endpoint time", o.EndpointTime.Min, 0.021)
	near(t, "largest endpoint time", o.EndpointTime.Max, 0.041)
	near(t, "latency", o.Latency.Median, 0.040) // 2 + 20 + 18 ms
	// Sinks end at 130, 250 and 340 ms.
	near(t, "throughput", o.Throughput.Value, 2/0.210)
	assert.Greater(t, o.Throughput.Spread(), float64(0), "spread of the throughput")
	assert.EqualValues(t, 1000, o.BoundaryBytes, "bytes %d, stat", o.BoundaryBytes)
	assert.Equal(t, 3, o.EndpointTime.N, "bytes %d, stat", o.BoundaryBytes)
	assert.Equal(t, "limit of frames", o.EndpointTime.Stop, "bytes %d, stat", o.BoundaryBytes)
	want := []struct {
		name string
		kind result.PartKind
		on   bool
		time float64
	}{
		{"cam", result.Segment, true, 0.002},
		{"head", result.Segment, true, 0.020},
		{"tail", result.Segment, false, 0.005},
		{"sink", result.Segment, false, 0.001},
		{"head.out->tail.in", result.Link, true, 0.010},
		{"head.out->tail.in", result.OneWay, false, 0.013},
	}
	require.Len(t, o.Parts, len(want), "parts")
	for i, w := range want {
		p := o.Parts[i]
		assert.Equal(t, w.name, p.Name, "part %d", i)
		assert.Equal(t, w.kind, p.Kind, "part %d", i)
		assert.Equal(t, w.on, p.OnEndpoint, "part %d", i)
		near(t, w.name, p.Time.Median, w.time)
	}
}

func TestMeasureCameraCountsTheWait(t *testing.T) {
	p := testPlan(0)
	p.Workload.Kind, p.Workload.Period = plan.Camera, 90*time.Millisecond
	o, err := Measure(p, frames(20, 20, 20), "")
	require.NoError(t, err)
	near(t, "first latency", o.Latency.Min, 0.040)
	near(t, "latency of frame 2, released at 180 ms, begun at 200 ms", o.Latency.Max, 0.060)
}

func TestMeasurePicksTheInstance(t *testing.T) {
	p := testPlan(0)
	for i := range p.Work {
		p.Work[i].Instance = "a"
	}
	other := testPlan(0)
	base := len(p.Graph.Actors)
	for i, w := range other.Work {
		w.Instance = "b"
		p.Work = append(p.Work, w)
		p.Graph.Actors = append(p.Graph.Actors, other.Graph.Actors[i])
	}
	for _, f := range other.Graph.FIFOs {
		f.From, f.To = f.From+base, f.To+base
		p.Graph.FIFOs = append(p.Graph.FIFOs, f)
	}
	tr := frames(20, 20)
	for _, e := range frames(40, 40).Events {
		if e.Actor >= 0 {
			e.Actor += base
		} else {
			e.FIFO += base
		}
		tr.Events = append(tr.Events, e)
	}
	require.Equal(t, []string{"a", "b"}, Instances(p), "instances")
	for name, want := range map[string]float64{"a": 0.031, "b": 0.051} {
		o, err := Measure(p, tr, name)
		require.NoError(t, err)
		near(t, name, o.EndpointTime.Median, want)
	}
}

func TestMeasureErrors(t *testing.T) {
	without := func(i int) func(*trace.Trace) {
		return func(t *trace.Trace) { t.Events = slices.Delete(t.Events, i, i+1) }
	}
	for _, c := range []struct {
		name     string
		instance string
		warmup   int64
		change   func(*trace.Trace)
		want     error
		text     string
	}{
		{"unknown instance", "x", 0, nil, ErrInstance, `"x"`},
		{"nothing but warm-up", "", 3, nil, ErrTooFew, "workload.frames"},
		{"one frame", "", 2, nil, ErrTooFew, "1 after 2"},
		{"empty trace", "", 0, func(t *trace.Trace) { t.Events = nil }, ErrTooFew, "0 after"},
		{"no sink firing", "", 0, without(6), ErrMissing, "firing of sink"},
		{"no send", "", 0, without(2), ErrMissing, "send of head.out->tail.in"},
		{"no recv", "", 0, without(3), ErrMissing, "recv of head.out->tail.in"},
		{"lost frame", "", 0, func(t *trace.Trace) { t.Events = slices.Delete(t.Events, 8, 16) }, ErrMissing, "frame 1"},
		{"doubled firing", "", 0, func(t *trace.Trace) { t.Events = append(t.Events, t.Events[5]) }, ErrDoubled,
			"firing of tail"},
		{"doubled token", "", 0, func(t *trace.Trace) { t.Events = append(t.Events, t.Events[3]) }, ErrDoubled, "recv of"},
		{"no time passes", "", 0, func(t *trace.Trace) {
			for i := range t.Events {
				t.Events[i].Start, t.Events[i].End = 0, 0
			}
		}, ErrMissing, "time between"},
	} {
		tr := frames(10, 10, 10)
		if c.change != nil {
			c.change(tr)
		}
		_, err := Measure(testPlan(c.warmup), tr, c.instance)
		require.ErrorIs(t, err, c.want, c.name)
		assert.Contains(t, err.Error(), c.text, c.name)
	}
}

func TestMeasurePartialLeavesUnfinishedFramesOut(t *testing.T) {
	tr := frames(20, 20, 20)
	tr.Partial = "agent server died"
	tr.Events = tr.Events[:len(tr.Events)-3] // frame 2 never reached the tail
	o, err := Measure(testPlan(0), tr, "")
	require.NoError(t, err)
	assert.Equal(t, 2, o.EndpointTime.N)
	assert.Equal(t, "ended early: agent server died", o.EndpointTime.Stop)
}

func TestInstanceWithTwoEndpoints(t *testing.T) {
	p := testPlan(0)
	p.Work[3].Source = true
	_, err := Measure(p, frames(1, 1), "")
	require.ErrorIs(t, err, ErrInstance)
	assert.Contains(t, err.Error(), "board and server")
}

func TestEnough(t *testing.T) {
	steady := []int64{90, 20, 20, 20, 20, 20, 20, 20, 20}
	noisy := []int64{90, 20, 90, 20, 90, 20, 90, 20, 90}
	for _, c := range []struct {
		name string
		w    plan.Workload
		head []int64
		cut  int // events left out at the end
		want bool
	}{
		{"steady", plan.Workload{Frames: 40, Warmup: 1, MinFrames: 8, Precision: 0.02}, steady, 0, true},
		{"last frame under way", plan.Workload{Frames: 40, Warmup: 1, MinFrames: 8, Precision: 0.02}, steady, 2, false},
		{"too few", plan.Workload{Frames: 40, Warmup: 1, MinFrames: 9, Precision: 0.02}, steady, 0, false},
		{"noisy", plan.Workload{Frames: 40, Warmup: 1, MinFrames: 8, Precision: 0.02}, noisy, 0, false},
		{"no precision", plan.Workload{Frames: 40, Warmup: 1, MinFrames: 8}, steady, 0, false},
		{"limit reached", plan.Workload{Frames: 9, Warmup: 1, MinFrames: 8, Precision: 0.02}, noisy, 0, true},
		{"nothing yet", plan.Workload{Frames: 9, MinFrames: 8, Precision: 0.02}, nil, 0, false},
	} {
		p := testPlan(0)
		p.Workload = c.w
		tr := frames(c.head...)
		tr.Events = tr.Events[:len(tr.Events)-c.cut]
		assert.Equal(t, c.want, Enough(p, tr), c.name)
	}
}

func TestStopReason(t *testing.T) {
	p := testPlan(0)
	p.Workload.Precision, p.Workload.MinFrames = 0.02, 8
	o, err := Measure(p, frames(20, 20, 20, 20, 20, 20, 20, 20), "")
	require.NoError(t, err)
	assert.Equal(t, "interval of the median within 2 %", o.Latency.Stop, "stop")
}

// A FIFO with delay tokens that the graph itself has brings data: the time that it occupies
// the endpoint counts. That which only lets the source go on doesn't.
func TestDataOfACycleCounts(t *testing.T) {
	p := testPlan(0)
	p.Graph.FIFOs[1].Delay = 1
	o, err := Measure(p, frames(20, 20, 20, 20, 20, 20), "")
	require.NoError(t, err)
	assert.InDelta(t, 0.031, o.EndpointTime.Median, 1e-9, "2 + 20 + 9 ms")
	assert.EqualValues(t, 1000, o.BoundaryBytes)
}

// Time for which firings waited for the run's own records is no secret of the trace.
func TestOutcomeSaysWhatWaitedForRecords(t *testing.T) {
	tr := frames(50, 10, 30, 20)
	o, err := Measure(testPlan(1), tr, "")
	require.NoError(t, err)
	assert.Empty(t, o.Waited)
	tr.Waited = []trace.Waited{{Device: "d0", Ns: 12e6}}
	o, err = Measure(testPlan(1), tr, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"device d0: firings waited 12ms in all for records of the run to be sent"}, o.Waited)
}

// Copies are counted: sorted as text, the tenth would stand before the second.
func TestInstancesInTheOrderOfThePlan(t *testing.T) {
	p := &plan.Plan{}
	for _, name := range []string{"cam-1", "cam-2", "cam-2", "cam-10", "cam-1", "a"} {
		p.Work = append(p.Work, plan.Work{Instance: name})
	}
	assert.Equal(t, []string{"cam-1", "cam-2", "cam-10", "a"}, Instances(p))
}
