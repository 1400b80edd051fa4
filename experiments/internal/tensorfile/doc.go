// Package tensorfile reads tensors from the files that people keep them in: arrays of numpy
// (.npy, .npz), tensors of the ONNX format (.pb), raw elements and lines of text. It reads
// what a file says of itself, compares it with what is wanted, and converts only where
// that is said. It may not guess a shape or a type. (npyio 0.6 and gonpy,
// which read numpy's files in Go, know no half precision.)
package tensorfile
