package wire

import (
	"encoding/binary"
	"fmt"
)

// HeaderBytes is the length of a header.
const HeaderBytes = 48

// magic holds the format's name and, as its last byte, its version.
const magic = uint32('E') | uint32('P')<<8 | uint32('T')<<16 | 1<<24

// Kind says what a message carries.
type Kind uint8

// The kinds of messages.
const (
	Data Kind = 1 + iota // a chunk of a token
	Ack                  // all tokens before Seq are consumed; no payload
)

// Header begins every message. On the wire it is little-endian: magic u32, kind
// u8, three zero bytes, FIFO u32, Length u32, Epoch u64, Seq u64, Offset u64,
// Total u64; then Length bytes of payload.
type Header struct {
	Kind   Kind
	FIFO   uint32 // index in the plan's graph
	Epoch  uint64 // of the run, so that runs can't mix
	Seq    uint64 // Data: the token; Ack: the first token that is not consumed
	Offset uint64 // of the chunk in the token, in bytes
	Total  uint64 // bytes of the whole token
	Length uint32 // bytes of the chunk
}

// Last reports whether the chunk is the token's last one.
func (h *Header) Last() bool { return h.Offset+uint64(h.Length) == h.Total }

// Encode writes the header into the first HeaderBytes of b.
func (h *Header) Encode(b []byte) {
	_ = b[HeaderBytes-1]
	binary.LittleEndian.PutUint32(b, magic)
	binary.LittleEndian.PutUint32(b[4:], uint32(h.Kind))
	binary.LittleEndian.PutUint32(b[8:], h.FIFO)
	binary.LittleEndian.PutUint32(b[12:], h.Length)
	binary.LittleEndian.PutUint64(b[16:], h.Epoch)
	binary.LittleEndian.PutUint64(b[24:], h.Seq)
	binary.LittleEndian.PutUint64(b[32:], h.Offset)
	binary.LittleEndian.PutUint64(b[40:], h.Total)
}

// Decode reads a message of a FIFO whose tokens have at most bound bytes. The
// payload aliases msg. After Decode, Offset+Length <= Total <= bound holds and
// Length is the payload's length; an acknowledgement has none. Errors wrap ErrMessage.
func Decode(msg []byte, bound int64) (h Header, payload []byte, err error) {
	if len(msg) < HeaderBytes {
		return h, nil, fmt.Errorf("%w: %d bytes, a header has %d", ErrMessage, len(msg), HeaderBytes)
	}
	if m := binary.LittleEndian.Uint32(msg); m != magic {
		return h, nil, fmt.Errorf("%w: it begins with %08x, expected %08x", ErrMessage, m, magic)
	}
	kind := binary.LittleEndian.Uint32(msg[4:])
	if kind != uint32(Data) && kind != uint32(Ack) {
		return h, nil, fmt.Errorf("%w: kind %d", ErrMessage, kind)
	}
	h = Header{
		Kind:   Kind(kind),
		FIFO:   binary.LittleEndian.Uint32(msg[8:]),
		Length: binary.LittleEndian.Uint32(msg[12:]),
		Epoch:  binary.LittleEndian.Uint64(msg[16:]),
		Seq:    binary.LittleEndian.Uint64(msg[24:]),
		Offset: binary.LittleEndian.Uint64(msg[32:]),
		Total:  binary.LittleEndian.Uint64(msg[40:]),
	}
	payload = msg[HeaderBytes:]
	n := uint64(len(payload))
	switch {
	case uint64(h.Length) != n:
		err = fmt.Errorf("%w: %d bytes of payload, its header says %d", ErrMessage, n, h.Length)
	case h.Kind == Ack && h.Total|h.Offset|n != 0:
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
