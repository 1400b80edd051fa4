package coder

import (
	"fmt"
	"math/bits"

	"github.com/edgeprune/edgeprune/core/codec"
)

// sparse is the stage sparse with the values' own stage.
type sparse struct {
	n      int        // elements of a tensor
	values valueStage // nil: float32 as they are
	encode bool
	packed []byte // room for n float32 and margin more
}

func newSparse(n int, values valueStage, encode bool) *sparse {
	return &sparse{n: n, values: values, encode: encode, packed: aligned(4 * (n + margin))}
}

func (s *sparse) Run(dst, src []byte) (int, error) {
	if s.encode {
		return s.pack(dst, src)
	}
	return s.unpack(dst, src)
}

func (s *sparse) pack(dst, src []byte) (int, error) {
	header := int(codec.SparseBitmapBytes(int64(s.n)))
	k := pack(Elements[uint32](s.packed), Elements[uint64](dst[:header]), Elements[uint32](src))
	if s.values == nil {
		return header + copy(dst[header:], s.packed[:4*k]), nil
	}
	n, err := s.values.Run(dst[header:], s.packed[:4*k])
	return header + n, err
}

func (s *sparse) unpack(dst, src []byte) (int, error) {
	header := int(codec.SparseBitmapBytes(int64(s.n)))
	if len(src) < header {
		return 0, fmt.Errorf("%w: %d bytes, the bitmap alone has %d", ErrData, len(src), header)
	}
	bitmap, coded := Elements[uint64](src[:header]), src[header:]
	if rest := s.n % 64; rest > 0 && bitmap[len(bitmap)-1]>>rest != 0 {
		return 0, fmt.Errorf("%w: the bitmap goes on after the tensor's %d elements", ErrData, s.n)
	}
	k := 0
	for _, word := range bitmap {
		k += bits.OnesCount64(word)
	}
	want := 4 * k
	if s.values != nil {
		want = s.values.bytes(k)
	}
	if len(coded) != want {
		return 0, fmt.Errorf("%w: %d bytes behind a bitmap of %d values; expected %d", ErrData, len(coded), k, want)
	}
	if s.values == nil {
		copy(s.packed, coded)
	} else if _, err := s.values.Run(s.packed, coded); err != nil {
		return 0, err
	}
	unpack(Elements[uint32](dst[:4*s.n]), bitmap, Elements[uint32](s.packed))
	return 4 * s.n, nil
}

// pack writes which elements of src, seen as bits, are not +0 into bitmap, and those
// into packed, which has room for margin more than src has; it returns their number.
func pack(packed []uint32, bitmap []uint64, src []uint32) int {
	k := 0
	var last [block]uint32
	for w := range bitmap {
		if len(src) < block {
			copy(last[:], src)
			src = last[:]
		}
		word := packBlock((*[block]uint32)(packed[k:]), (*[block]uint32)(src))
		bitmap[w] = word
		k += bits.OnesCount64(word)
		src = src[block:]
	}
	return k
}

// block is the number of elements of a word of the bitmap, and margin what packed has
// behind its values, so that a whole block can always be seen there.
const block, margin = 64, 64

// packBlock stores every element and moves on only behind those that count, so
// nothing branches.
func packBlock(dst, src *[block]uint32) (word uint64) {
	k := uint64(0)
	for _, x := range src {
		bit := uint64((x | -x) >> 31) // 0 for 0, else 1
		dst[k&(block-1)] = x
		k += bit
		word = word>>1 | bit<<(block-1)
	}
	return word
}

// unpack undoes pack.
func unpack(dst []uint32, bitmap []uint64, packed []uint32) {
	k := 0
	for _, word := range bitmap {
		p := (*[block]uint32)(packed[k:])
		k += bits.OnesCount64(word)
		if len(dst) < block {
			var last [block]uint32
			unpackBlock(&last, p, word)
			copy(dst, last[:])
			return
		}
		switch to := (*[block]uint32)(dst); word {
		case 0:
			*to = [block]uint32{}
		default:
			unpackBlock(to, p, word)
		}
		dst = dst[block:]
	}
}

func unpackBlock(dst, src *[block]uint32, word uint64) {
	k := uint64(0)
	for i := range dst {
		bit := word & 1
		dst[i] = src[k&(block-1)] & uint32(-bit)
		k += bit
		word >>= 1
	}
}
