// Package onnx reads and writes ONNX models: what is in a file, what is known of its
// nodes and tensors, and the files of a sub-model. It may not run models, open files or
// know of devices: what it needs of these it declares as interfaces. Where a model can be
// cut, what it costs and which shapes it has is said by the packages below it: cut,
// fusion, work and shape; package build makes models in Go.
//
// Weights are moved, not copied: large ones stay in the bytes given to Parse, or
// in the model's other files, until a sub-model is written.
package onnx
