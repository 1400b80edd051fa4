package kernel

import (
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/coder"
)

// Element is a type that elements of tensor tokens can have; a float16 is seen as
// the uint16 of its bits.
type Element interface {
	float32 | uint16 | uint8 | int8 | int32 | int64
}

// View returns a token's elements, row-major, without copying them: they are
// valid as long as the token. It panics if the token's elements are of another
// type, which is a mistake of the kernel.
func View[T Element](t *Token) []T {
	var zero T
	if want := elementName(zero); t.Type.Elem != want {
		panic(fmt.Sprintf("a token of %s is viewed as %s", t.Type, want))
	}
	return coder.Elements[T](t.Data)
}

func elementName(zero any) string {
	switch zero.(type) {
	case float32:
		return "float32"
	case uint16:
		return "float16"
	case uint8:
		return "uint8"
	case int8:
		return "int8"
	case int32:
		return "int32"
	default:
		return "int64"
	}
}
