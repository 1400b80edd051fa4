package wire

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func message(h Header, payload []byte) []byte {
	b := make([]byte, HeaderBytes, HeaderBytes+len(payload))
	h.Encode(b)
	return append(b, payload...)
}

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	for _, tt := range []struct {
		header  Header
		payload string
		last    bool
	}{
		{Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 3, From: 1 << 63, To: 1<<64 - 1, Seq: 9, Prev: 9}, Offset: 2,
			Total: 8, Length: 3}, "abc", false},
		{Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 1<<32 - 1, Seq: 1<<64 - 1, Prev: 1<<64 - 1<<32}, Total: 3,
			Length: 3}, "abc", true},
		{Header{Kind: Data, TokenID: boundary.TokenID{From: 1, Seq: 7}}, "", true},
		{Header{Kind: Ack, TokenID: boundary.TokenID{FIFO: 7, From: 5, To: 6, Seq: 11, Prev: 11}}, "", true},
	} {
		h, payload, err := Decode(message(tt.header, []byte(tt.payload)), 8)
		require.NoError(t, err)
		assert.Equal(t, tt.header, h)
		assert.Equal(t, tt.payload, string(payload))
		assert.Equal(t, tt.last, h.Last())
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := Header{Kind: Data, Total: 3, Length: 3}
	edit := func(i int, v byte) []byte {
		b := message(good, []byte("abc"))
		b[i] = v
		return b
	}
	for _, tt := range []struct {
		name string
		msg  []byte
	}{
		{"nothing", nil},
		{"a cut-off header", message(good, nil)[:HeaderBytes-1]},
		{"another format", edit(0, 'X')},
		{"another version", edit(3, 1)},
		{"kind 0", edit(4, 0)},
		{"kind 3", edit(4, 3)},
		{"kind 4", edit(4, 4)},
		{"a sealed payload that is too short", edit(4, byte(Sealed))},
		{"kind 6", edit(4, 6)},
		{"a kind with a filled gap", edit(6, 1)},
		{"a filled gap", edit(44, 1)},
		{"a token before the first one", edit(40, 1)},
		{"a cut-off payload", message(good, []byte("ab"))},
		{"a payload too long", message(good, []byte("abcd"))},
		{"a token beyond the bound", message(Header{Kind: Data, Total: 9, Length: 3}, []byte("abc"))},
		{"a huge token", message(Header{Kind: Data, Total: 1<<64 - 1, Length: 3}, []byte("abc"))},
		{"a chunk beyond its token", message(Header{Kind: Data, Offset: 1, Total: 3, Length: 3}, []byte("abc"))},
		{"an offset that overflows", message(Header{Kind: Data, Offset: 1<<64 - 2, Total: 3, Length: 3}, []byte("abc"))},
		{"an acknowledgement with a payload", message(Header{Kind: Ack, Total: 3, Length: 3}, []byte("abc"))},
		{"an acknowledgement with a size", message(Header{Kind: Ack, Total: 3}, nil)},
		{"an acknowledgement with a step", message(Header{Kind: Ack, TokenID: boundary.TokenID{Seq: 3, Prev: 2}}, nil)},
	} {
		_, _, err := Decode(tt.msg, 8)
		assert.ErrorIs(t, err, ErrMessage, tt.name)
	}
	_, _, err := Decode(message(good, []byte("abc")), -1)
	assert.ErrorIs(t, err, ErrMessage, "a negative bound")
}

func FuzzDecode(f *testing.F) {
	f.Add(
		message(Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 3, From: 1, To: 2, Seq: 9, Prev: 8}, Offset: 2, Total: 8,
			Length: 3}, []byte("abc")), int64(8),
	)
	f.Add(message(Header{Kind: Ack, TokenID: boundary.TokenID{Seq: 9, Prev: 9}}, nil), int64(0))
	f.Add([]byte("EPT\x02"), int64(-1))
	f.Fuzz(func(t *testing.T, msg []byte, bound int64) {
		h, payload, err := Decode(msg, bound)
		if err != nil {
			require.ErrorIs(t, err, ErrMessage, "%v with %+v and %d bytes", err, h, len(payload))
			require.Equal(t, (Header{}), h, "%v with %+v and %d bytes", err, h, len(payload))
			require.Nil(t, payload, "%v with %+v and %d bytes", err, h, len(payload))
			return
		}
		require.LessOrEqual(t, h.Total, uint64(max(bound, 0)), "accepted %+v with %d bytes under bound", h, len(payload))
		require.LessOrEqual(t, h.Offset, h.Total, "accepted %+v with %d bytes under bound", h, len(payload))
		require.LessOrEqual(t, uint64(len(payload)), h.Total-h.Offset, "accepted %+v with %d bytes under bound", h,
			len(payload))
		require.Equal(t, len(payload), int(h.Length), "accepted %+v with %d bytes under bound", h, len(payload))
		require.Equal(t, msg, message(h, payload), "%x is read as", msg)
	})
}

func TestBufferSendsEveryByteAndKeepsThem(t *testing.T) {
	token := []byte("the quick brown fox jumps over the lazy dog and then over one more dog just like it")
	b := make(Buffer, Headroom+len(token))
	copy(b.Token(), token)
	const chunk = 10
	var got []byte
	for off := 0; off < len(token); off += chunk {
		n := min(chunk, len(token)-off)
		h := Header{Kind: Data, TokenID: boundary.TokenID{Seq: 4}, Offset: uint64(off), Total: uint64(len(token)),
			Length: uint32(n)}
		err := b.Message(&h, func(msg []byte) error {
			h2, payload, err := Decode(msg, int64(len(token)))
			assert.Equal(t, h, h2, "sent")
			assert.Same(t, &b[Headroom+off], &msg[HeaderBytes], "offset %d: it was copied", off)
			got = append(got, payload...)
			return err
		})
		require.NoError(t, err)
	}
	assert.Equal(t, token, got, "sent %q, kept", got)
	assert.Equal(t, token, b.Token(), "sent %q, kept", got)
	assert.Equal(t, len(token), cap(b.Token()), "the token's capacity is %d", cap(b.Token()))
}

func TestBufferReturnsTheErrorOfItsUse(t *testing.T) {
	failed := errors.New("failed")
	b := make(Buffer, Headroom+2)
	for length := range uint32(3) {
		h := Header{Kind: Data, Total: 2, Length: length}
		assert.ErrorIs(t, b.Message(&h, func([]byte) error { return failed }), failed, "length %d", length)
	}
}
