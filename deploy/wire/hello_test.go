package wire

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
)

func greeting() *boundary.Hello {
	return &boundary.Hello{From: 3 << 20, To: 1<<64 - 1, Ask: 1<<32 - 1, Re: 7, FIFOs: []boundary.Position{
		{FIFO: 2, Known: true, Arrived: 9, Committed: 1 << 63}, {FIFO: 5},
	}}
}

func TestHelloRoundTrip(t *testing.T) {
	var got boundary.Hello
	for _, h := range []*boundary.Hello{greeting(), {From: 1, Ask: 1, FIFOs: []boundary.Position{}}, {From: 1, To: 2, Re: 4, FIFOs: []boundary.Position{{Known: true}}}} {
		b := AppendHello([]byte("before"), h)
		if err := DecodeHello(b[len("before"):], 2, &got); err != nil || !reflect.DeepEqual(&got, h) || string(b[:6]) != "before" {
			t.Errorf("got %+v, %v; want %+v", got, err, h)
		}
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
		"one of a FIFO": edit(8, 1), "a step": edit(40, 1), "an offset": edit(48, 1), "another total": edit(56, 1), "a filled gap": edit(44, 1),
		"a position known to the degree of 2": edit(HeaderBytes+4, 2),
	} {
		if err := DecodeHello(msg, 2, &boundary.Hello{}); !errors.Is(err, ErrMessage) {
			t.Errorf("%s: got %v, want %v", name, err, ErrMessage)
		}
	}
	for _, bound := range []int{1, 0, -1} {
		h := boundary.Hello{}
		if err := DecodeHello(whole, bound, &h); !errors.Is(err, ErrMessage) || h.FIFOs != nil {
			t.Errorf("2 FIFOs under bound %d: %v, %v", bound, err, h.FIFOs)
		}
	}
	if _, _, err := Decode(whole, 1<<20); !errors.Is(err, ErrMessage) {
		t.Errorf("a greeting as a token: %v", err)
	}
}

func FuzzDecodeHello(f *testing.F) {
	f.Add(AppendHello(nil, greeting()), 2)
	f.Add(AppendHello(nil, &boundary.Hello{From: 1, Ask: 1}), 0)
	f.Add([]byte("EPT\x02\x03"), 1)
	f.Fuzz(func(t *testing.T, msg []byte, bound int) {
		var h boundary.Hello
		if err := DecodeHello(msg, bound, &h); err != nil {
			if !errors.Is(err, ErrMessage) {
				t.Fatal(err)
			}
			return
		}
		if len(h.FIFOs) > max(bound, 0) || cap(h.FIFOs)*positionBytes > 2*len(msg)+64 {
			t.Fatalf("%d positions with room for %d, bound %d", len(h.FIFOs), cap(h.FIFOs), bound)
		}
		if again := AppendHello(nil, &h); !bytes.Equal(again, msg) {
			t.Fatalf("%x is read as %+v", msg, h)
		}
	})
}
