package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	_ "image/jpeg" // pictures as input
	_ "image/png"  // pictures as input
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"golang.org/x/image/draw"
)

// ReadInput returns the elements of an input of type t from a file: a picture, for
// an input of three channels, scaled to its size and from -1 to 1; a tensor of
// the ONNX format (.pb) or of numpy (.npy); else the elements themselves,
// row-major and little-endian. What doesn't fit is ErrInput.
func ReadInput(path string, t onnx.TensorInfo) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		data, err = picture(data, t)
	case ".pb":
		var read Tensor
		if read, err = ReadTensor(data); err == nil && read.Elem != t.Elem {
			err = fmt.Errorf("%w: it is %s", ErrInput, read.TensorInfo)
		}
		data = read.Data
	case ".npy":
		data, err = numpy(data, t)
	}
	if err == nil && int64(len(data)) != t.Bytes() {
		err = fmt.Errorf("%w: it holds %d bytes, the input takes %d", ErrInput, len(data), t.Bytes())
	}
	if err != nil {
		return nil, fmt.Errorf("%s for %s: %w", path, t, err)
	}
	return data, nil
}

// picture scales a picture to [1,3,h,w] or [1,h,w,3].
func picture(data []byte, t onnx.TensorInfo) ([]byte, error) {
	s := t.Shape
	first := len(s) == 4 && s[0] == 1 && s[1] == 3
	last := len(s) == 4 && s[0] == 1 && s[3] == 3
	if t.Elem != onnx.Float32 || !first && !last {
		return nil, fmt.Errorf("%w: a picture goes into float32[1,3,h,w] or float32[1,h,w,3] only; give the raw bytes",
			ErrInput)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: not a picture: %w", ErrInput, err)
	}
	h, w := int(s[2]), int(s[3])
	if !first {
		h, w = int(s[1]), int(s[2])
	}
	scaled := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(scaled, scaled.Bounds(), img, img.Bounds(), draw.Src, nil)
	out := make([]byte, 4*3*h*w)
	for i := range h * w {
		for c := range 3 {
			at := 3*i + c
			if first {
				at = c*h*w + i
			}
			binary.LittleEndian.PutUint32(out[4*at:], math.Float32bits(float32(scaled.Pix[4*i+c])/127.5-1))
		}
	}
	return out, nil
}

// numpy reads the elements of an array file of version 1 to 3.
func numpy(data []byte, t onnx.TensorInfo) ([]byte, error) {
	const start = "\x93NUMPY"
	if len(data) < 12 || string(data[:len(start)]) != start {
		return nil, fmt.Errorf("%w: not an array of numpy", ErrInput)
	}
	at, n := 10, int(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		at, n = 12, int(binary.LittleEndian.Uint32(data[8:]))
	}
	if n < 0 || n > len(data)-at {
		return nil, fmt.Errorf("%w: the array's header is cut short", ErrInput)
	}
	header := string(data[at : at+n])
	kinds := map[onnx.Elem][]string{
		onnx.Float32: {"<f4"}, onnx.Float16: {"<f2"}, onnx.Int8: {"|i1"}, onnx.Uint8: {"|u1"}, onnx.Int32: {"<i4"},
		onnx.Int64: {"<i8"},
	}[t.Elem]
	if strings.Contains(header, "'fortran_order': True") ||
		!slices.ContainsFunc(kinds, func(k string) bool { return strings.Contains(header, "'"+k+"'") }) {
		return nil, fmt.Errorf("%w: an array of %s; expected type %s in C order", ErrInput, strings.TrimSpace(header),
			strings.Join(kinds, ""))
	}
	return data[at+n:], nil
}
