// Package model says what is in an ONNX model and what its cuts cost, splits it,
// and proves that the parts compute what the whole does. What it needs of a
// runtime it takes as an interface; it may not know a driver or print.
package model
