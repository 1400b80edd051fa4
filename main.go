// Edgeprune cuts neural networks between devices, predicts what every cut
// costs, and measures it.
package main

import "github.com/edgeprune/edgeprune/experiments/workbench"

func main() { workbench.Main() }
