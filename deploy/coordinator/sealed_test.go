package coordinator_test

import (
	"bytes"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// secret is what the tokens of the kernel telling hold.
var secret = []byte("what nobody between the devices may read")

func telling(kernel.Spec) (kernel.Kernel, error) {
	return kerneltest.Func(func(f *kernel.Firing) error {
		for _, port := range f.Out {
			copy(port[0].Data, bytes.Repeat(secret, len(port[0].Data)/len(secret)))
			kerneltest.Fill(port[0], f.Frame)
		}
		return nil
	}), nil
}

// Who reads all that a server carries reads no content of tokens over a sealed link, only over
// others; the run is the same.
func TestNobodyBetweenReadsSealedTokens(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		t.Run(strconv.FormatBool(sealed), func(t *testing.T) {
			b := testbedtest.NewBroker(t, server.Options{MaxPayload: 8 << 20})
			kernels := map[string]kernel.New{"telling": telling}
			b.Agent("d0", kernels)
			b.Agent("d1", kernels)
			d := b.Coordinate("d0", "d1")
			d.Server = b
			nc, err := nats.Connect(b.Server().ClientURL())
			require.NoError(t, err)
			defer nc.Close()
			var messages, read atomic.Int64
			_, err = nc.Subscribe(">", func(msg *nats.Msg) {
				messages.Add(1)
				if bytes.Contains(msg.Data, secret) {
					read.Add(1)
				}
			})
			require.NoError(t, err)
			require.NoError(t, nc.Flush())
			const frames = 10
			p := with(chain("secret", frames, tensor(3*plan.ChunkBytes+100), plan.Link{Seal: sealed}), 0, "telling")
			tr, err := d.Run(t.Context(), p)
			require.NoError(t, err)
			require.NoError(t, nc.Flush()) // what was sent before has arrived
			assert.Empty(t, tr.Unchecked, "the bytes that the server carried are those of the trace")
			require.Len(t, tr.Results, frames)
			for n, r := range tr.Results {
				assert.Equal(t, []float32{float32(n)}, r.Values)
			}
			assert.GreaterOrEqual(t, messages.Load(), int64(frames))
			if sealed {
				assert.Zero(t, read.Load())
			} else {
				assert.GreaterOrEqual(t, read.Load(), int64(frames), "the listener hears what is sent")
			}
		})
	}
}

// Sealed tokens fit what a server takes.
func TestSealedTokensOfAnySize(t *testing.T) {
	for _, limit := range limits {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			b := testbedtest.NewBroker(t, server.Options{MaxPayload: int32(limit)})
			b.Agent("d0", nil)
			b.Agent("d1", nil)
			d := b.Coordinate("d0", "d1")
			d.Server = b
			for _, p := range []*plan.Plan{
				chain("tensors", 4, tensor(1_200_000), plan.Link{Seal: true}),
				chain("opaque", 20, opaque(int64(limit)), plan.Link{Seal: true}),
			} {
				tr, err := d.Run(t.Context(), p)
				require.NoError(t, err, p.Name)
				assert.Empty(t, tr.Unchecked, p.Name)
				assert.Len(t, tr.Results, int(p.Workload.Frames), p.Name)
			}
		})
	}
}

// A sealed message that is changed on its way is dropped and counted, and its token is sent
// again: the results are those of any run.
func TestTamperedMessagesAreSentAgain(t *testing.T) {
	r, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	cfg := testbed.Config{Devices: []string{"d0", "d1"}, InProcess: true, Agent: agent.Config{Kernels: r}}
	changed := testbedtest.TamperData(&cfg.Agent, 7)
	tb := testbedtest.Start(t, cfg)
	d := tb.Driver()
	var statuses []wire.AgentStatus
	d.Finished = func(s []wire.AgentStatus) { statuses = s }
	const frames = 20
	tr, err := d.Run(t.Context(), chain("tampered", frames, tensor(plan.ChunkBytes), plan.Link{Seal: true}))
	require.NoError(t, err)
	require.Len(t, tr.Results, frames)
	for n, r := range tr.Results {
		assert.Equal(t, []float32{float32(n)}, r.Values)
	}
	require.Len(t, statuses, 2)
	assert.GreaterOrEqual(t, changed.Load(), int64(2))
	assert.EqualValues(t, changed.Load(), statuses[1].Rejected["data"+wire.Unopened])
}
