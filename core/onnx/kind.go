package onnx

import (
	"bytes"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// lfsPointer begins a file that Git LFS puts in the place of a large one.
const lfsPointer = "version https://git-lfs.github.com/spec/"

// lfsBytes is more than such a file has.
const lfsBytes = 1024

// convert says how a model in another format becomes an ONNX model.
const convert = "export or convert the model to ONNX"

// signatures are how files begin, from a byte on, that are given in the place of ONNX models.
var signatures = []struct {
	at          int
	begin, what string
}{
	{4, "TFL3", "a TensorFlow Lite model; convert it with tf2onnx --tflite"},
	{4, "ORTM", "a model in ONNX Runtime's own format (.ort), which can't be cut; " + origin},
	{0, "GGUF", "a GGUF file, which holds weights of a language model without its graph; " + convert},
	{0, "\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes them; convert it with tf2onnx"},
	{0, "\x80\x02", pickled}, {0, "\x80\x03", pickled}, {0, "\x80\x04", pickled}, {0, "\x80\x05", pickled},
	{0, "\x1f\x8b", packedAs + "gzip; unpack it"},
	{0, "BZh", packedAs + "bzip2; unpack it"},
	{0, "\xfd7zXZ\x00", packedAs + "xz; unpack it"},
	{0, "\x28\xb5\x2f\xfd", packedAs + "zstd; unpack it"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and give the .onnx file in it"},
	{0, "Rar!", "a RAR archive; unpack it and give the .onnx file in it"},
	{257, "ustar", "a tar archive; unpack it and give the .onnx file in it"},
	{0, "\x93NUMPY", "a NumPy array, not a model"},
	{0, "\x89PNG", "a PNG picture, not a model"}, {0, "\xff\xd8\xff", "a JPEG picture, not a model"},
	{0, "%PDF", "a PDF document, not a model"}, {0, "\x7fELF", "a program or library, not a model"},
	{0, "7767517", "an ncnn model; " + convert},
	{0, "ftrt", engine}, {0, "ptrt", engine},
}

const (
	pickled  = "a Python pickle, as torch.save writes them; export the model with torch.onnx.export"
	packedAs = "compressed by "
	engine   = "a TensorRT engine; " + origin
	origin   = "give the ONNX model that it was made from"
)

// texts are how files of text begin, in lower case and without blanks before.
var texts = []struct{ begin, what string }{
	{"<!doctype html", webPage}, {"<html", webPage}, {"<head", webPage},
	{"<?xml", "XML, as OpenVINO writes models; " + convert}, {"<net", "XML of an OpenVINO model; " + convert},
	{"{", "JSON; if it is a model of TensorFlow.js or ONNX as JSON, convert it to an ONNX file"},
	{"ir_version", textModel}, {"<ir_version", textModel}, {"producer_name", textModel},
	{"name:", "a text file; if it is a Caffe or TensorFlow model, " + convert},
	{"---", "YAML, not a model; run it with edgeprune run if it is a plan"},
}

const (
	webPage   = "a web page: what was downloaded is not the file but a page about it, or an error; get the file itself"
	textModel = "an ONNX model as text; write it as a binary file with onnx.save"
)

// otherKind says what a file is that isn't an ONNX model, and how to get one; "" if that
// can't be told from its bytes.
func otherKind(data []byte) string {
	if lfs(data) {
		return pointerText("model")
	}
	if what := archive(data); what != "" {
		return what
	}
	for _, s := range signatures {
		if len(data) > s.at && bytes.HasPrefix(data[s.at:], []byte(s.begin)) {
			return "it is " + s.what
		}
	}
	if n := 8; len(data) > n && data[n] == '{' && bytes.HasPrefix(bytes.TrimLeft(data[n+1:], " \n"), []byte(`"`)) {
		return "it is a safetensors file, which holds weights without a graph; export the model to ONNX"
	}
	if saved(data) {
		return "it is a TensorFlow SavedModel; convert its folder with tf2onnx --saved-model"
	}
	start := strings.TrimPrefix(string(data[:min(len(data), lfsBytes)]), "\ufeff")
	start = strings.ToLower(strings.TrimLeft(strings.TrimLeft(start, " \t\r\n"), " \t\r\n"))
	if strings.HasPrefix(start, "<") && strings.Contains(start, "ir_version") {
		return "it is " + textModel
	}
	for _, t := range texts {
		if strings.HasPrefix(start, t.begin) {
			return "it is " + t.what
		}
	}
	if len(bytes.Trim(data[:min(len(data), 1<<16)], "\x00")) == 0 {
		return "it begins with nothing but zeros, as a download that broke off leaves a file; fetch it again"
	}
	return ""
}

// lfs reports whether data are a pointer of Git LFS.
func lfs(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte(lfsPointer))
}

func pointerText(of string) string {
	return fmt.Sprintf(
		"it is a Git LFS pointer, a few lines in the place of the %s; in its repository run: git lfs pull", of)
}

// archive says what a ZIP file holds, by the names in it.
func archive(data []byte) string {
	if !bytes.HasPrefix(data, []byte("PK\x03\x04")) && !bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return ""
	}
	head := data[:min(len(data), 1<<16)]
	switch {
	case bytes.Contains(head, []byte("/data.pkl")):
		return "it is a PyTorch checkpoint or TorchScript module; export the model with torch.onnx.export"
	case bytes.Contains(head, []byte("model.weights.h5")):
		return "it is a Keras model; convert it with tf2onnx, or export it with model.export(..., format=\"onnx\")"
	case bytes.Contains(head, []byte(".npy")):
		return "it is a .npz file of NumPy arrays, not a model"
	}
	return "it is a ZIP archive; unpack it and give the .onnx file in it"
}

// saved reports whether data are a SavedModel: its version, 1, and then a message that begins
// with one which names the tags.
func saved(data []byte) bool {
	num, typ, n := protowire.ConsumeTag(data)
	if n < 0 || num != 1 || typ != protowire.VarintType {
		return false
	}
	version, k := protowire.ConsumeVarint(data[n:])
	if k < 0 || version != 1 {
		return false
	}
	num, _, n = protowire.ConsumeTag(data[n+k:])
	head := data[:min(len(data), 1<<16)]
	return n > 0 && num == 2 &&
		(bytes.Contains(head, []byte("serve")) || bytes.Contains(data, []byte("saved_model_main_op")))
}
