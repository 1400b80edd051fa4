package coordinator

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
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
	return &nats.Msg{Subject: wire.TraceSubject("r", device), Data: b.Append(nil)}
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
		{from("d1", wire.Batch{Epoch: 5, Records: []wire.Record{firing(2, 0, 0, 1), firing(3, 0, 1, 2), firing(2, 1, 2, 3)}}), false, 1},
		{from("d0", wire.Batch{Epoch: 5, Seq: 1, Records: []wire.Record{firing(0, 1, 2, 3), firing(1, 1, 3, 4)}}), false, 1},
		{from("d1", wire.Batch{Epoch: 5, Seq: 1, Records: []wire.Record{firing(3, 1, 3, 4)}}), true, 2},
	} {
		device, ack, err := ta.add(step.msg)
		if err != nil || step.msg.Subject != wire.TraceSubject("r", device) || ack.Epoch != 5 || ack.Batches == 0 {
			t.Fatal(device, ack, err)
		}
		if again, same, err := ta.add(step.msg); again != device || same != ack || err != nil {
			t.Errorf("a batch that comes twice: %s, %+v, %v", again, same, err)
		}
		if ta.done(true) != step.done || ta.counted() != step.counted {
			t.Errorf("after %s: done %v, %d frames; want %v, %d", step.msg.Subject, ta.done(true), ta.counted(), step.done, step.counted)
		}
	}
	for sent, complete := range map[uint64]bool{2: true, 3: false} {
		if got := ta.batches.Complete(map[delivery.Source]uint64{{Device: "d0", Epoch: 5}: 2, {Device: "d1", Epoch: 5}: sent}); got != complete {
			t.Errorf("complete after %d batches of d1: %v", sent, got)
		}
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
		if err != nil || ack.Batches != step.received || len(ta.trace.Results) != step.results {
			t.Fatalf("%+v, %d results, %v; want %d, %d", ack, len(ta.trace.Results), err, step.received, step.results)
		}
	}
	for i, r := range ta.trace.Results {
		if r.Frame != int64(i) || r.Values[0] != float32(i) {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	if ta.done(false) || ta.batches.Dropped() != 3 || ta.checkResults(false) != nil {
		t.Errorf("done %v, %d lost, %v", ta.done(false), ta.batches.Dropped(), ta.checkResults(false))
	}
	ta.fired[3] = 4
	if !ta.done(false) || ta.done(true) {
		t.Errorf("done %v, with all records %v", ta.done(false), ta.done(true))
	}
	p := ta.plan
	p.Graph.Actors[0].Kind, p.Graph.Actors[2].Kind = graph.DynamicProcessing, graph.DynamicProcessing
	if !ta.done(true) {
		t.Error("not done without actors that may leave frames out")
	}
	ta.results[1] = 5
	if ta.checkResults(true) != nil || ta.checkResults(false) == nil {
		t.Errorf("5 results of 4 frames: %v", ta.checkResults(true))
	}
	ta.results[1] = 3
	if err := ta.checkResults(true); !errors.Is(err, trace.ErrConservation) {
		t.Errorf("3 results of 4 frames: %v", err)
	}
}

func TestTallyDoesNotCountTheWarmup(t *testing.T) {
	p := twoInstances(10)
	p.Workload.Warmup = 2
	ta := newTally(p)
	for a := range ta.fired {
		ta.fired[a] = 5
	}
	ta.fired[3] = 4
	if n := ta.counted(); n != 2 {
		t.Errorf("%d frames counted, want 2", n)
	}
	ta.target = []int64{5, 5, 4, 4}
	if !ta.done(true) {
		t.Error("not done at the targets of a stop")
	}
}

func TestTallyRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  *nats.Msg
	}{
		{"garbage", &nats.Msg{Subject: wire.TraceSubject("r", "d0"), Data: []byte("garbage")}},
		{"a result after a missing one", from("d0", wire.Batch{Results: []wire.Result{{Actor: 1, Frame: 1}}})},
		{"an actor that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{firing(4, 0, 0, 1)}})},
		{"a FIFO that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{{Kind: wire.Send, Index: 2}}})},
		{"a result of nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: 4}}})},
		{"a result of less than nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: -1}}})},
	} {
		if _, _, err := newTally(twoInstances(1)).add(tt.msg); !errors.Is(err, ErrTrace) || !strings.Contains(err.Error(), "d0") {
			t.Errorf("%s: got %v, want %v of d0", tt.name, err, ErrTrace)
		}
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
		if _, _, err := ta.add(m); err != nil {
			t.Fatal(err)
		}
	}
	ta.trace.sort()
	var order []string
	for _, e := range ta.trace.Events {
		order = append(order, fmt.Sprint(e.Device, " ", e.End))
	}
	if got := strings.Join(order, ", "); got != "d0 5, d1 5, d0 7, d1 9" {
		t.Errorf("events in the order %s", got)
	}
	want := []trace.Result{
		{Instance: "0", Frame: 0, Values: []float32{}},
		{Instance: "1", Frame: 0, Values: []float32{1}},
		{Instance: "1", Frame: 1, Values: []float32{2, 3}},
	}
	if !reflect.DeepEqual(ta.trace.Results, want) {
		t.Errorf("results %+v", ta.trace.Results)
	}
}

func TestSupports(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*plan.Plan)
		ok   bool
	}{
		{"full duplex, shaped", func(p *plan.Plan) { p.Platform.Links[0].BandwidthBytesPerSec = 1 }, true},
		{"half duplex, not shaped", func(p *plan.Plan) { p.Platform.Links[0].Duplex = plan.Half }, true},
		{"half duplex with latency", func(p *plan.Plan) { p.Platform.Links[0].Duplex, p.Platform.Links[0].Latency = plan.Half, 1 }, false},
		{"half duplex with bandwidth", func(p *plan.Plan) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].BandwidthBytesPerSec = plan.Half, 1
		}, false},
		{"faults", func(p *plan.Plan) { p.Faults = []plan.Fault{{Device: 1, Link: -1, For: 1}} }, false},
		{"half duplex that nothing crosses", func(p *plan.Plan) {
			p.Platform.Links[0].Duplex, p.Platform.Links[0].Latency = plan.Half, 1
			p.Routes[0] = -1
		}, true},
	} {
		b := enginetest.NewBuilder(tt.name, 1, 1, 1)
		b.Chain(1, 1, 0, 1)
		tt.edit(b.Plan())
		if err := Supports(b.Plan()); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
