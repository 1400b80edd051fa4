// Package onnx reads, cuts and writes ONNX models: it turns a model into a
// chain of segments, says what each cut sends, and extracts the sub-model
// between two cuts. It may not run models, read files or know of devices.
package onnx
