// Package coder codes and decodes tokens as core/codec describes, in plain Go and
// without allocating in the steady state. It may not know actors or ONNX Runtime;
// pictures are coded elsewhere.
package coder
