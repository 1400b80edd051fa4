// Package codec defines how tokens are coded for a link: the token type on the wire and, as ONNX models, the arithmetic; it may not run models or read and write files.
package codec
