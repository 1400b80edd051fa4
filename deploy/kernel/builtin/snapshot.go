package builtin

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// reader reads a snapshot: a version byte, then little-endian values. What is
// missing reads as 0 and makes it bad.
type reader struct {
	data []byte
	bad  bool
}

// readSnapshot returns a reader of what follows the version.
func readSnapshot(snapshot []byte, version byte) *reader {
	r := &reader{data: snapshot}
	r.bad = len(snapshot) == 0 || snapshot[0] != version
	if !r.bad {
		r.data = snapshot[1:]
	}
	return r
}

func (r *reader) uint32() uint32 {
	if r.bad || len(r.data) < 4 {
		r.bad = true
		return 0
	}
	v := binary.LittleEndian.Uint32(r.data)
	r.data = r.data[4:]
	return v
}

func (r *reader) int() int { return int(int32(r.uint32())) }

func (r *reader) float32() float32 { return math.Float32frombits(r.uint32()) }

// done reports a snapshot that was too short or too long, or of another version.
func (r *reader) done(name string) error {
	if r.bad || len(r.data) > 0 {
		return fmt.Errorf("%w of kernel %s: another version, or cut off; start the run again", kernel.ErrSnapshot, name)
	}
	return nil
}

// appendInts and appendFloats append to a snapshot.
func appendInts(dst []byte, values ...int) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(int32(v)))
	}
	return dst
}

func appendFloats(dst []byte, values ...float32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}
