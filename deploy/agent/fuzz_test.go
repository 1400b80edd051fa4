package agent

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// message encodes a header and a payload.
func message(h wire.Header, payload string) []byte {
	b := make([]byte, wire.HeaderBytes)
	h.Length = uint32(len(payload))
	h.Encode(b)
	return append(b, payload...)
}

// No message of a peer ends a run or panics, whatever it is: data.
func FuzzData(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(chunk(0, 0, 6, "abcdef").Data)
	f.Add(chunk(1, 2, 6, "cd").Data)
	f.Add(chunk(1<<40, 0, 6, "abcdef").Data)
	f.Fuzz(func(t *testing.T, data []byte) {
		in, _ := receiver(t, "uint8")
		in.data(&nats.Msg{Data: data})
		in.data(chunk(0, 0, 6, "abcdef"))
		in.data(&nats.Msg{Data: data})
		require.NoError(t, in.node.Err())
	})
}

// Acknowledgements.
func FuzzAck(f *testing.F) {
	for _, seq := range []uint64{0, 1, 2, 1 << 40, 1<<64 - 1} {
		id := boundary.TokenID{From: 1, To: 1, Seq: seq, Prev: seq}
		f.Add(message(wire.Header{Kind: wire.Ack, TokenID: id}, ""))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, _ := receiver(t, "uint8")
		in.ack(&nats.Msg{Data: data})
		require.NoError(t, in.node.Err())
	})
}

// Hellos, whole and in parts.
func FuzzHello(f *testing.F) {
	f.Add(wire.AppendHello(nil, &boundary.Hello{From: 1, To: 1, FIFOs: []boundary.Position{{FIFO: 0, Known: true}}}))
	f.Add(wire.AppendHello(nil, &boundary.Hello{From: 9, To: 3, Ask: 1, Re: 1<<32 - 1,
		FIFOs: []boundary.Position{{FIFO: 7, Known: true, Arrived: 1 << 63, Committed: 1}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, _ := receiver(t, "uint8")
		take, _ := in.s.greeted(0)
		take(&nats.Msg{Data: data})
		take(&nats.Msg{Data: data})
		require.NoError(t, in.node.Err())
	})
}

// Parts of requests: what is gathered is never larger than a request may be.
func FuzzRequestParts(f *testing.F) {
	_ = delivery.Messages(make([]byte, 300), 1, 1, 128, func(part []byte) error {
		f.Add(append([]byte(nil), part...), append([]byte(nil), part...))
		return nil
	})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		const most = 1 << 12
		p := requestParts{most: most}
		for _, msg := range [][]byte{a, b, b, a} {
			whole, ok, err := p.add("inbox", msg)
			if ok && wire.IsPart(msg) {
				require.NoError(t, err)
				require.LessOrEqual(t, len(whole), most)
			}
			require.LessOrEqual(t, len(p.arriving), mostArriving)
		}
	})
}
