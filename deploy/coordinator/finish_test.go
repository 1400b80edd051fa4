package coordinator_test

import (
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scriptedAgent answers requests for device d0 as the test says, which has no agent.
type scriptedAgent struct {
	t           *testing.T
	nc          *nats.Conn
	run         string
	coordinator string
	loads       chan wire.LoadRequest
}

// serve answers the requests of a verb; the answer may be made later by another goroutine.
func (a *scriptedAgent) serve(v wire.Verb, answer func(*nats.Msg)) {
	_, err := a.nc.Subscribe(wire.OrderSubject(wire.Any, "d0", v), answer)
	require.NoError(a.t, err)
	require.NoError(a.t, a.nc.Flush()) // requests come over another connection
}

func (a *scriptedAgent) reply(msg *nats.Msg, r wire.Reply) {
	r.Wire = wire.Format
	b, err := json.Marshal(r)
	assert.NoError(a.t, err)
	assert.NoError(a.t, msg.Respond(b))
}

func (a *scriptedAgent) send(b wire.Batch) {
	assert.NoError(a.t, a.nc.Publish(wire.TraceSubject("d0", a.coordinator, a.run), b.Append(nil)))
}

// An agent that is started again while the run ends has its answer counted for the load
// that it answers for, not for the one that has begun meanwhile.
func TestRestartWhileARunEnds(t *testing.T) {
	tb := testbedtest.Local(t, nil)
	b := enginetest.NewBuilder("ends", 1, 1, 1)
	b.Chain(1, 2, 0, 0, 0)
	p := b.Plan()
	last := int32(len(p.Work) - 1)
	a := &scriptedAgent{t: t, nc: testbedtest.Observe(t, tb.URL()), loads: make(chan wire.LoadRequest, 2)}
	ok := func(msg *nats.Msg) {
		a.reply(msg, wire.Reply{Incarnation: "first", Status: &wire.AgentStatus{Device: "d0"}, Began: &wire.Began{}})
	}
	var again atomic.Bool // it has been started again
	a.serve(wire.Status, func(msg *nats.Msg) {
		if again.Load() {
			a.reply(msg, wire.Reply{Incarnation: "second", Status: &wire.AgentStatus{Device: "d0"}})
			return
		}
		ok(msg)
	})
	a.serve(wire.Claim, ok)
	a.serve(wire.Drain, ok)
	a.serve(wire.Load, func(msg *nats.Msg) {
		var req wire.LoadRequest
		assert.NoError(t, json.Unmarshal(msg.Data, &req))
		a.run, a.coordinator = req.Run, wire.Sender(msg.Subject)
		a.reply(msg, wire.Reply{Incarnation: "first"})
		a.loads <- req
	})
	a.serve(wire.Start, func(msg *nats.Msg) {
		ok(msg)
		if len(a.loads) != 1 {
			return
		}
		var records []wire.Record
		for i := range last + 1 {
			records = append(records, wire.Record{Kind: wire.Firing, Index: i, Start: int64(i), End: int64(i) + 1})
		}
		a.send(wire.Batch{Epoch: engine.EpochStep, Records: records})
	})
	a.serve(wire.Finish, func(msg *nats.Msg) {
		<-a.loads
		again.Store(true)
		alive, err := json.Marshal(wire.Alive{Wire: wire.Format, Incarnation: "second"})
		assert.NoError(t, err)
		assert.NoError(t, a.nc.Publish(wire.AliveSubject("d0"), alive))
		go func() {
			second := <-a.loads
			for seq := range uint64(2) {
				a.send(wire.Batch{Epoch: second.Epoch, Seq: seq})
			}
			a.reply(msg, wire.Reply{
				Incarnation: "first", Epoch: engine.EpochStep, Batches: 2, Status: &wire.AgentStatus{Device: "d0"},
			})
			time.Sleep(300 * time.Millisecond) // a coordinator that doesn't wait for it ends meanwhile
			result := wire.Result{Actor: last, N: 1}
			a.send(wire.Batch{Epoch: engine.EpochStep, Seq: 1, Results: []wire.Result{result}, Values: []float32{7}})
		}()
	})
	d := tb.Driver()
	d.Patience = 20 * time.Second
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 1, tr.Restarts)
	assert.Equal(t, []trace.Result{{Values: []float32{7}}}, tr.Results)
}

// Records that an agent had to forget are not waited for: the results tell the end.
func TestForgottenRecordsAreNotWaitedFor(t *testing.T) {
	tb := testbedtest.Local(t, nil)
	b := enginetest.NewBuilder("forgot", 3, 1, 1)
	b.Chain(1, 2, 0, 0, 0)
	p := b.Plan()
	last := int32(len(p.Work) - 1)
	a := &scriptedAgent{t: t, nc: testbedtest.Observe(t, tb.URL())}
	ok := func(msg *nats.Msg) {
		a.reply(msg, wire.Reply{Incarnation: "i", Epoch: engine.EpochStep, Batches: 1,
			Status: &wire.AgentStatus{Device: "d0"}, Began: &wire.Began{}})
	}
	for _, v := range []wire.Verb{wire.Status, wire.Claim, wire.Drain, wire.Finish} {
		a.serve(v, ok)
	}
	a.serve(wire.Load, func(msg *nats.Msg) {
		var req wire.LoadRequest
		assert.NoError(t, json.Unmarshal(msg.Data, &req))
		a.run, a.coordinator = req.Run, wire.Sender(msg.Subject)
		ok(msg)
	})
	a.serve(wire.Start, func(msg *nats.Msg) {
		ok(msg)
		batch := wire.Batch{Epoch: engine.EpochStep, Dropped: 9, Values: []float32{1, 2, 3}}
		for frame := range int64(3) {
			batch.Results = append(batch.Results, wire.Result{Actor: last, N: 1, Frame: frame})
		}
		a.send(batch)
	})
	d := tb.Driver()
	d.Stall = 2 * time.Second
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.EqualValues(t, 9, tr.Dropped)
	assert.Len(t, tr.Results, 3)
}
