package source

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// tensorSource is the source "tensor": it shows prepared tensors, one for every
// out port, drawn as ort.Random does; there are a few of each port, and frame n
// shows the n-th, modulo their number. Of tensors that travel with their shape, that
// is drawn as well. An in port is taken as permission to fire and
// not read.
//
// Parameters: seed, a whole number, default 1; file, a path to the elements of
// the first port's tensor, or of all ports' one after the other, row-major and
// little-endian, which every frame then shows; frames, how many such sets the file
// holds one after the other, default 1, of which frame n shows the n-th, modulo their number.
type tensorSource struct {
	sets [][][]byte // by frame and port
}

const tensorSets = 4

func newTensor(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	seed := p.Integer("seed", 1, 0, math.MaxInt32)
	file, frames := p.Text("file"), p.Integer("frames", 1, 1, math.MaxInt32)
	if frames > 1 && file == "" {
		p.Failf("frames goes with file")
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := checkPorts(s, slices.Repeat([]string{"any"}, max(len(s.Out), 1))...); err != nil {
		return nil, err
	}
	for _, port := range s.Out {
		if port.Type.Variable() && port.Type.Of == nil {
			return nil, fmt.Errorf("%w: out port %s carries %s; expected a tensor", kernel.ErrPort, port.Name, port.Type)
		}
	}
	k := &tensorSource{}
	for n := range tensorSets {
		set := make([][]byte, len(s.Out))
		for i, port := range s.Out {
			data, err := drawn(port.Type, uint64(seed)<<16|uint64(n)<<8|uint64(i))
			if err != nil {
				return nil, fmt.Errorf("%w: out port %s: %w", kernel.ErrPort, port.Name, err)
			}
			set[i] = data
		}
		k.sets = append(k.sets, set)
	}
	if file == "" {
		return k, nil
	}
	return k, k.show(s, file, frames)
}

// show has frames show the elements of a file, which holds those of several.
func (k *tensorSource) show(s kernel.Spec, file string, frames int) error {
	ports, all := s.Out, int64(0)
	for _, port := range ports {
		all += port.Type.Bytes()
	}
	first, n := ports[0].Type.Bytes(), int64(frames)
	data, err := s.Files.Read(file, n*first, n*all)
	if errors.Is(err, files.ErrSize) {
		err = fmt.Errorf("%w; %s has %d, and all ports have %d%s", err, ports[0].Type, first, all, timesText(frames))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	if int64(len(data)) == n*first {
		ports = ports[:1]
	}
	drawn, at := k.sets, int64(0)
	if frames > 1 {
		k.sets = nil
		for f := range frames {
			k.sets = append(k.sets, slices.Clone(drawn[f%len(drawn)]))
		}
	}
	for _, set := range k.sets {
		if frames == 1 {
			at = 0 // all frames show the same
		}
		for i, port := range ports {
			if port.Type.Of != nil {
				return fmt.Errorf("%w: out port %s carries %s; a file holds tensors of fixed shapes", kernel.ErrPort, port.Name,
					port.Type)
			}
			set[i] = data[at : at+port.Type.Bytes()]
			at += int64(len(set[i]))
		}
	}
	return nil
}

// timesText says that a file holds so many sets; "" of one.
func timesText(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(", %d times as frames says", n)
}

// drawn makes up a token. Of tensors that travel with their shape the size of open
// dimensions is drawn too, up to their bounds.
func drawn(t graph.TokenType, seed uint64) ([]byte, error) {
	if t.Of == nil {
		return ort.Random(elemOf(t.Elem), t.Elements(), seed)
	}
	shape, n, r := slices.Clone(t.Of.Most), int64(1), rand.New(rand.NewPCG(seed, 1))
	for i := range shape {
		if t.Of.Open[i] {
			shape[i] = r.Int64N(shape[i] + 1)
		}
		n *= shape[i]
	}
	data, err := ort.Random(elemOf(t.Of.Elem), n, seed)
	if err != nil {
		return nil, err
	}
	token := kernel.NewToken(t, 0)
	err = token.SetTensor(shape, data)
	return slices.Clone(token.Data[:token.Len]), err // the token has room for the greatest
}

// Fire copies the frame's tensors.
func (k *tensorSource) Fire(f *kernel.Firing) error {
	set := k.sets[f.Frame%int64(len(k.sets))]
	for i, port := range f.Out {
		if n := copy(port[0].Data, set[i]); port[0].Type.Variable() {
			port[0].Len = n
		}
	}
	return nil
}

// Close does nothing.
func (k *tensorSource) Close() error { return nil }

// elemOf returns the element type of that name; 0, which no tensor has, for opaque bytes.
func elemOf(name string) onnx.Elem {
	e, _ := onnx.ElemNamed(name)
	return e
}
