package coder

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
)

// Stage is one step of coding or decoding. Run reads src and writes dst, which has
// room for the most that the step can make, and returns how much it wrote. Both
// start at multiples of 8 bytes.
type Stage interface {
	Run(dst, src []byte) (n int, err error)
}

// Options of a Coder.
type Options struct {
	Affine codec.Affine // of codec.Int8Static
	// Dense, if set, may give a faster stage that does what own does, the stage of a
	// float32 codec for whole tensors; or own. The Coder closes it if it is an io.Closer.
	Dense func(name string, own Stage) (Stage, error)
}

// Coder codes or decodes tokens of one type. It is not safe for concurrent use.
type Coder struct {
	stages []Stage
	least  []int    // bytes that a stage's input has at least: all of a tensor's
	most   []int    // bytes that a stage's input may have
	out    int      // bytes that the last stage may make
	exact  int      // bytes that it makes at least: of a decoder, all of a tensor's
	bufs   [][]byte // between the stages
}

// NewEncoder returns what codes tokens of type plain. Errors wrap codec.ErrType,
// codec.ErrAffine or ErrStage.
func NewEncoder(c codec.Codec, plain graph.TokenType, o Options) (*Coder, error) {
	return newCoder(c, plain, o, true)
}

// NewDecoder returns what undoes an encoder of the same codec, type and Affine. It
// takes any bytes: what no encoder makes is ErrData.
func NewDecoder(c codec.Codec, plain graph.TokenType, o Options) (*Coder, error) {
	return newCoder(c, plain, o, false)
}

func newCoder(c codec.Codec, plain graph.TokenType, o Options, encode bool) (*Coder, error) {
	types, err := c.Types(plain)
	if err != nil {
		return nil, err
	}
	k := &Coder{}
	names := c.Stages()
	for i := 0; i < len(names); i++ {
		first := i
		var s Stage
		if names[i] == codec.Sparse {
			var inner valueStage
			if i+1 < len(names) && floatStage(names[i+1]) {
				i++
				if inner, err = newValues(names[i], plain, o.Affine, true, encode); err != nil {
					return nil, errors.Join(err, k.Close())
				}
			}
			s = newSparse(int(plain.Elements()), inner, encode)
		} else if types[i].Of != nil && names[i] == codec.FP16 {
			from, to := types[i].Of, types[i+1].Of
			if !encode {
				from, to = to, from
			}
			s = &shapedHalves{halves: halves{encode}, from: from, to: to}
		} else if s, err = newStage(names[i], types[i], plain, o, encode); err != nil {
			return nil, errors.Join(err, k.Close())
		}
		from, to := types[first], types[i+1]
		if !encode {
			from, to = to, from
		}
		k.add(s, from, to, encode)
	}
	if !encode && !plain.Variable() {
		k.exact = k.out
	}
	for i := 1; i < len(k.stages); i++ {
		k.bufs = append(k.bufs, aligned(k.most[i]))
	}
	return k, nil
}

// add puts a stage that takes from and makes to behind the others; of a decoder,
// before them.
func (k *Coder) add(s Stage, from, to graph.TokenType, encode bool) {
	least, most := int(from.Bytes()), int(from.Bytes())
	if from.Variable() {
		least = 0
	}
	if encode {
		k.stages, k.least, k.most = append(k.stages, s), append(k.least, least), append(k.most, most)
		k.out = int(to.Bytes())
		return
	}
	if len(k.stages) == 0 {
		k.out = int(to.Bytes())
	}
	k.stages, k.least, k.most = append([]Stage{s}, k.stages...), append([]int{least}, k.least...),
		append([]int{most}, k.most...)
}

func floatStage(name string) bool {
	return name == codec.FP16 || name == codec.Int8 || name == codec.Int8Channel || name == codec.Int8Static
}

// newStage makes the stage of a name for tokens of type t.
func newStage(name string, t, plain graph.TokenType, o Options, encode bool) (Stage, error) {
	switch {
	case floatStage(name):
		own, err := newValues(name, plain, o.Affine, false, encode)
		if err != nil || o.Dense == nil {
			return own, err
		}
		return o.Dense(name, own)
	case name == codec.LZ4 && encode:
		return &lz4Encoder{}, nil
	case name == codec.LZ4:
		return lz4Decoder{}, nil
	case name == codec.Zstd && encode:
		return newZstdEncoder(int(t.Bytes()))
	case name == codec.Zstd:
		return newZstdDecoder(int(t.Bytes()))
	case name == codec.None:
		return through{}, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrStage, name)
}

// Run codes or decodes src, a whole token, into dst, which holds the most bytes that
// the out token may have, and returns how many it has. Of an error the content of dst
// is undefined. Errors wrap ErrData or ErrMemory.
func (k *Coder) Run(dst, src []byte) (int, error) {
	if len(dst) < k.out {
		return 0, fmt.Errorf("%w: %d bytes for a token of up to %d", ErrMemory, len(dst), k.out)
	}
	dst = dst[:k.out]
	for _, m := range [][]byte{dst, src} {
		if uintptr(unsafe.Pointer(unsafe.SliceData(m)))%8 != 0 {
			return 0, fmt.Errorf("%w: it starts at %p, no multiple of 8", ErrMemory, unsafe.SliceData(m))
		}
	}
	for i, s := range k.stages {
		if len(src) < k.least[i] || len(src) > k.most[i] {
			return 0, fmt.Errorf("%w: %d bytes came; expected %d to %d", ErrData, len(src), k.least[i], k.most[i])
		}
		to := dst
		if i < len(k.bufs) {
			to = k.bufs[i]
		}
		n, err := s.Run(to, src)
		if err != nil {
			return 0, err
		}
		src = to[:n]
	}
	if len(src) < k.exact {
		return 0, fmt.Errorf("%w: %d bytes decoded; expected %d", ErrData, len(src), k.exact)
	}
	return len(src), nil
}

// Close closes the stages that Options.Dense gave, and frees what the others hold.
func (k *Coder) Close() error {
	var errs []error
	for _, s := range k.stages {
		if c, ok := s.(interface{ Close() error }); ok {
			errs = append(errs, c.Close())
		}
	}
	k.stages = nil
	return errors.Join(errs...)
}

// through is the stage of codec.None.
type through struct{}

func (through) Run(dst, src []byte) (int, error) { return copy(dst, src), nil }

// aligned returns n bytes that start at a multiple of 8.
func aligned(n int) []byte {
	words := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words))[:n:n]
}
