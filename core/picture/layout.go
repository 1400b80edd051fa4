package picture

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// layout is how a tensor holds pictures.
type layout struct {
	batch, channels, height, width int
	last                           bool // the channels of a pixel lie side by side
}

// Size returns the width and height of pictures in a tensor, of which package picture says which
// shapes hold such. Others are ErrTensor.
func Size(t onnx.TensorInfo) (width, height int, err error) {
	l, err := layoutOf(t)
	return l.width, l.height, err
}

// layoutOf reads a shape: [n,c,h,w], [n,h,w,c], [c,h,w], [h,w,c] or [h,w], with c 3 or, for
// grey, 1. Where two fit, the first does.
func layoutOf(t onnx.TensorInfo) (layout, error) {
	s := t.Shape
	l := layout{batch: 1, channels: 1}
	if _, ok := writers[t.Elem]; !ok {
		return l, fmt.Errorf("%w: %s; its elements must be numbers of at least 8 bits", ErrTensor, t)
	}
	n := int64(1)
	for _, d := range s {
		if d <= 0 || d > 1<<31/n {
			return l, fmt.Errorf("%w: %s; every size must be known and at least 1, and all less than 2^31 elements",
				ErrTensor, t)
		}
		n *= d
	}
	if len(s) == 4 {
		l.batch, s = int(s[0]), s[1:]
	}
	planar := func(d int64) bool { return d == 1 || d == 3 }
	switch {
	case len(s) == 2:
		l.height, l.width = int(s[0]), int(s[1])
	case len(s) == 3 && planar(s[0]):
		l.channels, l.height, l.width = int(s[0]), int(s[1]), int(s[2])
	case len(s) == 3 && planar(s[2]):
		l.height, l.width, l.channels, l.last = int(s[0]), int(s[1]), int(s[2]), true
	default:
		return l, fmt.Errorf("%w: %s; a picture goes into [n,c,h,w], [n,h,w,c], [c,h,w], [h,w,c] or [h,w], with c 3 or 1",
			ErrTensor, t)
	}
	return l, nil
}
