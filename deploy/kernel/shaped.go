package kernel

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/coder"
)

// Tensor returns the shape and the elements, row-major and little-endian, of a tensor
// that travels with its shape: a token whose Type.Of is set. The elements are valid as
// long as the token. Bytes that are no such tensor are ErrToken.
func (t *Token) Tensor() (shape []int64, data []byte, err error) {
	if err := t.shaped(); err != nil {
		return nil, nil, err
	}
	if shape, data, err = coder.Unpack(t.Data[:t.Len], t.Type.Of, nil); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	return shape, data, nil
}

// SetTensor makes the token, whose Type.Of is set, a tensor of that shape, with a copy
// of the elements. One that its type has no room for is ErrBound.
func (t *Token) SetTensor(shape []int64, data []byte) error {
	if err := t.shaped(); err != nil {
		return err
	}
	n, err := coder.Pack(t.Data, t.Type.Of, shape, data)
	if err != nil {
		return err
	}
	t.Len = n
	return nil
}

// SetShape makes the token, whose Type.Of is set, a tensor of that shape, and returns
// its elements, which are what lies there. Its errors are those of SetTensor.
func (t *Token) SetShape(shape []int64) (data []byte, err error) {
	if err := t.shaped(); err != nil {
		return nil, err
	}
	if data, err = coder.PutShape(t.Data, t.Type.Of, shape); err != nil {
		return nil, err
	}
	t.Len = int(graph.ShapeBytes(len(shape))) + len(data)
	return data, nil
}

// shaped is ErrToken for a token that is no tensor with its shape.
func (t *Token) shaped() error {
	if t.Type.Of == nil {
		return fmt.Errorf("%w: %s is not a tensor with its shape", ErrToken, t.Type)
	}
	return nil
}
