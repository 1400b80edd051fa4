package wire

import (
	"bytes"
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
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
		{Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 3, From: 1 << 63, To: 1<<64 - 1, Seq: 9, Prev: 9}, Offset: 2, Total: 8, Length: 3}, "abc", false},
		{Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 1<<32 - 1, Seq: 1<<64 - 1, Prev: 1<<64 - 1<<32}, Total: 3, Length: 3}, "abc", true},
		{Header{Kind: Data, TokenID: boundary.TokenID{From: 1, Seq: 7}}, "", true},
		{Header{Kind: Ack, TokenID: boundary.TokenID{FIFO: 7, From: 5, To: 6, Seq: 11, Prev: 11}}, "", true},
	} {
		h, payload, err := Decode(message(tt.header, []byte(tt.payload)), 8)
		if err != nil || h != tt.header || string(payload) != tt.payload || h.Last() != tt.last {
			t.Errorf("%+v: got %+v, %q, %v", tt.header, h, payload, err)
		}
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
		if _, _, err := Decode(tt.msg, 8); !errors.Is(err, ErrMessage) {
			t.Errorf("%s: got %v, want %v", tt.name, err, ErrMessage)
		}
	}
	if _, _, err := Decode(message(good, []byte("abc")), -1); !errors.Is(err, ErrMessage) {
		t.Errorf("a negative bound: got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(message(Header{Kind: Data, TokenID: boundary.TokenID{FIFO: 3, From: 1, To: 2, Seq: 9, Prev: 8}, Offset: 2, Total: 8, Length: 3}, []byte("abc")), int64(8))
	f.Add(message(Header{Kind: Ack, TokenID: boundary.TokenID{Seq: 9, Prev: 9}}, nil), int64(0))
	f.Add([]byte("EPT\x02"), int64(-1))
	f.Fuzz(func(t *testing.T, msg []byte, bound int64) {
		h, payload, err := Decode(msg, bound)
		if err != nil {
			if !errors.Is(err, ErrMessage) || h != (Header{}) || payload != nil {
				t.Fatalf("%v with %+v and %d bytes", err, h, len(payload))
			}
			return
		}
		if h.Total > uint64(max(bound, 0)) || h.Offset > h.Total || uint64(len(payload)) > h.Total-h.Offset || int(h.Length) != len(payload) {
			t.Fatalf("accepted %+v with %d bytes under bound %d", h, len(payload), bound)
		}
		if !bytes.Equal(message(h, payload), msg) {
			t.Fatalf("%x is read as %+v", msg, h)
		}
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
		h := Header{Kind: Data, TokenID: boundary.TokenID{Seq: 4}, Offset: uint64(off), Total: uint64(len(token)), Length: uint32(n)}
		err := b.Message(&h, func(msg []byte) error {
			h2, payload, err := Decode(msg, int64(len(token)))
			if h2 != h {
				t.Errorf("sent %+v, got %+v", h, h2)
			}
			if &msg[HeaderBytes] != &b[Headroom+off] {
				t.Errorf("offset %d: it was copied", off)
			}
			got = append(got, payload...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, token) || !bytes.Equal(b.Token(), token) {
		t.Errorf("sent %q, kept %q", got, b.Token())
	}
	if cap(b.Token()) != len(token) {
		t.Errorf("the token's capacity is %d of %d", cap(b.Token()), len(token))
	}
}

func TestBufferReturnsTheErrorOfItsUse(t *testing.T) {
	failed := errors.New("failed")
	b := make(Buffer, Headroom+2)
	for length := range uint32(3) {
		h := Header{Kind: Data, Total: 2, Length: length}
		if err := b.Message(&h, func([]byte) error { return failed }); !errors.Is(err, failed) {
			t.Errorf("length %d: got %v", length, err)
		}
	}
}
