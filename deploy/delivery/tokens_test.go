package delivery_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// chunkBytes makes three chunks of a token.
const chunkBytes = 3

// link is what one incarnation of a device does with tokens: queues, headers and
// chunks on one side, and what puts them together on the other, as an agent has them.
type link struct {
	port    *world.Port
	data    []*shape.Queue // by peer
	acks    []*shape.Queue // by peer
	sending *sending       // nil: no token is being sent
	turn    int            // peer whose queue is looked at first
	inboxes map[int]*inbox // by FIFO
	broken  bool           // chunks are taken without looking whether one before is missing
	chunks  int            // that have left
}

// sending is a token of which some chunks have left.
type sending struct {
	peer   int
	token  boundary.TokenID
	offset uint64
}

func newLink(s *slice.Slice, p *world.Port, broken bool) *link {
	l := &link{port: p, inboxes: map[int]*inbox{}, broken: broken}
	capacity := map[int]int{}
	for _, f := range s.FIFOs {
		if f.Role != slice.Local {
			capacity[f.FIFO] = s.Graph.FIFOs[f.FIFO].Capacity
			l.inboxes[f.FIFO] = &inbox{link: l, peer: p.Peer(f.FIFO)}
		}
	}
	for range s.Peers() {
		l.data, l.acks = append(l.data, shape.NewQueue(capacity)), append(l.acks, shape.NewQueue(capacity))
	}
	return l
}

// Push implements world.Transport.
func (l *link) Push(f *engine.Effect) {
	if f.Kind == engine.Send {
		l.data[f.Peer].Push(f.TokenID, 0)
		return
	}
	l.acks[f.Peer].Push(f.TokenID, 0)
}

// Next implements world.Transport: the next acknowledgement, or the next chunk.
func (l *link) Next() (peer int, packet []byte, ok bool) {
	for range l.data {
		l.turn = (l.turn + 1) % len(l.data)
		t, ok := l.acks[l.turn].Next()
		if ok {
			return l.turn, encode(&wire.Header{Kind: wire.Ack, TokenID: t.TokenID}, nil), true
		}
	}
	for l.begin() {
		packet := l.chunk()
		if packet != nil {
			l.chunks++
			return l.turn, packet, true
		}
	}
	return 0, nil, false
}

// begin takes a token to send, unless one is being sent.
func (l *link) begin() bool {
	if l.sending != nil {
		l.turn = l.sending.peer
		return true
	}
	for range l.data {
		l.turn = (l.turn + 1) % len(l.data)
		t, ok := l.data[l.turn].Next()
		if ok {
			l.sending = &sending{peer: l.turn, token: t.TokenID}
			return true
		}
	}
	return false
}

// chunk returns the next chunk of the token that is being sent; nil: its slot has been
// given away, as the peer has it already.
func (l *link) chunk() (packet []byte) {
	s := l.sending
	l.port.Hold(s.token.FIFO, s.token.Seq, func(token []byte) {
		h := wire.Header{Kind: wire.Data, TokenID: s.token, Offset: s.offset, Total: uint64(len(token))}
		h.Length = uint32(min(chunkBytes, h.Total-h.Offset))
		packet = encode(&h, token[h.Offset:h.Offset+uint64(h.Length)])
		s.offset += uint64(h.Length)
	})
	if packet == nil || s.offset == world.TokenBytes {
		l.sending = nil
	}
	return packet
}

func encode(h *wire.Header, payload []byte) []byte {
	b := make([]byte, wire.HeaderBytes, wire.HeaderBytes+len(payload))
	h.Encode(b)
	return append(b, payload...)
}

// Receive implements world.Transport.
func (l *link) Receive(_ int, packet []byte) error {
	h, payload, err := wire.Decode(packet, world.TokenBytes)
	if err != nil {
		return err
	}
	in := l.inboxes[h.FIFO]
	if h.Kind == wire.Ack {
		return l.port.Acked(h.TokenID)
	}
	whole := in.add(&h, payload)
	if in.err == nil && whole {
		in.err = l.port.Arrived(h.TokenID)
	}
	return in.err
}

// inbox takes what arrives for one FIFO.
type inbox struct {
	link   *link
	peer   int
	tokens delivery.Assembler
	err    error
}

func (in *inbox) add(h *wire.Header, payload []byte) bool {
	if in.link.broken {
		return in.Place(h.TokenID, h.Offset, payload) && h.Last()
	}
	return in.tokens.Add(in, h, payload)
}

// Place implements delivery.Receiver.
func (in *inbox) Place(t boundary.TokenID, offset uint64, part []byte) (ok bool) {
	ok, in.err = in.link.port.Place(t, offset, part)
	return ok
}

// Wants implements delivery.Receiver.
func (in *inbox) Wants(t boundary.TokenID) bool { return in.link.port.Wants(t) }

// Missing implements delivery.Receiver.
func (in *inbox) Missing() { in.err = in.link.port.Reconnected(in.peer) }

// chunked runs a drawn world whose tokens cross in chunks, and verifies its results.
func chunked(w *world.World, f world.Faults, broken bool) (chunks int, err error) {
	var links []*link
	w.NewTransport = func(device int, p *world.Port) world.Transport {
		l := newLink(w.Slice(device), p, broken)
		links = append(links, l)
		return l
	}
	w.Faults = f
	err = w.Run()
	if err == nil {
		err = w.Verify()
	}
	for _, l := range links {
		chunks += l.chunks
	}
	return chunks, err
}

// TestTokensInChunks runs drawn graphs whose tokens cross in chunks, while connections
// break, which loses, doubles and reorders chunks, and devices crash. Under every other
// seed chunks are lost on open connections, too.
func TestTokensInChunks(t *testing.T) {
	chunks := 0
	world.Each(t, func(seed uint64) error {
		w, err := world.Draw(seed)
		if err != nil {
			return err
		}
		f := world.Faults{Reconnects: int(seed % 5), Crashes: int(seed / 5 % 3), DownEvents: 60,
			Silent: seed/15%2 == 0}
		n, err := chunked(w, f, false)
		chunks += n
		return err
	})
	assert.Positive(t, chunks)
}

// TestTokensInChunksWithFallback does the same where a device takes over a lost one's
// work.
func TestTokensInChunksWithFallback(t *testing.T) { world.Each(t, chunkedWithFallback) }

func chunkedWithFallback(seed uint64) error {
	w, err := world.DrawFallback(seed)
	if err != nil {
		return err
	}
	f := world.Faults{Reconnects: int(seed % 3), Crashes: int(seed / 3 % 3), Partitions: int(seed / 9 % 3),
		DownEvents: 300, Silent: seed/27%2 == 0}
	_, err = chunked(w, f, false)
	return err
}

// TestStaleAnswer has a late answer say less than one before it: what a device that had gone
// on alone has must not be forgotten.
func TestStaleAnswer(t *testing.T) { assert.NoError(t, chunkedWithFallback(5923)) }

// TestBrokenAssembler does not look whether a chunk is missing: runs must show it.
func TestBrokenAssembler(t *testing.T) {
	for seed := uint64(1); seed <= 3000; seed++ {
		w, err := world.Draw(seed)
		require.NoError(t, err)
		_, err = chunked(w, world.Faults{Reconnects: 3, Crashes: 1, DownEvents: 60}, true)
		if err != nil {
			t.Logf("seed %d shows it: %.200v", seed, err)
			return
		}
	}
	t.Error("no run shows it")
}
