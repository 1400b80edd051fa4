package maxflow_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/maxflow"
)

func ExampleNetwork() {
	var n maxflow.Network
	n.Reset(4)
	n.Add(0, 1, 3)
	n.Add(0, 2, 2)
	n.Add(1, 2, 5)
	n.Add(1, 3, 2)
	n.Add(2, 3, 2)
	fmt.Println(n.Run(0, 3), n.Reaches(1), n.Reaches(3))
	// Output: 4 true false
}
