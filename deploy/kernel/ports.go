package kernel

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
)

// shape asks a port for an element type and shape.
type shape struct {
	elem string  // "" for any
	dims []int64 // 0 is any size; nil is any shape
}

func (s shape) fits(t graph.TokenType) bool {
	if s.elem != "" && s.elem != t.Elem {
		return false
	}
	if s.dims == nil {
		return true
	}
	if len(s.dims) != len(t.Shape) {
		return false
	}
	for i, d := range s.dims {
		if d != 0 && d != t.Shape[i] {
			return false
		}
	}
	return true
}

func (s shape) String() string {
	elem := s.elem
	if elem == "" {
		elem = "any type"
	}
	if s.dims == nil {
		return elem
	}
	dims := make([]string, len(s.dims))
	for i, d := range s.dims {
		dims[i] = "n"
		if d != 0 {
			dims[i] = fmt.Sprint(d)
		}
	}
	return elem + "[" + strings.Join(dims, ",") + "]"
}

// The token types that several kernels take.
var (
	anything   = shape{}
	picture    = shape{"uint8", []int64{0, 0, 3}}
	planes     = shape{"float32", []int64{1, 3, 0, 0}}
	vector     = shape{"float32", []int64{1, 0}}
	scored     = shape{"float32", []int64{0, detectionColumns}}
	followed   = shape{"float32", []int64{0, trackColumns}}
	permission = shape{"uint8", []int64{1}}
)

// expect checks the ports of one side: their number, their types and that each
// has rate 1.
func expect(side string, ports []graph.Port, want ...shape) error {
	if len(ports) != len(want) {
		return fmt.Errorf("%w: %d %s ports given, it has %d", ErrPort, len(ports), side, len(want))
	}
	for i, p := range ports {
		if p.LRL != 1 || p.URL != 1 {
			return fmt.Errorf("%w: %s port %s has rates %d to %d; expected 1", ErrPort, side, p.Name, p.LRL, p.URL)
		}
		if !want[i].fits(p.Type) {
			return fmt.Errorf("%w: %s port %s carries %s; expected %s", ErrPort, side, p.Name, p.Type, want[i])
		}
	}
	return nil
}

// expectBoth checks a kernel of one in and one out port.
func expectBoth(s Spec, in, out shape) error {
	if err := expect("in", s.In, in); err != nil {
		return err
	}
	return expect("out", s.Out, out)
}

// expectSource checks the ports of a source: an optional in port that holds
// it back until the last frame has left, and one out port.
func expectSource(s Spec, out ...shape) error {
	if len(s.In) > 0 {
		if err := expect("in", s.In, permission); err != nil {
			return err
		}
	}
	return expect("out", s.Out, out...)
}

// elemOf returns the element type of tensors whose tokens' elements have that name;
// 0, which no tensor has, for opaque bytes.
func elemOf(name string) onnx.Elem {
	e, _ := onnx.ElemNamed(name)
	return e
}
