package plan

import "github.com/edgeprune/edgeprune/core/graph"

// The kernels of the actors that a plan has beside those that its application names.
// Every driver of kernels has them under these names.
const (
	KernelONNX   = "onnx"      // runs a segment of a model
	KernelEncode = "encode"    // codes tokens before they cross a link
	KernelDecode = "decode"    // undoes KernelEncode
	KernelCopy   = "pass"      // gives what it takes on each of its output ports
	KernelRelay  = graph.Relay // hands control tokens on
)
