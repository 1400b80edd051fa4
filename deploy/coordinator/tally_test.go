package coordinator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoInstances returns a plan of a source and a sink on each of two devices.
func twoInstances(frames int64) *plan.Plan {
	b := enginetest.NewBuilder("two", frames, 1, 1)
	for i := range 2 {
		for _, a := range b.Chain(1, 1, i, i) {
			b.Plan().Work[a].Instance = fmt.Sprint(i)
		}
	}
	return b.Plan()
}

// firing is the record of an actor's firing.
func firing(actor int32, frame, start, end int64) wire.Record {
	return wire.Record{Kind: wire.Firing, Index: actor, Frame: frame, Start: start, End: end}
}

func from(device string, b wire.Batch) *nats.Msg {
	return &nats.Msg{Subject: wire.TraceSubject(device, "c", "r"), Data: b.Append(nil)}
}

func TestTallyCountsToTheTarget(t *testing.T) {
	p := twoInstances(2)
	ta := newTally(p)
	for _, step := range []struct {
		msg     *nats.Msg
		done    bool
		counted int64
	}{
		{from("d0", wire.Batch{Epoch: 5, Records: []wire.Record{firing(0, 0, 0, 1), firing(1, 0, 1, 2)}}), false, 0},
		{from("d1", wire.Batch{Epoch: 5, Records: []wire.Record{firing(2, 0, 0, 1), firing(3, 0, 1, 2), firing(2, 1, 2, 3)}}),
			false, 1},
		{from("d0", wire.Batch{Epoch: 5, Seq: 1, Records: []wire.Record{firing(0, 1, 2, 3), firing(1, 1, 3, 4)}}), false, 1},
		{from("d1", wire.Batch{Epoch: 5, Seq: 1, Records: []wire.Record{firing(3, 1, 3, 4)}}), true, 2},
	} {
		device, ack, err := ta.add(step.msg)
		require.NoError(t, err, "%v %v %v", device, ack, err)
		require.Equal(t, wire.TraceSubject(device, "c", "r"), step.msg.Subject, "%v %v %v", device, ack, err)
		require.EqualValues(t, 5, ack.Epoch, "%v %v %v", device, ack, err)
		require.NotEqualValues(t, 0, ack.Batches, "%v %v %v", device, ack, err)
		again, same, err := ta.add(step.msg)
		assert.Equal(t, device, again, "a batch that comes twice")
		assert.Equal(t, ack, same, "a batch that comes twice")
		assert.NoError(t, err, "a batch that comes twice")
		assert.Equal(t, step.done, ta.done(true), "after %s: done %v, %d frames", step.msg.Subject, ta.done(true),
			ta.counted())
		assert.Equal(t, step.counted, ta.counted(), "after %s: done %v, %d frames", step.msg.Subject, ta.done(true),
			ta.counted())
	}
	for sent, complete := range map[uint64]bool{2: true, 3: false} {
		got := ta.batches.Complete(map[delivery.Source]uint64{{Device: "d0", Epoch: 5}: 2, {Device: "d1", Epoch: 5}: sent})
		assert.Equal(t, complete, got, "complete after %d batches of d1", sent)
	}
}

// A restarted agent gives again what it can't know to have arrived; what its
// earlier incarnation sent may still come.
func TestTallyTakesResultsOnce(t *testing.T) {
	ta := newTally(twoInstances(4))
	results := func(epoch, seq uint64, frames ...int64) *nats.Msg {
		b := wire.Batch{Epoch: epoch, Seq: seq, Dropped: epoch}
		for _, f := range frames {
			b.Results = append(b.Results, wire.Result{Actor: 1, N: 1, Frame: f})
			b.Values = append(b.Values, float32(f))
		}
		return from("d0", b)
	}
	for _, step := range []struct {
		msg      *nats.Msg
		results  int
		received uint64
	}{
		{results(1, 1, 1), 0, 0}, // one before it is missing
		{results(1, 0, 0), 1, 1},
		{results(1, 1, 1), 2, 2},
		{results(2, 0, 0, 1, 2), 3, 1},
		{results(1, 2, 2), 3, 3},
		{results(2, 1, 3), 4, 2},
	} {
		_, ack, err := ta.add(step.msg)
		require.NoError(t, err, "%+v, %d results", ack, len(ta.trace.Results))
		require.Equal(t, step.received, ack.Batches, "%+v, %d results", ack, len(ta.trace.Results))
		require.Len(t, ta.trace.Results, step.results, "%+v, %d results", ack, len(ta.trace.Results))
	}
	for i, r := range ta.trace.Results {
		assert.Equal(t, int64(i), r.Frame, "result")
		assert.Equal(t, float32(i), r.Values[0], "result")
	}
	require.False(t, ta.done(false), "done %v, %d lost", ta.done(false), ta.batches.Dropped())
	assert.EqualValues(t, 3, ta.batches.Dropped(), "done %v, %d lost", ta.done(false), ta.batches.Dropped())
	assert.NoError(t, ta.checkResults(false), "done %v, %d lost", ta.done(false), ta.batches.Dropped())
	ta.fired[3] = 4
	require.True(t, ta.done(false), "done %v, with all records", ta.done(false))
	assert.False(t, ta.done(true), "done %v, with all records", ta.done(false))
	p := ta.plan
	p.Graph.Actors[0].Kind, p.Graph.Actors[2].Kind = graph.DynamicProcessing, graph.DynamicProcessing
	assert.True(t, ta.done(true), "not done without actors that may leave frames out")
	ta.results[1] = 5
	require.NoError(t, ta.checkResults(true), "5 results of 4 frames")
	assert.Error(t, ta.checkResults(false), "5 results of 4 frames")
	ta.results[1] = 3
	assert.ErrorIs(t, ta.checkResults(true), trace.ErrConservation, "3 results of 4 frames")
}

