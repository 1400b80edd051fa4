// Package ort runs ONNX models with ONNX Runtime, and is the only package that may; it may not know
// of actors, plans or networks.
package ort
