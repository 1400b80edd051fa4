package agent_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bounds of what the heap may grow by: 25 bytes a frame in all, which no token, message or
// record that stays keeps. The connections hold the last trace batch, of whatever frames
// fell into it, and buffers that grow to the largest one. Frames come in steps whose records
// a node has room for at first, as buffers of records grow to what falls between two batches.
const (
	leakStep      = 300
	leakFrames    = 1800 // before the first look; the last one is after four times as many
	bytesPerFrame = 2
	bytesAnyway   = 128 << 10 // of the connections, the server and the runtime
)

// liveBytes returns the bytes of the live objects of the heap.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC() // what a sync.Pool has kept over the first one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// settledBytes returns the least of several looks at the live objects, as what the agents
// send and are told at the end of a step may be under way; the first that is not above enough.
func settledBytes(enough int64) int64 {
	least := liveBytes()
	for range 20 {
		if least <= enough {
			break
		}
		time.Sleep(20 * time.Millisecond)
		least = min(least, liveBytes())
	}
	return least
}

// receive says that trace batches of a run are received, as a coordinator does, and tells
// of the frames that the run's sinks have recorded results of. It ends before the agents do.
func receive(t *testing.T, nc *nats.Conn, run string, frames chan<- int64) {
	t.Helper()
	sub, err := nc.Subscribe(wire.TraceSubject(wire.Any, "c", run), func(msg *nats.Msg) {
		b, err := wire.DecodeBatch(msg.Data)
		if !assert.NoError(t, err) {
			return
		}
		received, err := json.Marshal(wire.Received{Epoch: b.Epoch, Batches: b.Seq + 1})
		assert.NoError(t, err)
		device := wire.Sender(msg.Subject)
		assert.NoError(t, nc.Publish(wire.ReceivedSubject("c", device, run), received))
		for _, r := range b.Results {
			frames <- r.Frame
		}
	})
	require.NoError(t, err)
	over := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(over) })
	t.Cleanup(func() {
		assert.NoError(t, sub.Drain())
		<-over
	})
}

// Agents hold as much after many frames as after few: of nodes, senders, inboxes, trace
// batches and connections.
func TestAgentsHoldNothingOfFramesThatAreOver(t *testing.T) {
	begin := make(chan struct{}, leakStep)
	tb := testbedtest.Local(t, map[string]kernel.New{"step": func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			<-begin
			kerneltest.Fill(f.Out[0][0], f.Frame)
			return nil
		}), nil
	}}, "d0", "d1")
	t.Cleanup(func() { close(begin) }) // before the agents end
	nc := testbedtest.Observe(t, tb.URL())
	b := enginetest.NewBuilder("leak", 1<<40, 1, 1)
	source := b.Chain(1, 2, 0, 1, 1)[0]
	b.Plan().Graph.Actors[source].Kernel = "step"
	p, err := json.Marshal(b.Plan())
	require.NoError(t, err)
	frames := make(chan int64, leakStep)
	receive(t, nc, "leak", frames)
	for _, v := range []wire.Verb{wire.Load, wire.Start} {
		for i := range 2 {
			var req any = wire.LoadRequest{Build: wire.Build{Wire: wire.Format},
				Run: "leak", Device: i, Plan: p, Epoch: engine.EpochStep}
			if v == wire.Start {
				req = wire.StartRequest{RunRequest: wire.RunRequest{Run: "leak"}}
			}
			data, err := json.Marshal(req)
			require.NoError(t, err)
			msg, err := nc.Request(wire.OrderSubject("c", fmt.Sprintf("d%d", i), v), data, 10*time.Second)
			require.NoError(t, err)
			var reply wire.Reply
			require.NoError(t, json.Unmarshal(msg.Data, &reply))
			require.Empty(t, reply.Error)
		}
	}
	run := func(count int) {
		for range count / leakStep {
			for range leakStep {
				begin <- struct{}{}
			}
			for range leakStep {
				<-frames
			}
		}
	}
	run(leakFrames)
	early := settledBytes(0)
	run(3 * leakFrames)
	bound := early + 3*leakFrames*bytesPerFrame + bytesAnyway
	assert.LessOrEqual(t, settledBytes(bound), bound, "bytes of live objects; there were %d", early)
}
