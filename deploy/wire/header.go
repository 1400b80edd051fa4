package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
)

// HeaderBytes is the length of a header: that of a Buffer's Headroom.
const HeaderBytes = Headroom

// magic holds the format's name and, as its last byte, its version.
const magic = uint32('E') | uint32('P')<<8 | uint32('T')<<16 | 2<<24

// Kind says what a message carries.
type Kind uint8

// The kinds of messages.
const (
	Data   Kind = 1 + iota // a chunk of a token
	Ack                    // all tokens before Seq are committed; no payload
	hello                  // positions of FIFOs: AppendHello and DecodeHello
	part                   // of a message that is larger than the server's max_payload: PartHeader
	Sealed                 // Data over a link whose plan says seal: see package seal
)

// SealBytes is how much longer a message of kind Sealed is than one of Data: by the header
// once more, and what nkeys' curve keys add, a version of 4 bytes, a nonce of 24 and an
// authenticator of 16.
const SealBytes = HeaderBytes + 4 + 24 + 16

// Header begins every message. On the wire it is little-endian: magic u32, kind
// u32, FIFO u32, Length u32, From u64, To u64, Seq u64, Seq-Prev u32, four zero
// bytes, Offset u64, Total u64; then Length bytes of payload, and SealBytes more of
// kind Sealed. The run is named by the subject.
type Header struct {
	Kind             Kind
	boundary.TokenID        // FIFO is a u32, and Prev is at most 2^32-1 below Seq
	Offset           uint64 // of the chunk in the token, in bytes
	Total            uint64 // bytes of the whole token
	Length           uint32 // bytes of the chunk
}

// Last reports whether the chunk is the token's last one.
func (h *Header) Last() bool { return h.Offset+uint64(h.Length) == h.Total }

// Encode writes the header into the first HeaderBytes of b.
func (h *Header) Encode(b []byte) {
	_ = b[HeaderBytes-1]
	le := binary.LittleEndian
	le.PutUint32(b, magic)
	le.PutUint32(b[4:], uint32(h.Kind))
	le.PutUint32(b[8:], uint32(h.FIFO))
	le.PutUint32(b[12:], h.Length)
	le.PutUint64(b[16:], h.From)
	le.PutUint64(b[24:], h.To)
	le.PutUint64(b[32:], h.Seq)
	le.PutUint32(b[40:], uint32(h.Seq-h.Prev))
	le.PutUint32(b[44:], 0)
	le.PutUint64(b[48:], h.Offset)
	le.PutUint64(b[56:], h.Total)
}

// Decode reads a message of a FIFO whose tokens have at most bound bytes. The
// payload aliases msg. After Decode, Prev <= Seq and Offset+Length <= Total <= bound
// hold and Length is the payload's length, which of kind Sealed is by SealBytes more; an
// acknowledgement has none. Errors wrap ErrMessage.
func Decode(msg []byte, bound int64) (h Header, payload []byte, err error) {
	h, payload, err = decode(msg)
	switch n := uint64(h.Length); {
	case err != nil:
	case h.Kind != Data && h.Kind != Ack && h.Kind != Sealed:
		err = fmt.Errorf("%w: kind %d", ErrMessage, h.Kind)
	case h.Kind == Ack && h.Total|h.Offset|n|(h.Seq-h.Prev) != 0:
		err = fmt.Errorf("%w: an acknowledgement with a payload", ErrMessage)
	case h.Total > uint64(max(bound, 0)):
		err = fmt.Errorf("%w: a token of %d bytes, the FIFO's bound is %d", ErrMessage, h.Total, bound)
	case h.Offset > h.Total || n > h.Total-h.Offset:
		err = fmt.Errorf("%w: bytes %d to %d of a token of %d", ErrMessage, h.Offset, h.Offset+n, h.Total)
	}
	if err != nil {
		return Header{}, nil, err
	}
	return h, payload, nil
}

// decode reads a header of any kind, whose Length is the payload's, but for SealBytes.
func decode(msg []byte) (h Header, payload []byte, err error) {
	if len(msg) < HeaderBytes {
		return h, nil, fmt.Errorf("%w: %d bytes, a header has %d", ErrMessage, len(msg), HeaderBytes)
	}
	le := binary.LittleEndian
	if m := le.Uint32(msg); m != magic {
		return h, nil, fmt.Errorf("%w: it begins with %08x, expected %08x", ErrMessage, m, magic)
	}
	kind, step, zero := le.Uint32(msg[4:]), uint64(le.Uint32(msg[40:])), le.Uint32(msg[44:])
	h = Header{
		Kind: Kind(kind),
		TokenID: boundary.TokenID{
			FIFO: int(le.Uint32(msg[8:])),
			Seq:  le.Uint64(msg[32:]),
			Prev: le.Uint64(msg[32:]) - step,
			From: le.Uint64(msg[16:]),
			To:   le.Uint64(msg[24:]),
		},
		Length: le.Uint32(msg[12:]),
		Offset: le.Uint64(msg[48:]),
		Total:  le.Uint64(msg[56:]),
	}
	payload = msg[HeaderBytes:]
	want := uint64(h.Length)
	if h.Kind == Sealed {
		want += SealBytes
	}
	switch n := uint64(len(payload)); {
	case kind < uint32(Data) || kind > uint32(Sealed):
		err = fmt.Errorf("%w: kind %d", ErrMessage, kind)
	case zero != 0 || step > h.Seq:
		err = fmt.Errorf("%w: token %d, %d after the one before it", ErrMessage, h.Seq, step)
	case want != n:
		err = fmt.Errorf("%w: %d bytes of payload, its header says %d", ErrMessage, n, want)
	}
	return h, payload, err
}
