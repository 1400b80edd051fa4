package coordinator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	modelstore "github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withModels returns the kernels of the plan of modelAt.
func withModels() map[string]kernel.New {
	all := floats()
	all["onnx"] = func(s kernel.Spec) (kernel.Kernel, error) { return builtin.Registry().New("onnx", s) }
	return all
}

// runsWell runs a plan of modelAt.
func runsWell(t *testing.T, d *coordinator.Driver, p *plan.Plan) {
	t.Helper()
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, tr.Results, 4)
	for i, r := range tr.Results {
		assert.Equal(t, float32(6*i), r.Values[0])
	}
}

// segments returns the sub-models of a plan.
func segments(t *testing.T, all compile.Models, p *plan.Plan) (list [][]byte) {
	t.Helper()
	for a, w := range p.Work {
		if w.Model != "" {
			segment, err := all.Segment(p, a)
			require.NoError(t, err)
			list = append(list, segment)
		}
	}
	return list
}

// onModels returns a driver of two agents, and a plan whose model is cut between them.
func onModels(t *testing.T) (*coordinator.Driver, *plan.Plan) {
	t.Helper()
	b := testbedtest.NewBroker(t, server.Options{JetStream: true})
	b.Agent("d0", withModels())
	b.Agent("d1", withModels())
	d := b.Coordinate("d0", "d1")
	d.Models = times6(t)
	return d, modelAt(t, "net/double")
}

// Objects under the digests of sub-models that aren't these are replaced.
func TestForgedModelIsReplaced(t *testing.T) {
	d, p := onModels(t)
	js, err := jetstream.New(d.Conn)
	require.NoError(t, err)
	bucket, err := js.CreateObjectStore(t.Context(), jetstream.ObjectStoreConfig{Bucket: wire.Bucket})
	require.NoError(t, err)
	for _, segment := range segments(t, d.Models, p) {
		for _, part := range modelstore.Describe(segment).Parts {
			_, err = bucket.PutBytes(t.Context(), part, []byte("forged"))
			require.NoError(t, err)
		}
	}
	runsWell(t, d, p)
}

// An agent that finds that the store has damaged what it needs says so, and gets it.
func TestAgentsAskForWhatTheStoreDamaged(t *testing.T) {
	d, p := onModels(t)
	all := segments(t, d.Models, p)
	require.NoError(t, modelstore.NewStore(d.Conn, modelstore.Options{}).Upload(t.Context(), all, nil, nil))
	js, err := jetstream.New(d.Conn)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), wire.BucketStream)
	require.NoError(t, err)
	chunks := wire.BucketChunks + ">"
	for range all { // each is a chunk
		chunk, err := stream.GetMsg(t.Context(), 1, jetstream.WithGetMsgSubject(chunks))
		require.NoError(t, err)
		require.NoError(t, stream.DeleteMsg(t.Context(), chunk.Sequence))
		_, err = js.Publish(t.Context(), chunk.Subject, make([]byte, len(chunk.Data)))
		require.NoError(t, err)
	}
	runsWell(t, d, p)
}

// Sub-models that a device has are not fetched again, whatever became of the store, and those
// that it has lost too are uploaded again.
func TestStoreAndAgentThatLostModels(t *testing.T) {
	for _, kept := range []bool{true, false} {
		t.Run(fmt.Sprint("kept on the device: ", kept), func(t *testing.T) {
			var cmds testbedtest.Commands
			tb := testbedtest.Start(t, cmds.Restarting(testbedtest.Works, "d0", "d1"))
			devices := watch(t, tb, "d0", "d1")
			d := driver(tb, times6(t))
			var uploads atomic.Int64
			d.Moved = func(device string, done, total int64) {
				if device == "" && done == total {
					uploads.Add(1)
				}
			}
			tr := runWhile(t, d, endless(modelAt(t, "source")), nil, func(ctx context.Context) error {
				for _, w := range devices {
					if err := w.atWork(ctx, 0); err != nil {
						return err
					}
				}
				js, err := jetstream.New(testbedtest.Observe(t, tb.URL()))
				if err != nil {
					return err
				}
				if err := js.DeleteObjectStore(ctx, wire.Bucket); err != nil {
					return err
				}
				if !kept {
					err = os.RemoveAll(filepath.Join(cmds.States()[0], "models"))
				}
				return errors.Join(err, interrupt(ctx, tb, devices, "d1"))
			})
			assert.Equal(t, begun(tr), int64(len(tr.Results)))
			assert.Equal(t, kept, uploads.Load() == 1, "%d uploads", uploads.Load())
		})
	}
}
