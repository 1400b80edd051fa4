package builtin

import (
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/source"
)

// Registry returns a new registry that holds all kernels of this package and of package source, registered as
// users register theirs. Users add their own to it.
func Registry() *kernel.Registry {
	r := kernel.NewRegistry()
	own := map[string]kernel.New{
		"normalise":       newNormalise,
		plan.KernelONNX:   newSegment,
		plan.KernelEncode: newEncode,
		plan.KernelDecode: newDecode,
		"softmax":         newSoftmax,
		"top-k":           newTopK,
		"ssd-decode":      newSSDDecode,
		"nms":             newNMS,
		"tracker":         newTracker,
		"motion":          newMotion,
		"confidence":      newConfidence,
		plan.KernelRelay:  newRelay,
		"gate":            newGate,
		"choose":          newChoose,
		"sink":            newSink,
		plan.KernelCopy:   newPass,
		"count":           newCount,
	}
	for _, list := range []map[string]kernel.New{source.Kernels(), own} {
		for name, n := range list {
			if err := r.Register(name, n); err != nil {
				panic(err) // two of the names above are the same
			}
		}
	}
	return r
}
