package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
)

// MaxPartBytes is the size of the parts of a token where there is no bandwidth or
// latency to emulate: every message costs, and none has to be held back.
const MaxPartBytes = 512 << 10

const (
	// MaxMessageBytes bounds messages that travel in parts.
	MaxMessageBytes = 1 << 30
	// LeastPayload is the least max_payload, in bytes, of a NATS server that agents and
	// coordinators can use: the answers of the micro service API have to fit.
	LeastPayload = 4 << 10
)

// PartBytes returns the most bytes of a token that one part carries over a link; nil
// is none. A part that doesn't fit the server's max_payload is cut further: see Cut.
func PartBytes(link *plan.Link) int64 {
	if link == nil || !link.Shaped() {
		return MaxPartBytes
	}
	return plan.ChunkBytes
}

// Overhead returns how many bytes a message over a link, nil is none, has besides its part of
// a token: its header, and what sealing adds.
func Overhead(link *plan.Link) int64 {
	if link != nil && link.Seal {
		return HeaderBytes + SealBytes
	}
	return HeaderBytes
}

// TokenBytes returns the bytes of all messages that carry a token of n bytes over a
// link, headers and all. No message has more than limit bytes.
func TokenBytes(link *plan.Link, n, limit int64) int64 {
	part, room := PartBytes(link), limit-Overhead(link)
	messages := n / part * messagesOf(part, room)
	if rest := n % part; rest > 0 || n == 0 {
		messages += messagesOf(rest, room)
	}
	return n + Overhead(link)*messages
}

// MessageBytes returns the bytes of all messages that carry one of n bytes as Cut has
// it: in parts only where it has more than limit bytes.
func MessageBytes(n, limit int64) int64 {
	if n <= limit {
		return n
	}
	return n + HeaderBytes*messagesOf(n, limit-HeaderBytes)
}

// messagesOf returns how many messages with room for so many bytes carry n bytes.
func messagesOf(n, room int64) int64 {
	room = max(room, 1)
	return max((n+room-1)/room, 1)
}

// Cut returns the header of the first message, of at most limit bytes, that carries the
// bytes of h, and leaves those that follow to h: none if its Length is 0 then. It is
// what makes every message fit the server's max_payload. limit is more than HeaderBytes, and
// less by SealBytes than that of the server for what is to be sealed.
func (h *Header) Cut(limit int64) Header {
	first := *h
	first.Length = uint32(min(int64(h.Length), limit-HeaderBytes))
	h.Offset += uint64(first.Length)
	h.Length -= first.Length
	return first
}

// PartHeader returns the header of all of a message of n bytes, to be cut. Of all
// messages of a sender each has another seq, and of all senders each another from.
func PartHeader(from, seq uint64, n int) (Header, error) {
	if n > MaxMessageBytes {
		return Header{}, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, n, MaxMessageBytes)
	}
	id := boundary.TokenID{From: from, Seq: seq, Prev: seq}
	return Header{Kind: part, TokenID: id, Total: uint64(n), Length: uint32(n)}, nil
}

// partStart is how every message that is a part begins.
var partStart = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, magic), uint32(part))

// IsPart reports whether a message is a part of a larger one.
func IsPart(msg []byte) bool { return len(msg) >= HeaderBytes && bytes.HasPrefix(msg, partStart) }

// DecodePart reads a message of which IsPart is true. The payload aliases msg. After it,
// Offset+Length <= Total <= MaxMessageBytes holds and Length is the payload's length.
// Errors wrap ErrMessage.
func DecodePart(msg []byte) (h Header, payload []byte, err error) {
	h, payload, err = decode(msg)
	switch {
	case err != nil:
	case h.Kind != part:
		err = fmt.Errorf("%w: kind %d where a part is due", ErrMessage, h.Kind)
	case h.FIFO != 0 || h.To != 0 || h.Prev != h.Seq:
		err = fmt.Errorf("%w: a part of a message with the fields of a token", ErrMessage)
	case h.Total > MaxMessageBytes || h.Offset > h.Total || uint64(h.Length) > h.Total-h.Offset:
		err = fmt.Errorf("%w: bytes %d to %d of a message of %d, at most %d", ErrMessage, h.Offset,
			h.Offset+uint64(h.Length), h.Total, MaxMessageBytes)
	}
	return h, payload, err
}
