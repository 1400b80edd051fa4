package agent

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// office returns a post and what it sends.
func office(t *testing.T) (*post, *nats.Conn, <-chan *wire.Batch) {
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
	p := newPost(nc, &wire.LoadRequest{Run: "r", Epoch: 3}, "d", nil)
	t.Cleanup(func() {
		p.close()
		closeConn(nc)
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return p, nc, got
}

func records(n int) wire.Batch { return wire.Batch{Records: make([]wire.Record, n)} }

func TestPostSendsUntilItIsReceived(t *testing.T) {
	p, nc, got := office(t)
	p.send(wire.Batch{})
	p.send(records(1))
	p.send(records(2 * maxRecords))
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
		kept = len(p.kept)
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
	if b := <-got; b.Seq != 2 || len(b.Records) != maxRecords || p.batches() != 3 {
		t.Errorf("batch %d with %d records, %d in all", b.Seq, len(b.Records), p.batches())
	}
}

// Beyond its bound it forgets the oldest records, and no result.
func TestPostIsBounded(t *testing.T) {
	p, _, _ := office(t)
	all := wire.Batch{Records: make([]wire.Record, maxRecords), Results: []wire.Result{{Actor: 2, N: 1}}, Values: []float32{7}}
	for range 40 {
		p.send(all)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes > keepBytes || len(p.kept) != 40 {
		t.Errorf("%d bytes in %d batches", p.bytes, len(p.kept))
	}
	bytes, forgot := 0, 0
	for i, l := range p.kept {
		b, err := wire.DecodeBatch(l.data)
		if err != nil || len(b.Results) != 1 || b.Values[0] != 7 {
			t.Fatalf("batch %d: %+v, %v", i, b, err)
		}
		bytes += len(l.data)
		if len(b.Records) == 0 {
			if forgot != i {
				t.Errorf("batch %d was forgotten before older ones", i)
			}
			forgot++
		}
	}
	if last, err := wire.DecodeBatch(p.kept[39].data); err != nil || forgot == 0 || last.Dropped != uint64(forgot*maxRecords) || bytes != p.bytes {
		t.Errorf("%d batches forgotten, %d records dropped, %d bytes counted of %d", forgot, last.Dropped, p.bytes, bytes)
	}
}

func TestPostTellsWhichResultsAreReceived(t *testing.T) {
	p, _, _ := office(t)
	told := map[int]int64{}
	p.received = func(actor int, frame int64) { told[actor] = frame }
	p.send(wire.Batch{Results: []wire.Result{{Actor: 2, Frame: 6}, {Actor: 3, Frame: 1}, {Actor: 2, Frame: 7}}})
	p.send(wire.Batch{Results: []wire.Result{{Actor: 2, Frame: 8}}})
	p.forget(1)
	if len(told) != 2 || told[2] != 8 || told[3] != 2 {
		t.Errorf("told %v", told)
	}
	var none *post
	none.close()
}
