package agent

import (
	"bytes"
	"sync/atomic"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// idle is a kernel that does nothing.
type idle struct{}

func (idle) Fire(*kernel.Firing) error { return nil }
func (idle) Close() error              { return nil }

// mute takes what leaves, and drops it but for the last Hello.
type mute struct {
	hello boundary.Hello
	asked int
}

func (*mute) Send(boundary.TokenID, int64) {}
func (*mute) Ack(boundary.TokenID, int64)  {}

func (m *mute) Greet(_ int, h *boundary.Hello, _ bool) error {
	m.hello = *h
	if h.Ask > 0 {
		m.asked++
	}
	return nil
}

// receiver returns the inbox of a FIFO of 6-byte tokens, two at a time, whose
// consumer has not started. It has met its peer, whose epoch is 1.
func receiver(t *testing.T, elem string) (*inbox, *mute) {
	t.Helper()
	b := enginetest.NewBuilder("p", 9, 1, 1)
	b.Chain(1, 2, 0, 1)
	p := b.Plan()
	token := graph.TokenType{Elem: elem, Shape: []int64{6}}
	p.Graph.Actors[0].Out[0].Type, p.Graph.Actors[1].In[0].Type = token, token
	s := &session{agent: &Agent{cfg: Config{Clock: clock.Machine()}}, run: "r", epoch: 1, plan: p,
		heardPeer: make([]atomic.Int64, 1)}
	out := &mute{}
	var err error
	s.node, err = node.New(p, 1, func(int, func(trace.Result)) (kernel.Kernel, error) { return idle{}, nil }, out,
		node.Options{Refused: s.agent.refused})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, s.node.Close())
	})
	s.reconnected()
	require.NoError(t, s.node.Greeted(0, &boundary.Hello{From: 1, To: 1, Re: out.hello.Ask}))
	return s.newInbox(s.node.Slice().FIFOs[0]), out
}

// chunk is part of token seq, of total bytes.
func chunk(seq, offset, total uint64, payload string) *nats.Msg {
	h := wire.Header{Kind: wire.Data, TokenID: boundary.TokenID{From: 1, To: 1, Seq: seq, Prev: seq}, Offset: offset,
		Total: total, Length: uint32(len(payload))}
	b := make([]byte, wire.HeaderBytes)
	h.Encode(b)
	return &nats.Msg{Data: append(b, payload...)}
}

func TestInboxPutsTokensTogether(t *testing.T) {
	in, _ := receiver(t, "uint8")
	for _, m := range []*nats.Msg{
		chunk(0, 0, 6, "abcd"), chunk(0, 4, 6, "ef"),
		chunk(0, 0, 6, "late"), // a duplicate is dropped
		chunk(1, 0, 6, "ghijkl"),
	} {
		in.data(m)
	}
	require.NoError(t, in.node.Err())
	for seq, want := range []string{"abcdef", "ghijkl"} {
		assert.Equal(t, []byte(want), in.node.Slot(0, uint64(seq)).Data, "token %d", seq)
	}
	require.NoError(t, in.node.Start(clock.Now()))
	r := in.node.Take().Records
	require.GreaterOrEqual(t, len(r), 2, "records")
	assert.Equal(t, wire.Recv, r[0].Kind, "records")
	assert.EqualValues(t, 0, r[0].Frame, "records")
	assert.EqualValues(t, 1, r[1].Frame, "records")
	assert.EqualValues(t, 6, r[1].Value, "records")
}

func TestInboxSetsTheLengthOfOpaqueTokens(t *testing.T) {
	in, _ := receiver(t, graph.Opaque)
	in.data(chunk(0, 0, 3, "abc"))
	in.data(chunk(1, 0, 0, ""))
	a, b := in.node.Slot(0, 0).Len, in.node.Slot(0, 1).Len
	assert.Equal(t, 3, a, "lengths %d and %d, %v; want 3 and 0", a, b, in.node.Err())
	assert.Equal(t, 0, b, "lengths %d and %d, %v; want 3 and 0", a, b, in.node.Err())
	assert.NoError(t, in.node.Err(), "lengths %d and %d, %v; want 3 and 0", a, b, in.node.Err())
}