func TestTallyDoesNotCountTheWarmup(t *testing.T) {
	p := twoInstances(10)
	p.Workload.Warmup = 2
	ta := newTally(p)
	for a := range ta.fired {
		ta.fired[a] = 5
	}
	ta.fired[3] = 4
	n := ta.counted()
	assert.EqualValues(t, 2, n, "%d frames counted, want 2", n)
	ta.target = []int64{5, 5, 4, 4}
	assert.True(t, ta.done(true), "not done at the targets of a stop")
}

func TestTallyRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  *nats.Msg
	}{
		{"garbage", &nats.Msg{Subject: wire.TraceSubject("d0", "c", "r"), Data: []byte("garbage")}},
		{"a result after a missing one", from("d0", wire.Batch{Results: []wire.Result{{Actor: 1, Frame: 1}}})},
		{"an actor that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{firing(4, 0, 0, 1)}})},
		{"a FIFO that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{{Kind: wire.Send, Index: 2}}})},
		{"a result of nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: 4}}})},
		{"a result of less than nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: -1}}})},
	} {
		_, _, err := newTally(twoInstances(1)).add(tt.msg)
		require.ErrorIs(t, err, ErrTrace, "%s: got %v, want %v of d0", tt.name, err, ErrTrace)
		assert.Contains(t, err.Error(), "d0", "%s: got %v, want %v of d0", tt.name, err, ErrTrace)
	}
}

func TestTallySorts(t *testing.T) {
	ta := newTally(twoInstances(2))
	for _, m := range []*nats.Msg{
		from("d1", wire.Batch{
			Records: []wire.Record{firing(2, 0, 0, 5), firing(3, 0, 5, 9)},
			Results: []wire.Result{{Actor: 3, N: 1, Frame: 0}, {Actor: 3, N: 2, Frame: 1}}, Values: []float32{1, 2, 3},
		}),
		from("d0", wire.Batch{
			Records: []wire.Record{firing(0, 0, 0, 5), firing(1, 0, 5, 7)},
			Results: []wire.Result{{Actor: 1, Frame: 0}},
		}),
	} {
		_, _, err := ta.add(m)
		require.NoError(t, err)
	}
	require.NoError(t, ta.trace.sort())
	var order []string
	for _, e := range ta.trace.Events {
		order = append(order, fmt.Sprint(e.Device, " ", e.End))
	}
	assert.Equal(t, "d0 5, d1 5, d0 7, d1 9", strings.Join(order, ", "), "events in the order")
	want := []trace.Result{
		{Instance: "0", Frame: 0, Values: []float32{}},
		{Instance: "1", Frame: 0, Values: []float32{1}},
		{Instance: "1", Frame: 1, Values: []float32{2, 3}},
	}
	assert.Equal(t, want, ta.trace.Results, "results")
}

func TestSupports(t *testing.T) {
	read := func(l *plan.Link) *profile.Link {
		if l.Trace == "late.csv" {
			return &profile.Link{Latencies: &profile.Latencies{}}
		}
		return &profile.Link{}
	}
	for _, tt := range []struct {
		name string
		edit func(*plan.Plan)
		only string // that is simulated only; "": nothing
	}{
		{"full duplex, shaped", func(p *plan.Plan) { p.Platform.Links[0].BandwidthBytesPerSec = 1 }, ""},
		{"half duplex, not shaped", func(p *plan.Plan) { p.Platform.Links[0].Duplex = plan.Half }, ""},
		{"half duplex with latency", func(
			p *plan.Plan,
		) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].Latency = plan.Half, 1
		}, ""},
		{"half duplex with bandwidth", func(p *plan.Plan) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].BandwidthBytesPerSec = plan.Half, 1
		}, ""},
		{"half duplex with outages", func(p *plan.Plan) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].Outages = plan.Half, []plan.Outage{{For: 1}}
		}, "an outage of a link that is half duplex or on a medium"},
		{"outages of a medium", func(p *plan.Plan) {
			p.Platform.Links[0].Medium, p.Platform.Links[0].Outages = "cell", []plan.Outage{{For: 1}}
		}, "an outage of a link that is half duplex or on a medium"},
		{"outages of a measured link", func(p *plan.Plan) {
			p.Platform.Links[0].Profile, p.Platform.Links[0].Outages = "lab.json", []plan.Outage{{For: 1}}
		}, "an outage of a link that has a profile"},
		{"a trace with latencies", func(p *plan.Plan) { p.Platform.Links[0].Trace = "late.csv" },
			"a latency over time, as in its trace late.csv,"},
		{"jitter", func(p *plan.Plan) { p.Platform.Links[0].Jitter.Kind = plan.Empirical }, "jitter"},
		{"jitter of a measured link", func(p *plan.Plan) {
			p.Platform.Links[0].Jitter.Kind, p.Platform.Links[0].Profile = plan.Empirical, "lab.json"
		}, ""},
		{"no jitter", func(p *plan.Plan) { p.Platform.Links[0].Jitter.Kind = plan.NoJitter }, ""},
		{"another jitter of a measured link", func(p *plan.Plan) {
			p.Platform.Links[0].Jitter = plan.Jitter{Kind: plan.ConstantJitter, Mean: 1}
			p.Platform.Links[0].Profile = "lab.json"
		}, "jitter"},
		{"loss", func(p *plan.Plan) { p.Platform.Links[0].Loss = plan.Loss{Rate: 0.01, Timeout: 1} }, "loss"},
		{"no loss", func(p *plan.Plan) { p.Platform.Links[0].Loss = plan.Loss{Timeout: 1} }, ""},
		{"outage", func(p *plan.Plan) { p.Platform.Links[0].Outages = []plan.Outage{{For: 1}} }, ""},
		{"trace", func(p *plan.Plan) { p.Platform.Links[0].Trace = "wifi.csv" }, ""},
		{"a shared medium", func(p *plan.Plan) { p.Platform.Links[0].Medium = "cell" }, ""},
		{"half duplex that nothing crosses", func(p *plan.Plan) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].Latency = plan.Half, 1
			p.Routes[0] = -1
		}, ""},
	} {
		b := enginetest.NewBuilder(tt.name, 1, 1, 1)
		b.Chain(1, 1, 0, 1)
		b.Plan().Platform.Links[0].Pos = graph.Pos{File: "plan.yaml", Line: 7, Column: 5}
		tt.edit(b.Plan())
		err := Supports(b.Plan(), read)
		if tt.only == "" {
			assert.NoError(t, err, tt.name)
			continue
		}
		require.ErrorIs(t, err, ErrUnsupported, tt.name)
		assert.EqualError(t, err, "plan.yaml:7:5: not possible in a deployment: link l01, which FIFO count0.out0->sink1.in0 "+
			"crosses: "+tt.only+" is simulated only; remove it from the link or use --driver sim")
	}
	b := enginetest.NewBuilder("faults", 1, 1, 1)
	b.Chain(1, 1, 0, 1)
	for _, tt := range []struct {
		fault plan.Fault
		says  string
	}{
		{plan.Fault{Device: 1, Link: -1, For: 1, Detect: plan.Detection}, ""},
		{plan.Fault{Device: 1, Link: -1, For: 1, Detect: 1},
			"plan faults, fault of device d1: another time of detection than " +
				"1.25s is simulated only; remove it from the plan or use --driver sim"},
		{plan.Fault{Device: -1, Link: 0, For: 1, Detect: plan.Detection},
			"plan faults, fault of link l01: a fault of a link " +
				"is simulated only; remove it from the plan or use --driver sim"},
	} {
		b.Plan().Faults = []plan.Fault{tt.fault}
		err := Supports(b.Plan(), nil)
		if tt.says == "" {
			assert.NoError(t, err)
			continue
		}
		assert.EqualError(t, err, "not possible in a deployment: "+tt.says)
	}
}
