// Package onnxpb holds the generated protobuf types of the ONNX format; it may
// not hold anything written by hand but this comment and the schema.
package onnxpb

//go:generate protoc --go_out=../../.. --go_opt=module=github.com/edgeprune/edgeprune -I ../../.. core/onnx/onnxpb/onnx.proto
