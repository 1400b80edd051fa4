package tensorfile

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// magic begins an array file of numpy.
const magic = "\x93NUMPY"

// maxRank is how many dimensions numpy's arrays have at most.
const maxRank = 64

// kinds are the element types of numpy that are read, by kind and width.
var kinds = map[string]onnx.Elem{
	"b1": onnx.Bool, "?": onnx.Bool, "i1": onnx.Int8, "i2": onnx.Int16, "i4": onnx.Int32, "i8": onnx.Int64,
	"u1": onnx.Uint8, "u2": onnx.Uint16, "u4": onnx.Uint32, "u8": onnx.Uint64,
	"f2": onnx.Float16, "f4": onnx.Float32, "f8": onnx.Float64,
}

// refusedKinds names the kinds of element types of numpy that are not read.
var refusedKinds = map[byte]string{
	'O': "Python objects, which are never read", 'c': "complex numbers", 'm': "time spans", 'M': "dates",
	'V': "void, in which numpy also keeps types that it doesn't know, such as bfloat16: save it as float32",
	'f': "floats of a width that ONNX doesn't have: save it as float64",
}

// npy reads an array file of numpy, format 1 to 3: of conditions, integers, floats or
// strings, of either byte order, in rows or in columns (Fortran order), which become rows.
// Structured types and other elements are refused by name.
// Source: numpy.lib.format, NEP 1.
func npy(data []byte) (Tensor, error) {
	head, data, err := npyHeader(data)
	if err != nil {
		return Tensor{}, err
	}
	if head.fields != "" {
		return Tensor{}, fmt.Errorf("%w: an array of a structured type with %s; save one field of it", ErrFile, head.fields)
	}
	order, kind := head.descr, ""
	if kind = strings.TrimLeft(order, "<>|="); len(order)-len(kind) > 1 || kind == "" {
		return Tensor{}, fmt.Errorf("%w: an array of type %q, which numpy doesn't have", ErrFile, head.descr)
	}
	order = order[:len(order)-len(kind)]
	t := Tensor{TensorInfo: onnx.TensorInfo{Shape: head.shape}}
	width := 0
	switch t.Elem = kinds[kind]; {
	case t.Elem != 0:
		width = int(t.Elem.Size())
	case kind[0] == 'S' || kind[0] == 'U':
		t.Elem = onnx.String
		if width, err = strconv.Atoi(kind[1:]); err != nil || width < 0 || width > maxBytes {
			return Tensor{}, fmt.Errorf("%w: an array of type %q, which numpy doesn't have", ErrFile, head.descr)
		}
		if kind[0] == 'U' {
			width *= 4
		}
	default:
		why := refusedKinds[kind[0]]
		if why == "" {
			why = "which numpy doesn't have"
		}
		return Tensor{}, fmt.Errorf("%w: an array of type %q: %s", ErrFile, head.descr, why)
	}
	n := t.Elements()
	if n < 0 || n > maxBytes || n*int64(width) != int64(len(data)) {
		return Tensor{}, fmt.Errorf("%w: %d bytes follow the header, which states %v of type %q: is the file whole?", ErrFile,
			len(data), t.Shape, head.descr)
	}
	if head.fortran {
		data = rows(data, t.Shape, width)
	}
	if t.Elem == onnx.String {
		if width == 0 && n > 1<<20 {
			return Tensor{}, fmt.Errorf("%w: %d empty strings", ErrFile, n)
		}
		t.Strings = texts(data, int(n), width, kind[0] == 'U', order == ">")
		return t, nil
	}
	if order == ">" {
		data = slices.Clone(data)
		for at := 0; at < len(data); at += width {
			slices.Reverse(data[at : at+width])
		}
	}
	t.Data = data
	return t, nil
}

// header is what an array file says of its elements.
type header struct {
	descr   string
	fields  string // of a structured type; "" if it is none
	fortran bool
	shape   []int64
}

// npyHeader reads the header, and returns what follows it.
func npyHeader(data []byte) (header, []byte, error) {
	if len(data) < 12 || string(data[:len(magic)]) != magic {
		return header{}, nil, fmt.Errorf("%w: not an array of numpy: it doesn't begin with \\x93NUMPY", ErrFile)
	}
	at, n := 10, int64(binary.LittleEndian.Uint16(data[8:]))
	switch data[6] {
	case 1:
	case 2, 3:
		at, n = 12, int64(binary.LittleEndian.Uint32(data[8:]))
	default:
		return header{}, nil, fmt.Errorf("%w: an array of numpy in format %d; 1 to 3 are read", ErrFile, data[6])
	}
	if n > int64(len(data)-at) {
		return header{}, nil, fmt.Errorf("%w: the array's header is cut short", ErrFile)
	}
	text := string(data[at : at+int(n)])
	value, err := parseLiteral(text)
	if err != nil {
		return header{}, nil, err
	}
	items, _ := value.(map[string]any)
	var h header
	fortran, ok := items["fortran_order"].(bool)
	sizes, sized := items["shape"].([]any)
	if !ok || !sized || len(sizes) > maxRank {
		return header{}, nil, fmt.Errorf("%w: the array's header %.80q states no order or shape", ErrFile, text)
	}
	h.fortran, h.shape = fortran, []int64{}
	for _, s := range sizes {
		size, ok := s.(int64)
		if !ok || size < 0 {
			return header{}, nil, fmt.Errorf("%w: the array's header has a size %v", ErrFile, s)
		}
		h.shape = append(h.shape, size)
	}
	switch d := items["descr"].(type) {
	case string:
		h.descr = d
	case []any:
		h.fields = fields(d)
	default:
		return header{}, nil, fmt.Errorf("%w: the array's header %.80q states no type", ErrFile, text)
	}
	return h, data[at+int(n):], nil
}

// fields names those of a structured type.
func fields(list []any) string {
	var names []string
	for _, item := range list {
		if field, ok := item.([]any); ok && len(field) > 0 {
			names = append(names, fmt.Sprint(field[0]))
		}
	}
	if len(names) == 0 {
		return "no fields"
	}
	return "fields " + strings.Join(names, ", ")
}

// rows turns columns, in which the first dimension runs fastest, into rows.
func rows(data []byte, shape []int64, width int) []byte {
	out := make([]byte, 0, len(data))
	at, strides := make([]int64, len(shape)), make([]int64, len(shape))
	stride := int64(width)
	for i, d := range shape {
		strides[i], stride = stride, stride*d
	}
	for len(out) < len(data) {
		from := int64(0)
		for i := range at {
			from += at[i] * strides[i]
		}
		out = append(out, data[from:from+int64(width)]...)
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < shape[i] {
				break
			}
			at[i] = 0
		}
	}
	return out
}

// texts reads strings of a fixed width, which end at the first of the zeros behind them: of
// bytes, or of code points of four bytes.
func texts(data []byte, n, width int, points, big bool) []string {
	list := make([]string, n)
	for i := range list {
		item := data[i*width : (i+1)*width]
		if !points {
			list[i] = strings.TrimRight(string(item), "\x00")
			continue
		}
		var b []byte
		for ; len(item) > 0; item = item[4:] {
			r := binary.LittleEndian.Uint32(item)
			if big {
				r = binary.BigEndian.Uint32(item)
			}
			b = utf8.AppendRune(b, rune(r))
		}
		list[i] = strings.TrimRight(string(b), "\x00")
	}
	return list
}
