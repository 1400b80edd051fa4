package onnx_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// What a file holds, node by node.
func ExampleParse() {
	m, err := onnx.Parse(onnxtest.Loop().Data)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Inputs(), m.Outputs())
	for _, n := range m.Nodes() {
		fmt.Println(n.Op(), n.Uses(), n.Outputs())
	}
	// Output:
	// [x float32[1,6]] [y float32[1,6]]
	// Sigmoid [x] [captured]
	// MatMul [x w] [start]
	// Relu [start] [active]
	// Loop [looped.trips looped.on active captured looped.decay] [looped]
	// Neg [looped] [y]
}
