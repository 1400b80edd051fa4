package model

import "github.com/edgeprune/edgeprune/core/onnx/cut"

// Both parts of a cut load all nodes of the model. Up to mostLoads of them for all cuts
// together, every cut is run; else as many cuts as load some sampleLoads, and no fewer
// than sampleCuts: some seconds.
const (
	mostLoads   = 16 << 20
	sampleLoads = 160_000
	sampleCuts  = 8
)

// mostCuts returns how many of a model's cuts to run.
func mostCuts(nodes, cuts int) int {
	if nodes*cuts <= mostLoads {
		return cuts
	}
	return min(max(sampleLoads/nodes, sampleCuts), cuts)
}

// spread returns n of the cuts, the first and the last among them, evenly spread.
func spread(cuts []cut.Cut, n int) []cut.Cut {
	if n >= len(cuts) {
		return cuts
	}
	some := make([]cut.Cut, n)
	for i := range some {
		some[i] = cuts[i*(len(cuts)-1)/max(n-1, 1)]
	}
	return some
}
