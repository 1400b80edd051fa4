package agent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tracing returns a trace sender and what it sends.
func tracing(t *testing.T) (*traceSender, *nats.Conn, <-chan *wire.Batch) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, MaxPayload: 8 << 20,
	})
	require.NoError(t, err)
	srv.Start()
	require.True(t, srv.ReadyForConnections(10*time.Second), "no server")
	nc, err := nats.Connect(srv.ClientURL())
	require.NoError(t, err)
	got := make(chan *wire.Batch, 1000)
	_, err = nc.Subscribe(wire.TraceSubject("d", "c", "r"), func(msg *nats.Msg) {
		b, err := wire.DecodeBatch(msg.Data)
		assert.NoError(t, err)
		got <- b
	})
	require.NoError(t, err)
	failed := func(err error) { assert.NoError(t, err) }
	p, err := newTraceSender(nc, loadOf{"d", "c", "r", 3, &wire.Rejected{}}, func() {}, nil, failed)
	require.NoError(t, err)
	t.Cleanup(func() {
		p.close()
		transport.Close(nc)
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return p, nc, got
}

func records(n int) wire.Batch { return wire.Batch{Records: make([]wire.Record, n)} }

func TestTraceSenderSendsUntilItIsReceived(t *testing.T) {
	p, nc, got := tracing(t)
	p.send(wire.Batch{})
	p.send(records(1))
	p.send(records(2 * delivery.MaxRecords))
	for seq := range uint64(3) {
		b := <-got
		require.Equal(t, seq, b.Seq, "batch %d of epoch", b.Seq)
		require.EqualValues(t, 3, b.Epoch, "batch %d of epoch", b.Seq)
	}
	// nobody has received it
	assert.EqualValues(t, 0, (<-got).Seq, "sent again: batch")
	for _, r := range []wire.Received{{Epoch: 2, Batches: 3}, {Epoch: 3, Batches: 2}} {
		data, err := json.Marshal(r)
		require.NoError(t, err)
		require.NoError(t, nc.Publish(wire.ReceivedSubject("c", "d", "r"), data))
	}
	for kept := 3; kept != 1; { // what one incarnation has sent another can't acknowledge
		p.mu.Lock()
		kept, _ = p.out.Kept()
		p.mu.Unlock()
		if kept != 3 {
			require.Equal(t, 1, kept, "%d batches are kept", kept)
		}
	}
	for b := <-got; ; b = <-got {
		if b.Seq == 2 && len(got) == 0 {
			break
		}
	}
	p.again()
	b := <-got
	assert.EqualValues(t, 2, b.Seq, "batch %d with %d records, %d in all", b.Seq, len(b.Records), p.batches())
	require.Len(t, b.Records, delivery.MaxRecords, "batch %d with %d records, %d in all", b.Seq, len(b.Records),
		p.batches())
	assert.EqualValues(t, 3, p.batches(), "batch %d with %d records, %d in all", b.Seq, len(b.Records), p.batches())
}

func TestNoTraceSenderCloses(*testing.T) {
	var none *traceSender
	none.close()
	none.settle()
}

// The results of ordinary runs, such as 0.7 MB a frame of a detector, hold no firing up.
func TestFiringsGoOnForResults(t *testing.T) {
	p, _, _ := tracing(t)
	const values = 175_000
	results := wire.Batch{Results: []wire.Result{{N: values}}, Values: make([]float32, values)}
	for range 100 {
		p.send(results)
	}
	require.False(t, p.behind.Load())
	p.mu.Lock()
	for range resultBytes / (4 * values) {
		p.out.Add(results, p.takenNs, func([]byte) {})
	}
	p.takenNs = clock.Now() // as if some had just been received
	p.look()
	p.mu.Unlock()
	require.True(t, p.behind.Load(), "they have a bound, too")
}

// Firings wait for a coordinator that has much to take, and go on when it has taken it or
// takes nothing any more.
func TestFiringsWaitForTheCoordinator(t *testing.T) {
	p, nc, _ := tracing(t)
	p.send(records(1))
	require.False(t, p.behind.Load())
	for range delivery.KeptBytes / 2 / (delivery.MaxRecords * 44) {
		p.send(records(delivery.MaxRecords))
	}
	p.send(records(delivery.MaxRecords))
	require.True(t, p.behind.Load())
	data, err := json.Marshal(wire.Received{Epoch: 3, Batches: p.batches()})
	require.NoError(t, err)
	require.NoError(t, nc.Publish(wire.ReceivedSubject("c", "d", "r"), data))
	require.Eventually(t, func() bool { return !p.behind.Load() }, 10*time.Second, time.Millisecond)

	for range delivery.KeptBytes / (delivery.MaxRecords * 44) {
		p.send(records(delivery.MaxRecords))
	}
	require.True(t, p.behind.Load())
	p.mu.Lock()
	p.takenNs -= patienceNs
	p.look()
	p.mu.Unlock()
	require.False(t, p.behind.Load(), "the coordinator is lost")
}
