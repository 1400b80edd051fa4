package deploy

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
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
		{from("d0", wire.Batch{Records: []wire.Record{firing(0, 0, 0, 1), firing(1, 0, 1, 2)}}), false, 0},
		{from("d1", wire.Batch{Records: []wire.Record{firing(2, 0, 0, 1), firing(3, 0, 1, 2), firing(2, 1, 2, 3)}}), false, 1},
		{from("d0", wire.Batch{Seq: 1, Records: []wire.Record{firing(0, 1, 2, 3), firing(1, 1, 3, 4)}}), false, 1},
		{from("d1", wire.Batch{Seq: 1, Records: []wire.Record{firing(3, 1, 3, 4)}}), true, 2},
	} {
		if err := ta.add(step.msg); err != nil {
			t.Fatal(err)
		}
		if ta.done() != step.done || ta.counted() != step.counted {
			t.Errorf("after %s: done %v, %d frames; want %v, %d", step.msg.Subject, ta.done(), ta.counted(), step.done, step.counted)
		}
	}
	for sent, complete := range map[uint64]bool{2: true, 3: false} {
		if got := ta.complete(map[string]uint64{"d0": 2, "d1": sent}); got != complete {
			t.Errorf("complete after %d batches of d1: %v", sent, got)
		}
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
	if !ta.done() {
		t.Error("not done at the targets of a stop")
	}
}

func TestTallyRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  *nats.Msg
	}{
		{"garbage", &nats.Msg{Subject: wire.TraceSubject("r", "d0"), Data: []byte("garbage")}},
		{"a batch after a lost one", from("d0", wire.Batch{Seq: 1})},
		{"an actor that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{firing(4, 0, 0, 1)}})},
		{"a FIFO that is not in the plan", from("d0", wire.Batch{Records: []wire.Record{{Kind: wire.Send, Index: 2}}})},
		{"a result of nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: 4}}})},
		{"a result of less than nobody", from("d0", wire.Batch{Results: []wire.Result{{Actor: -1}}})},
	} {
		if err := newTally(twoInstances(1)).add(tt.msg); !errors.Is(err, ErrTrace) || !strings.Contains(err.Error(), "d0") {
			t.Errorf("%s: got %v, want %v of d0", tt.name, err, ErrTrace)
		}
	}
}

func TestTallySorts(t *testing.T) {
	ta := newTally(twoInstances(2))
	for _, m := range []*nats.Msg{
		from("d1", wire.Batch{
			Records: []wire.Record{firing(2, 0, 0, 5), firing(3, 0, 5, 9)},
			Results: []wire.Result{{Actor: 3, N: 1, Frame: 1}, {Actor: 3, N: 2, Frame: 0}}, Values: []float32{1, 2, 3},
		}),
		from("d0", wire.Batch{
			Records: []wire.Record{firing(0, 0, 0, 5), firing(1, 0, 5, 7)},
			Results: []wire.Result{{Actor: 1, Frame: 0}},
		}),
	} {
		if err := ta.add(m); err != nil {
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
		{Instance: "1", Frame: 0, Values: []float32{2, 3}},
		{Instance: "1", Frame: 1, Values: []float32{1}},
	}
	if !reflect.DeepEqual(ta.trace.Results, want) {
		t.Errorf("results %+v", ta.trace.Results)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	ta := &tail{}
	for i := range 3000 {
		if n, err := fmt.Fprintf(ta, "line %04d\n", i); n != 10 || err != nil {
			t.Fatal(n, err)
		}
	}
	s := ta.String()
	if len(s) != tailBytes || !strings.HasSuffix(s, "line 2998\nline 2999\n") {
		t.Errorf("%d bytes that end in %q", len(s), s[max(len(s)-20, 0):])
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
