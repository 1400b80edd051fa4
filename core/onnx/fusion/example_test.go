package fusion_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/fusion"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// The pairs that ONNX Runtime computes in one kernel.
func ExampleFind() {
	m, err := onnxtest.Columns().Parse()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fusion.Find(m)[:2] {
		fmt.Println(f.Nodes, f.Name)
	}
	// Output:
	// [0 1] Conv+BatchNormalization
	// [1 2] BatchNormalization+Relu
}
