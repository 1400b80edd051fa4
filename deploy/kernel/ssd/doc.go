// Package ssd turns the raw outputs of an SSD face detector into boxes; it may not run models or import ONNX Runtime.
package ssd
