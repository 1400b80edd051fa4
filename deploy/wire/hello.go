package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
)

// positionBytes is the length of a position: FIFO u32, known u32 (0 or 1), Arrived
// u64, Committed u64.
const positionBytes = 24

// HelloBytes returns the length of an encoded Hello about that many FIFOs.
func HelloBytes(fifos int) int64 { return HeaderBytes + positionBytes*int64(fifos) }

// AppendHello appends an encoded Hello to b: a header whose Seq holds Ask and, in
// its lower half, Re; and the positions.
func AppendHello(b []byte, h *boundary.Hello) []byte {
	n := positionBytes * len(h.FIFOs)
	number := uint64(h.Ask)<<32 | uint64(h.Re)
	id := boundary.TokenID{Seq: number, Prev: number, From: h.From, To: h.To}
	head := Header{Kind: hello, TokenID: id, Length: uint32(n), Total: uint64(n)}
	at := len(b)
	b = append(b, make([]byte, HeaderBytes)...)
	head.Encode(b[at:])
	le := binary.LittleEndian
	for _, p := range h.FIFOs {
		b = le.AppendUint32(b, uint32(p.FIFO))
		known := uint32(0)
		if p.Known {
			known = 1
		}
		b = le.AppendUint32(b, known)
		b = le.AppendUint64(b, p.Arrived)
		b = le.AppendUint64(b, p.Committed)
	}
	return b
}

// DecodeHello reads what AppendHello wrote into h, whose FIFOs are used again. A
// message of more than bound positions, the FIFOs between the two devices, is
// refused before anything is allocated. Errors wrap ErrMessage.
func DecodeHello(msg []byte, bound int, h *boundary.Hello) error {
	head, payload, err := decode(msg)
	switch n := uint64(len(payload)); {
	case err != nil:
		return err
	case head.Kind != hello:
		return fmt.Errorf("%w: kind %d where a greeting is due", ErrMessage, head.Kind)
	case head.FIFO != 0 || head.Prev != head.Seq || head.Offset != 0 || head.Total != n || n%positionBytes != 0:
		return fmt.Errorf("%w: a greeting of %d bytes with the fields of a token", ErrMessage, n)
	case n/positionBytes > uint64(max(bound, 0)):
		return fmt.Errorf("%w: a greeting of %d FIFOs, there are %d", ErrMessage, n/positionBytes, bound)
	}
	h.From, h.To, h.Ask, h.Re = head.From, head.To, uint32(head.Seq>>32), uint32(head.Seq)
	h.FIFOs = h.FIFOs[:0]
	le := binary.LittleEndian
	for p := payload; len(p) > 0; p = p[positionBytes:] {
		known := le.Uint32(p[4:])
		if known > 1 {
			return fmt.Errorf("%w: a position that is known to the degree of %d", ErrMessage, known)
		}
		h.FIFOs = append(h.FIFOs, boundary.Position{
			FIFO: int(le.Uint32(p)), Known: known == 1, Arrived: le.Uint64(p[8:]), Committed: le.Uint64(p[16:]),
		})
	}
	return nil
}
