package ort

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An output that is an input, or that stands there twice, holds what it should in the
// caller's memory too.
func TestOutputsThatAreHandedOn(t *testing.T) {
	for name, open := range map[string]bool{"known shapes": false, "open shapes": true} {
		t.Run(name, func(t *testing.T) {
			size := int64(3)
			if open {
				size = -1
			}
			s := session(t, Options{}, func(b *build.Builder) {
				b.Input("x", onnx.Float32, size)
				b.Input("k", onnx.Float32)
				b.Node("Neg", []string{"x"}, []string{"y"})
				for _, out := range []string{"x", "y", "y"} {
					b.Output(out, onnx.Float32, size)
				}
				b.Output("k", onnx.Float32)
			})
			in := []*Tensor{tensor(t, onnx.Float32, []int64{3}, []float32{1, 2, 3}),
				tensor(t, onnx.Float32, nil, []float32{7})}
			want := [][]float32{{1, 2, 3}, {-1, -2, -3}, {-1, -2, -3}, {7}}
			check := func(out []*Tensor) {
				for i, w := range want {
					assert.Equal(t, bytesOf(t, w), out[i].Data(), "output %d", i)
				}
			}
			out, err := s.RunAlloc(in, nil)
			require.NoError(t, err)
			check(out)
			for _, o := range out {
				require.NoError(t, o.Close())
			}
			var given []*Tensor
			for i := range 3 {
				given = append(given, tensor(t, onnx.Float32, []int64{3}, make([]float32, len(want[i]))))
			}
			given = append(given, tensor(t, onnx.Float32, nil, []float32{0}))
			require.NoError(t, s.Run(in, given))
			check(given)
		})
	}
}