func TestInboxDropsAndCounts(t *testing.T) {
	for _, tt := range []struct {
		name string
		msgs []*nats.Msg
		want map[string]uint64
	}{
		{"a token without a slot", []*nats.Msg{chunk(0, 0, 6, "abcdef"), chunk(1, 0, 6, "abcdef"), chunk(2, 0, 6, "ABCDEF")},
			map[string]uint64{"data refused": 1}},
		{"a short tensor", []*nats.Msg{chunk(0, 0, 5, "abcde")}, map[string]uint64{"data malformed": 1}},
		{"parts that overlap", []*nats.Msg{chunk(0, 0, 6, "abc"), chunk(0, 2, 6, "ABC"), chunk(0, 5, 6, "ABC")},
			map[string]uint64{"data malformed": 1}},
		{"no message", []*nats.Msg{{Data: []byte("junk")}, {}}, map[string]uint64{"data malformed": 2}},
	} {
		in, _ := receiver(t, "uint8")
		for _, m := range tt.msgs {
			in.data(m)
		}
		require.NoError(t, in.node.Err(), "%s: it never ends a run", tt.name)
		assert.Equal(t, tt.want, in.s.agent.rejected.Counts(), tt.name)
		assert.False(t, bytes.Contains(in.node.Slot(0, 0).Data, []byte("ABC")), "%s: it was written to a slot in use",
			tt.name)
	}
}

// What is lost is asked for, once, and taken when it comes again.
func TestInboxAsksForWhatIsLost(t *testing.T) {
	whole := []*nats.Msg{chunk(0, 0, 6, "ab"), chunk(0, 2, 6, "cd"), chunk(0, 4, 6, "ef")}
	for _, tt := range []struct {
		name string
		msgs []*nats.Msg
		asks int
	}{
		{"nothing", nil, 0},
		{"the beginning of a token", whole[1:], 1},
		{"the middle of a token", []*nats.Msg{whole[0], whole[2]}, 1},
		{"the end of a token", []*nats.Msg{whole[0], whole[1], chunk(1, 0, 6, "ghijkl")}, 1},
		{"a whole token", []*nats.Msg{chunk(1, 0, 6, "ghijkl")}, 1},
		{"nothing, but a part comes twice", []*nats.Msg{whole[0], whole[0], whole[1], whole[1]}, 0},
	} {
		in, out := receiver(t, "uint8")
		before := out.asked
		for _, m := range tt.msgs {
			in.data(m)
		}
		n := out.asked - before
		assert.Equal(t, tt.asks, n, "%s is lost: asked %d times", tt.name, n)
		for _, m := range append(whole, chunk(1, 0, 6, "ghijkl")) {
			in.data(m)
		}
		a, b := in.node.Slot(0, 0).Data, in.node.Slot(0, 1).Data
		assert.Equal(t, "abcdef", string(a), "%s is lost: then", tt.name)
		assert.Equal(t, "ghijkl", string(b), "%s is lost: then", tt.name)
		assert.NoError(t, in.node.Err(), "%s is lost: then", tt.name)
	}
}

func TestInboxDropsWhatOtherIncarnationsSay(t *testing.T) {
	for _, epochs := range [][2]uint64{{2, 1}, {1, 2}, {0, 1}} {
		in, _ := receiver(t, "uint8")
		m := chunk(0, 0, 6, "abcdef")
		h, payload, err := wire.Decode(m.Data, 6)
		require.NoError(t, err)
		h.From, h.To = epochs[0], epochs[1]
		h.Encode(m.Data)
		in.data(m)
		got := in.node.Slot(0, 0).Data
		assert.Equal(t, make([]byte, 6), got, "from %d to %d: slot %q after %q", h.From, h.To, got, payload)
		assert.NoError(t, in.node.Err(), "from %d to %d: slot %q after %q", h.From, h.To, got, payload)
	}
}
