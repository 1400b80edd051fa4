package wire

import (
	"encoding/binary"
	"fmt"
)

// Probe is the answer to a probe of a clock, which itself has no data. It holds all that
// the device adds to the times of who asks: the four of NTP (RFC 5905, section 8).
type Probe struct {
	Taken    int64 // when the probe had arrived, in ns on the device's clock
	Answered int64 // when the answer was about to leave
	Clock    string
}

// Append appends the encoded answer to b: Taken i64, Answered i64, little-endian; the ID.
func (p *Probe) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(p.Taken))
	b = binary.LittleEndian.AppendUint64(b, uint64(p.Answered))
	return append(b, p.Clock...)
}

// maxClockID bounds a clock's ID, in bytes.
const maxClockID = 256

// DecodeProbe reads what Append wrote. Errors wrap ErrMessage.
func DecodeProbe(b []byte) (Probe, error) {
	if len(b) < 16 || len(b) > 16+maxClockID {
		return Probe{}, fmt.Errorf("%w: an answer to a probe of %d bytes", ErrMessage, len(b))
	}
	p := Probe{
		Taken: int64(binary.LittleEndian.Uint64(b)), Answered: int64(binary.LittleEndian.Uint64(b[8:])),
		Clock: string(b[16:]),
	}
	if p.Answered < p.Taken {
		return Probe{}, fmt.Errorf("%w: a probe that was answered at %d ns, and taken at %d ns", ErrMessage, p.Answered,
			p.Taken)
	}
	return p, nil
}
