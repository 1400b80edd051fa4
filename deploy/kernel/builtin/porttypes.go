package builtin

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// The token types that several of the built-in kernels take.
const (
	picture    = "uint8[h,w,3]"
	planes     = "float32[1,3,h,w]"
	vector     = "float32[1,n]"
	scored     = "float32[n,5]" // rows of score and box
	followed   = "float32[n,6]" // rows of identity, score and box
	permission = "uint8[1]"
)

// checkSource checks the ports of a source: an optional in port that holds it back
// until the last frame has left, and its out ports.
func checkSource(s kernel.Spec, out ...string) error {
	if len(s.In) > 0 {
		if err := s.CheckIn(permission); err != nil {
			return err
		}
	}
	return s.CheckOut(out...)
}

// elemOf returns the element type of tensors whose tokens' elements have that name;
// 0, which no tensor has, for opaque bytes.
func elemOf(name string) onnx.Elem {
	e, _ := onnx.ElemNamed(name)
	return e
}
