package onnx_test

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 132735\n"

// What is given in the place of a model is named, with the way to a model.
func TestOtherKindsOfFilesAreNamed(t *testing.T) {
	safetensors := "\x58\x00\x00\x00\x00\x00\x00\x00" + `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	graph := "\x08\x01\x12\x20\x0a\x0e*\x00\x22\x05serve2\x03tag\x12\x0e\x0a\x0c"
	for name, tt := range map[string]struct{ data, want string }{
		"pointer":            {pointer, "a few lines in the place of the model; in its repository run: git lfs pull"},
		"pointer of Windows": {strings.ReplaceAll(pointer, "\n", "\r\n"), "git lfs pull"},
		"pointer with BOM":   {"\xef\xbb\xbf" + pointer, "git lfs pull"},
		"web page":           {"\n<!DOCTYPE html><html><body>404</body></html>", "a web page"},
		"picture":            {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture"},
		"archive":            {"PK\x03\x04\x14\x00\x00\x00model.onnx", "ZIP archive; unpack it"},
		"PyTorch":            {"PK\x03\x04\x00\x00\x08\x08model/data.pkl", "torch.onnx.export"},
		"old PyTorch":        {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "torch.onnx.export"},
		"arrays":             {"PK\x03\x04\x14\x00\x00\x00x.npy\x93NUMPY", ".npz file"},
		"array":              {"\x93NUMPY\x01\x00v\x00{'descr': '<f4'", "NumPy array"},
		"Keras":              {"PK\x03\x04\x14\x00\x00\x00config.json....model.weights.h5", "Keras model"},
		"HDF5":               {"\x89HDF\r\n\x1a\n\x00\x00", "tf2onnx"},
		"TensorFlow Lite":    {"\x1c\x00\x00\x00TFL3\x14\x00\x20\x00", "tf2onnx --tflite"},
		"SavedModel":         {graph, "tf2onnx --saved-model"},
		"safetensors":        {safetensors, "safetensors"},
		"ORT format":         {"\x08\x00\x00\x00ORTM\x00\x00", "(.ort)"},
		"GGUF":               {"GGUF\x03\x00\x00\x00", "GGUF"},
		"gzip":               {"\x1f\x8b\x08\x00\x00", "gzip; unpack it"},
		"tar":                {"model.onnx" + strings.Repeat("\x00", 247) + "ustar\x0000", "tar archive"},
		"OpenVINO":           {"<?xml version=\"1.0\"?><net name=\"m\">", "OpenVINO"},
		"JSON":               {"{\"format\": \"graph-model\"}", "TensorFlow.js"},
		"ONNX as text":       {"<\n  ir_version: 8,\n  opset_import: [\"\" : 17]\n>", "onnx.save"},
		"text of protobuf":   {"ir_version: 8\nproducer_name: \"x\"\n", "onnx.save"},
		"plan":               {"---\nplan: mine\n", "edgeprune run"},
		"broken download":    {strings.Repeat("\x00", 4096), "zeros"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Parse([]byte(tt.data))
			require.ErrorIs(t, err, onnx.ErrNotONNX)
			require.NotErrorIs(t, err, onnx.ErrTruncated)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

// A pointer in the place of weights isn't read as weights, not even as few as it has bytes.
func TestPointersInThePlaceOfWeights(t *testing.T) {
	model := onnxtest.External()
	model.Files["weights.bin"] = []byte(pointer)
	_, err := model.Parse()
	require.ErrorIs(t, err, onnx.ErrExternalRange)
	assert.Contains(t, err.Error(), "weights.bin: it is a Git LFS pointer, a few lines in the place of the weights")
	assert.Contains(t, err.Error(), "git lfs pull")

	small := onnxtest.Constants()
	small.Files["constants.bin"] = []byte(pointer + strings.Repeat(" ", 200))
	_, err = small.Parse()
	require.ErrorIs(t, err, onnx.ErrExternalRange)
	assert.Contains(t, err.Error(), "git lfs pull")
}
