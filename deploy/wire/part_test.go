package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
)

func TestOnlyShapedLinksTakeSmallParts(t *testing.T) {
	for name, tt := range map[string]struct {
		link *plan.Link
		want int64
	}{
		"no link":   {nil, MaxPartBytes},
		"unshaped":  {&plan.Link{Name: "l"}, MaxPartBytes},
		"bandwidth": {&plan.Link{BandwidthBytesPerSec: 1e6}, plan.ChunkBytes},
		"latency":   {&plan.Link{Latency: time.Millisecond}, plan.ChunkBytes},
	} {
		assert.Equal(t, tt.want, PartBytes(tt.link), name)
	}
}

func TestEveryPartOfATokenHasAHeader(t *testing.T) {
	shaped := &plan.Link{Latency: time.Millisecond}
	for n, parts := range map[int64]int64{0: 1, 1: 1, plan.ChunkBytes: 1, plan.ChunkBytes + 1: 2, 3 * plan.ChunkBytes: 3} {
		assert.Equal(t, n+parts*HeaderBytes, TokenBytes(shaped, n, 1<<20), "%d bytes", n)
	}
	assert.EqualValues(t, plan.ChunkBytes*8+HeaderBytes, TokenBytes(nil, plan.ChunkBytes*8, 1<<20))
}

// cut returns the lengths of the payloads of the messages that a header is cut into.
func cut(h Header, limit int64) (lengths []int64) {
	for {
		offset := h.Offset
		first := h.Cut(limit)
		if first.Offset != offset || h.Offset != offset+uint64(first.Length) || int64(first.Length)+HeaderBytes > limit {
			return nil
		}
		lengths = append(lengths, int64(first.Length))
		if h.Length == 0 {
			return lengths
		}
	}
}

// What is counted of a token is what is cut, whatever the server's limit and the link's parts.
func TestTokensAreCutAsTheyAreCounted(t *testing.T) {
	for _, link := range []*plan.Link{nil, {Latency: time.Millisecond}, {Seal: true}} {
		over := Overhead(link)
		for _, limit := range []int64{over + 1, 4 << 10, 64 << 10, 64<<10 + HeaderBytes, 1 << 20} {
			room := limit - over
			for _, n := range []int64{0, 1, room - 1, room, room + 1, 3*room + 5, plan.ChunkBytes, MaxPartBytes + room + 1} {
				sum, messages := int64(0), int64(0)
				part := PartBytes(link)
				for at := int64(0); ; at += part {
					length := min(part, n-at)
					h := Header{Kind: Data, Offset: uint64(at), Total: uint64(n), Length: uint32(length)}
					for _, bytes := range cut(h, limit-over+HeaderBytes) {
						sum, messages = sum+bytes, messages+1
					}
					if at+length >= n {
						break
					}
				}
				assert.Equal(t, n, sum, "limit %d, %d bytes", limit, n)
				assert.Equal(t, n+over*messages, TokenBytes(link, n, limit), "limit %d, %d bytes", limit, n)
			}
		}
	}
}

func TestPartsAreRefused(t *testing.T) {
	h, err := PartHeader(7, 9, 5)
	require.NoError(t, err)
	edited := func(edit func(*Header)) []byte {
		e := h
		edit(&e)
		return message(e, []byte("abcde"))
	}
	got, payload, err := DecodePart(edited(func(*Header) {}))
	require.NoError(t, err)
	assert.Equal(t, h, got)
	assert.Equal(t, "abcde", string(payload))
	for name, edit := range map[string]func(*Header){
		"a token":          func(h *Header) { h.Kind = Data },
		"a FIFO":           func(h *Header) { h.FIFO = 1 },
		"a receiver":       func(h *Header) { h.To = 1 },
		"a step":           func(h *Header) { h.Prev-- },
		"too large":        func(h *Header) { h.Total = MaxMessageBytes + 1 },
		"beyond its end":   func(h *Header) { h.Offset = 1 },
		"an offset beyond": func(h *Header) { h.Offset = 1 << 63 },
		"cut off":          func(h *Header) { h.Length = 4 },
	} {
		_, _, err := DecodePart(edited(edit))
		assert.ErrorIs(t, err, ErrMessage, name)
	}
	_, err = PartHeader(7, 9, MaxMessageBytes+1)
	require.ErrorIs(t, err, ErrTooLarge)
	assert.False(t, IsPart(edited(func(h *Header) { h.Kind = Data })))
	assert.True(t, IsPart(edited(func(*Header) {})))
	assert.False(t, IsPart(edited(func(*Header) {})[:HeaderBytes-1]))
	_, _, err = Decode(edited(func(*Header) {}), 8)
	assert.ErrorIs(t, err, ErrMessage, "a part where a token is due")
}
