package shape_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
)

// An open dimension is bound, then runs show what the file doesn't state. In place of a
// runtime the Prober here makes the shapes up.
func ExampleProbe() {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("open:", shape.Dims(m))
	m, err = shape.Bind(m, map[string]int64{"n": 6})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("unknown:", shape.Unknown(m))
	m, err = shape.Probe(m, &onnxtest.Oracle{}, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	span, varies := m.Span("kept")
	fmt.Println("kept:", span.Min, "to", span.Max, varies)
	// Output:
	// open: [n]
	// unknown: [a positive mask kept b]
	// kept: [3 1] to [3 3] true
}
