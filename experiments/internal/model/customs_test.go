package model

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A model is cut off from operators that the runtime lacks before the first, else behind the
// last of them.
func TestCustomIsCutOff(t *testing.T) {
	for at, says := range map[string]string{
		"23": "cut it off at t1: what lies before it runs",
		"01": "cut it off at t1: what lies behind it runs",
		"03": "no cut leaves a part without it",
	} {
		b := build.New("custom")
		b.Import("com.example", 1)
		b.Input("x", onnx.Float32, 1, 4)
		in := "x"
		for i := range 4 {
			out := fmt.Sprintf("t%d", i)
			op := "Relu"
			if byte('0'+i) == at[0] || byte('0'+i) == at[1] {
				op = "Detect"
			}
			b.Node(op, []string{in}, []string{out})
			if op == "Detect" {
				b.Domain("com.example")
			}
			b.Value(out, onnx.Float32, 1, 4)
			in = out
		}
		b.Output(in, onnx.Float32, 1, 4)
		data, err := b.Bytes()
		require.NoError(t, err)
		parsed, err := onnx.Parse(data)
		require.NoError(t, err)
		m := &Model{Model: parsed, Data: data}
		assert.Contains(t, m.Custom(), says, at)
		assert.Len(t, m.lastCustom(), 1, at)
	}
}
