// Package onnx reads, cuts and writes ONNX models. It says what is in a model,
// where it can be cut and what each cut sends, and extracts the sub-model
// between two cuts, or a part of the nodes. It may not run models, open files or
// know of devices: what it needs of these it declares as interfaces.
//
// Weights are moved, not copied: large ones stay in the bytes given to Parse, or
// in the model's other files, until a sub-model is written.
package onnx
