package wire

import (
	"bytes"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func greeting() *boundary.Hello {
	return &boundary.Hello{From: 3 << 20, To: 1<<64 - 1, Ask: 1<<32 - 1, Re: 7, FIFOs: []boundary.Position{
		{FIFO: 2, Known: true, Arrived: 9, Committed: 1 << 63}, {FIFO: 5},
	}}
}

func TestHelloRoundTrip(t *testing.T) {
	var got boundary.Hello
	for _, h := range []*boundary.Hello{
		greeting(), {From: 1, Ask: 1, FIFOs: []boundary.Position{}},
		{From: 1, To: 2, Re: 4, FIFOs: []boundary.Position{{Known: true}}},
	} {
		b := AppendHello([]byte("before"), h)
		err := DecodeHello(b[len("before"):], 2, &got)
		require.NoError(t, err)
		assert.Equal(t, h, &got)
		assert.Equal(t, "before", string(b[:6]))
	}
}

func TestDecodeHelloRefuses(t *testing.T) {
	whole := AppendHello(nil, greeting())
	edit := func(i int, v byte) []byte {
		b := bytes.Clone(whole)
		b[i] = v
		return b
	}
	for name, msg := range map[string][]byte{
		"nothing": nil, "a cut-off one": whole[:len(whole)-1], "a part of a position": whole[:HeaderBytes+1],
		"a token": message(Header{Kind: Data, Total: 3, Length: 3}, []byte("abc")), "another version": edit(3, 1),
		"one of a FIFO": edit(8, 1), "a step": edit(40, 1), "an offset": edit(48, 1), "another total": edit(56, 1),
		"a filled gap":                        edit(44, 1),
		"a position known to the degree of 2": edit(HeaderBytes+4, 2),
	} {
		assert.ErrorIs(t, DecodeHello(msg, 2, &boundary.Hello{}), ErrMessage, name)
	}
	for _, bound := range []int{1, 0, -1} {
		h := boundary.Hello{}
		err := DecodeHello(whole, bound, &h)
		require.ErrorIs(t, err, ErrMessage, "2 FIFOs under bound %d", bound)
		assert.Nil(t, h.FIFOs, "2 FIFOs under bound %d", bound)
	}
	_, _, err := Decode(whole, 1<<20)
	assert.ErrorIs(t, err, ErrMessage, "a greeting as a token")
}

func FuzzDecodeHello(f *testing.F) {
	f.Add(AppendHello(nil, greeting()), 2)
	f.Add(AppendHello(nil, &boundary.Hello{From: 1, Ask: 1}), 0)
	f.Add([]byte("EPT\x02\x03"), 1)
	f.Fuzz(func(t *testing.T, msg []byte, bound int) {
		var h boundary.Hello
		if err := DecodeHello(msg, bound, &h); err != nil {
			require.ErrorIs(t, err, ErrMessage)
			return
		}
		require.LessOrEqual(t, len(h.FIFOs), max(bound, 0), "%d positions with room for %d, bound", len(h.FIFOs),
			cap(h.FIFOs))
		require.LessOrEqual(t, cap(h.FIFOs)*positionBytes, 2*len(msg)+64, "%d positions with room for %d, bound",
			len(h.FIFOs), cap(h.FIFOs))
		require.Equal(t, msg, AppendHello(nil, &h), "%x is read as %+v", msg, h)
	})
}
