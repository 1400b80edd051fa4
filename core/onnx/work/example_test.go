package work_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
)

// The operations and parameters of a model, and of its most costly node.
func Example() {
	m, err := onnxtest.Columns().Parse()
	if err != nil {
		fmt.Println(err)
		return
	}
	most := 0
	for i := range m.Nodes() {
		if work.NodeMACs(m, i) > work.NodeMACs(m, most) {
			most = i
		}
	}
	fmt.Println(work.MACs(m), "MACs,", work.Params(m), "parameters")
	fmt.Println(m.Nodes()[most].Label(), work.NodeMACs(m, most))
	// Output:
	// 21120 MACs, 362 parameters
	// Conv "coarse.conv" 9600
}
