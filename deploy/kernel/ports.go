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

// elems gives the element types that tensors of the runtime can have.
var elems = map[string]onnx.Elem{
	"float32": onnx.Float32, "float16": onnx.Float16, "uint8": onnx.Uint8,
	"int8": onnx.Int8, "int32": onnx.Int32, "int64": onnx.Int64,
	// Of tensors that travel with their shape only.
	"bool": onnx.Bool, "float64": onnx.Float64, "uint16": onnx.Uint16, "int16": onnx.Int16, "uint32": onnx.Uint32, "uint64": onnx.Uint64,
}

func elemName(e onnx.Elem) string {
	for name, elem := range elems {
		if elem == e {
			return name
		}
	}
	return fmt.Sprintf("type %d", e)
}
