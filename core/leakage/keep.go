package leakage

import (
	"encoding/binary"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// keptHeader is the bytes before the inner products of samples: their number, that of the numbers
// of each, and whether they are sketched, uint64 each, little-endian.
const keptHeader = 24

// MarshalBinary implements encoding.BinaryMarshaler. It returns no error.
func (s *Samples) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, keptHeader+4*s.N*(s.N+1))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.N))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Dims))
	sketched := uint64(0)
	if s.Sketched {
		sketched = 1
	}
	b = binary.LittleEndian.AppendUint64(b, sketched)
	for i := range s.N {
		for j := range i + 1 {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.gram.At(i, j)))
		}
	}
	return b, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler. What MarshalBinary doesn't write is an
// error that wraps ErrSamples.
func (s *Samples) UnmarshalBinary(b []byte) error {
	if len(b) < keptHeader {
		return fmt.Errorf("%w: %d bytes were kept", ErrSamples, len(b))
	}
	n, dims := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if n < Least || n > math.MaxInt32 || dims > math.MaxInt64 || uint64(len(b)-keptHeader) != 4*n*(n+1) {
		return fmt.Errorf("%w: %d bytes were kept of %d samples", ErrSamples, len(b), n)
	}
	*s = Samples{N: int(n), Dims: int(dims), Sketched: binary.LittleEndian.Uint64(b[16:]) == 1,
		gram: mat.NewSymDense(int(n), nil)}
	at := keptHeader
	for i := range s.N {
		for j := range i + 1 {
			s.gram.SetSym(i, j, math.Float64frombits(binary.LittleEndian.Uint64(b[at:])))
			at += 8
		}
	}
	return nil
}
