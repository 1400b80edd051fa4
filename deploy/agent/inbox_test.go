package agent

import (
	"bytes"
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// idle is a kernel that does nothing.
type idle struct{}

func (idle) Fire(*kernel.Firing) error { return nil }
func (idle) Close() error              { return nil }

// mute takes what leaves, and drops it.
type mute struct{}

func (mute) Send(int, uint64, int64) error { return nil }
func (mute) Ack(int, uint64, int64) error  { return nil }

// receiver returns the inbox of a FIFO of 6-byte tokens, two at a time, whose
// consumer has not started.
func receiver(t *testing.T, elem string) *inbox {
	t.Helper()
	b := enginetest.NewBuilder("p", 9, 1, 1)
	b.Chain(1, 2, 0, 1)
	p := b.Plan()
	token := graph.TokenType{Elem: elem, Shape: []int64{6}}
	p.Graph.Actors[0].Out[0].Type, p.Graph.Actors[1].In[0].Type = token, token
	s := &session{run: "r", epoch: 1, plan: p}
	var err error
	s.node, err = node.New(p, 1, func(int, func(trace.Result)) (kernel.Kernel, error) { return idle{}, nil }, mute{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.node.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.newInbox(0)
}

// chunk is part of token seq, of total bytes.
func chunk(seq, offset, total uint64, payload string) *nats.Msg {
	h := wire.Header{Kind: wire.Data, From: 1, To: 1, Seq: seq, Prev: seq, Offset: offset, Total: total, Length: uint32(len(payload))}
	b := make([]byte, wire.HeaderBytes)
	h.Encode(b)
	return &nats.Msg{Data: append(b, payload...)}
}

func TestInboxPutsTokensTogether(t *testing.T) {
	in := receiver(t, "uint8")
	for _, m := range []*nats.Msg{
		chunk(0, 0, 6, "abcd"), chunk(0, 4, 6, "ef"),
		chunk(0, 0, 6, "late"), // a duplicate is dropped
		chunk(1, 0, 6, "ghijkl"),
	} {
		in.data(m)
	}
	if err := in.node.Err(); err != nil {
		t.Fatal(err)
	}
	for seq, want := range []string{"abcdef", "ghijkl"} {
		if got := in.node.Slot(0, uint64(seq)).Data; !bytes.Equal(got, []byte(want)) {
			t.Errorf("token %d is %q, want %q", seq, got, want)
		}
	}
	if err := in.node.Start(clock.Now()); err != nil {
		t.Fatal(err)
	}
	if r := in.node.Take().Records; len(r) < 2 || r[0].Kind != wire.Recv || r[0].Frame != 0 || r[1].Frame != 1 || r[1].Value != 6 {
		t.Errorf("records %+v", r)
	}
}

func TestInboxSetsTheLengthOfOpaqueTokens(t *testing.T) {
	in := receiver(t, graph.Opaque)
	in.data(chunk(0, 0, 3, "abc"))
	in.data(chunk(1, 0, 0, ""))
	if a, b := in.node.Slot(0, 0).Len, in.node.Slot(0, 1).Len; a != 3 || b != 0 || in.node.Err() != nil {
		t.Errorf("lengths %d and %d, %v; want 3 and 0", a, b, in.node.Err())
	}
}

func TestInboxRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		msgs []*nats.Msg
		want error
	}{
		{"a token whose beginning is lost", []*nats.Msg{chunk(0, 4, 6, "ef")}, ErrChunk},
		{"a token whose middle is lost", []*nats.Msg{chunk(0, 0, 6, "ab"), chunk(0, 4, 6, "ef")}, ErrChunk},
		{"a chunk that comes twice", []*nats.Msg{chunk(0, 0, 6, "ab"), chunk(0, 0, 6, "ab")}, ErrChunk},
		{"a token whose end is lost", []*nats.Msg{chunk(0, 0, 6, "ab"), chunk(1, 0, 6, "ghijkl")}, engine.ErrGap},
		{"a token without a slot", []*nats.Msg{chunk(0, 0, 6, "abcdef"), chunk(1, 0, 6, "abcdef"), chunk(2, 0, 6, "ABCDEF")}, engine.ErrCredit},
		{"a short tensor", []*nats.Msg{chunk(0, 0, 5, "abcde")}, wire.ErrMessage},
	} {
		in := receiver(t, "uint8")
		for _, m := range tt.msgs {
			in.data(m)
		}
		if err := in.node.Err(); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if got := in.node.Slot(0, 0).Data; bytes.Contains(got, []byte("ABC")) {
			t.Errorf("%s: it was written to a slot in use", tt.name)
		}
	}
}

func TestInboxDropsOtherEpochs(t *testing.T) {
	in := receiver(t, "uint8")
	in.epoch++
	in.data(chunk(0, 0, 6, "abcdef"))
	if got := in.node.Slot(0, 0).Data; !bytes.Equal(got, make([]byte, 6)) || in.node.Err() != nil || in.next != 0 {
		t.Errorf("slot %q, next %d, %v", got, in.next, in.node.Err())
	}
}
