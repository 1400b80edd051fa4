package wire

// Headroom is how many bytes of a Buffer lie before the token, so that the
// token keeps the memory's alignment.
const Headroom = 64

// Buffer is the memory of a token with room for a header in front of it, so
// that any part of the token can be sent without copying it first.
type Buffer []byte

// Token returns the token's memory.
func (b Buffer) Token() []byte { return b[Headroom:len(b):len(b)] }

// Message calls use with a message of the header and the token's bytes from
// h.Offset to h.Offset+h.Length, and returns its error. use may not keep the message.
//
// The message lies in the Buffer itself: while use runs, the header covers the
// bytes before the chunk, which are put back afterwards. Nothing else may use the
// token meanwhile, even if the peer has it already.
func (b Buffer) Message(h *Header, use func([]byte) error) error {
	from := Headroom + int(h.Offset)
	to := from + int(h.Length)
	var covered [HeaderBytes]byte
	place := b[from-HeaderBytes : from]
	copy(covered[:], place)
	h.Encode(place)
	err := use(b[from-HeaderBytes : to])
	copy(place, covered[:])
	return err
}
