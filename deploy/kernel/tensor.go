package kernel

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/edgeprune/edgeprune/deploy/ort"
)

// tensorSource is the source "tensor": it shows prepared tensors, one for every
// out port, drawn as ort.Random does; there are a few of each port, and frame n
// shows the n-th, modulo their number. An in port is taken as permission to fire and
// not read.
//
// Parameters: seed, a whole number, default 1; file, a path to the elements of
// the first port's tensor, row-major and little-endian, which every frame then
// shows.
type tensorSource struct {
	sets [][][]byte // by frame and port
}

const tensorSets = 4

func newTensorSource(s Spec) (Kernel, error) {
	p := params{values: s.Params}
	seed := p.integer("seed", 1, 0, math.MaxInt32)
	file := p.text("file")
	if err := p.done(); err != nil {
		return nil, err
	}
	if err := expectSource(s, slices.Repeat([]shape{anything}, max(len(s.Out), 1))...); err != nil {
		return nil, err
	}
	for _, port := range s.Out {
		if port.Type.Variable() {
			return nil, fmt.Errorf("%w: out port %s carries %s; expected a tensor", ErrPort, port.Name, port.Type)
		}
	}
	k := &tensorSource{}
	for n := range tensorSets {
		set := make([][]byte, len(s.Out))
		for i, port := range s.Out {
			data, err := ort.Random(elems[port.Type.Elem], port.Type.Elements(), uint64(seed)<<16|uint64(n)<<8|uint64(i))
			if err != nil {
				return nil, fmt.Errorf("%w: out port %s: %w", ErrPort, port.Name, err)
			}
			set[i] = data
		}
		k.sets = append(k.sets, set)
	}
	if file == "" {
		return k, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	if want := s.Out[0].Type.Bytes(); int64(len(data)) != want {
		return nil, fmt.Errorf("%w: %s holds %d bytes; %s has %d", ErrSource, file, len(data), s.Out[0].Type, want)
	}
	for _, set := range k.sets {
		set[0] = data
	}
	return k, nil
}

// Fire copies the frame's tensors.
func (k *tensorSource) Fire(f *Firing) error {
	set := k.sets[f.Frame%tensorSets]
	for i, port := range f.Out {
		copy(port[0].Data, set[i])
	}
	return nil
}

// Close does nothing.
func (k *tensorSource) Close() error { return nil }
