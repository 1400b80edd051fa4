package build_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// A model of one product, whose batch size is open.
func Example() {
	b := build.New("product")
	b.Input("x", onnx.Float32, -1, 2)
	b.Floats("w", []float32{1, 0, 0, 1}, 2, 2)
	b.Node("MatMul", []string{"x", "w"}, []string{"y"})
	b.Output("y", onnx.Float32, -1, 2)
	data, err := b.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := onnx.Parse(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Inputs(), m.Outputs(), m.Ops())
	// Output: [x float32[-1,2]] [y float32[-1,2]] [{MatMul 1}]
}
