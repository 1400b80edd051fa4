package builtin

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/kernel/source"
)

// The token types that several of the built-in kernels take.
const (
	planes     = "float32[1,3,h,w]"
	vector     = "float32[1,n]"
	scored     = "float32[n,5]" // rows of score and box
	followed   = "float32[n,6]" // rows of identity, score and box
	permission = source.Permission
)

// elemOf returns the element type of tensors whose tokens' elements have that name;
// 0, which no tensor has, for opaque bytes.
func elemOf(name string) onnx.Elem {
	e, _ := onnx.ElemNamed(name)
	return e
}
