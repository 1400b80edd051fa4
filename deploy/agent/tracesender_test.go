package agent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// tracing returns a trace sender and what it sends.
func tracing(t *testing.T) (*traceSender, *nats.Conn, <-chan *wire.Batch) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, MaxPayload: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	nc, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *wire.Batch, 1000)
	if _, err := nc.Subscribe(wire.TraceSubject("r", "d"), func(msg *nats.Msg) {
		b, err := wire.DecodeBatch(msg.Data)
		if err != nil {
			t.Error(err)
		}
		got <- b
	}); err != nil {
		t.Fatal(err)
	}
	p := newTraceSender(nc, &wire.LoadRequest{Run: "r", Epoch: 3}, "d", nil)
	t.Cleanup(func() {
		p.close()
		closeConn(nc)
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
		if b := <-got; b.Seq != seq || b.Epoch != 3 {
			t.Fatalf("batch %d of epoch %d, want %d", b.Seq, b.Epoch, seq)
		}
	}
	if b := <-got; b.Seq != 0 { // nobody has received it
		t.Errorf("sent again: batch %d", b.Seq)
	}
	for _, r := range []wire.Received{{Epoch: 2, Batches: 3}, {Epoch: 3, Batches: 2}} {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := nc.Publish(wire.ReceivedSubject("r", "d"), data); err != nil {
			t.Fatal(err)
		}
	}
	for kept := 3; kept != 1; { // what one incarnation has sent another can't acknowledge
		p.mu.Lock()
		kept, _ = p.out.Kept()
		p.mu.Unlock()
		if kept != 3 && kept != 1 {
			t.Fatalf("%d batches are kept", kept)
		}
	}
	for b := <-got; ; b = <-got {
		if b.Seq == 2 && len(got) == 0 {
			break
		}
	}
	p.again()
	if b := <-got; b.Seq != 2 || len(b.Records) != delivery.MaxRecords || p.batches() != 3 {
		t.Errorf("batch %d with %d records, %d in all", b.Seq, len(b.Records), p.batches())
	}
}

func TestNoTraceSenderCloses(*testing.T) {
	var none *traceSender
	none.close()
}
