package picture

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
)

// Conversion is how a picture becomes the elements of a tensor; see the package's comment.
type Conversion struct {
	Options
	Mean, Scale []float64 // one for all channels, or one each of red, green and blue; nil: the default
	BGR         bool      // blue comes first
}

// ConversionKeys are the names that Conversion.Set knows.
func ConversionKeys() []string {
	return []string{"background", "fit", "max_pixels", "mean", "order", "orientation", "scale"}
}

// Set sets an option by its name: those of Options.Set, mean and scale (a number or three,
// with a slash between) and order (rgb, bgr). What is none of these is ErrOption.
func (c *Conversion) Set(key, value string) (err error) {
	switch key {
	case "mean":
		c.Mean, err = numbers(key, value)
	case "scale":
		c.Scale, err = numbers(key, value)
		for _, v := range c.Scale {
			if v == 0 {
				err = fmt.Errorf("%w: scale is 0; expected another number", ErrOption)
			}
		}
	case "order":
		if value != "rgb" && value != "bgr" {
			return fmt.Errorf("%w: order is %s; expected rgb or bgr", ErrOption, value)
		}
		c.BGR = value == "bgr"
	case "background", "fit", "max_pixels", "orientation":
		return c.Options.Set(key, value)
	default:
		return fmt.Errorf("%w: %q is not known; known are %s%s", ErrOption, key, strings.Join(ConversionKeys(), ", "),
			nearest.Hint(key, ConversionKeys()))
	}
	return err
}

// ParseConversion reads options as the command line has them, "mean=0,scale=255".
func ParseConversion(list []string) (c Conversion, err error) {
	for _, entry := range list {
		key, value, ok := strings.Cut(entry, "=")
		if !ok {
			return c, fmt.Errorf("%w: %q; expected KEY=VALUE, such as scale=255", ErrOption, entry)
		}
		if err := c.Set(strings.TrimSpace(key), strings.TrimSpace(value)); err != nil {
			return c, err
		}
	}
	return c, nil
}

func numbers(key, value string) ([]float64, error) {
	var out []float64
	for s := range strings.SplitSeq(value, "/") {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: %s is %s; expected a number, or three such as 123.7/116.3/103.5", ErrOption, key, value)
		}
		out = append(out, v)
	}
	if len(out) != 1 && len(out) != 3 {
		return nil, fmt.Errorf("%w: %s has %d numbers; expected one or three", ErrOption, key, len(out))
	}
	return out, nil
}

// writers write a value as an element of their type.
var writers = map[onnx.Elem]struct {
	mean, scale float64 // the default
	put         func(b []byte, v float64)
}{
	onnx.Float32: {127.5, 127.5, func(b []byte, v float64) {
		binary.LittleEndian.PutUint32(b, math.Float32bits(float32(v)))
	}},
	onnx.Float64: {127.5, 127.5, func(b []byte, v float64) {
		binary.LittleEndian.PutUint64(b, math.Float64bits(v))
	}},
	onnx.Float16: {127.5, 127.5, func(b []byte, v float64) { binary.LittleEndian.PutUint16(b, onnx.HalfBits(v)) }},
	onnx.BFloat16: {127.5, 127.5, func(b []byte, v float64) {
		binary.LittleEndian.PutUint16(b, onnx.BFloat16Bits(v))
	}},
	onnx.Uint8:  {0, 1, whole(1, 0, math.MaxUint8)},
	onnx.Int8:   {128, 1, whole(1, math.MinInt8, math.MaxInt8)},
	onnx.Uint16: {0, 1, whole(2, 0, math.MaxUint16)},
	onnx.Int16:  {0, 1, whole(2, math.MinInt16, math.MaxInt16)},
	onnx.Int32:  {0, 1, whole(4, math.MinInt32, math.MaxInt32)},
	onnx.Uint32: {0, 1, whole(4, 0, math.MaxUint32)},
	onnx.Int64:  {0, 1, whole(8, -1<<53, 1<<53)},
	onnx.Uint64: {0, 1, whole(8, 0, 1<<53)},
}

// whole writes rounded values within bounds.
func whole(bytes int, least, most float64) func([]byte, float64) {
	return func(b []byte, v float64) {
		n := uint64(int64(math.RoundToEven(min(max(v, least), most))))
		for i := range bytes {
			b[i] = byte(n >> (8 * i))
		}
	}
}

// Tensor returns the elements of a tensor, row-major and little-endian, that holds pictures:
// as many as its batch, or one that is repeated. They are resized to its size. A type that
// holds no pictures, or a wrong number of them, is ErrTensor.
func (c Conversion) Tensor(pictures []*RGB, t onnx.TensorInfo) ([]byte, error) {
	l, err := layoutOf(t)
	if err != nil {
		return nil, err
	}
	if len(pictures) != 1 && len(pictures) != l.batch {
		return nil, fmt.Errorf("%w: %d pictures are given for %s; give one, which is repeated, or %d", ErrTensor,
			len(pictures), t, l.batch)
	}
	table, size := c.table(t.Elem), int(t.Elem.Size())
	area := l.height * l.width
	one := l.channels * area * size
	out := make([]byte, 0, l.batch*one)
	fitter, rgb := NewFitter(l.width, l.height, c.Options), make([]byte, 3*area)
	for _, p := range pictures {
		if err := fitter.Into(rgb, p); err != nil {
			return nil, err
		}
		start := len(out)
		out = out[:start+one]
		c.fill(out[start:], rgb, l, table, size)
	}
	for len(out) < l.batch*one {
		out = append(out, out[:one]...)
	}
	return out, nil
}

// table has the element of every value, 0 to 255, of the three channels.
func (c Conversion) table(t onnx.Elem) (table [3][256][8]byte) {
	w := writers[t]
	of := func(list []float64, def float64, k int) float64 {
		switch len(list) {
		case 0:
			return def
		case 1:
			return list[0]
		}
		return list[k]
	}
	for k := range table {
		mean, scale := of(c.Mean, w.mean, k), of(c.Scale, w.scale, k)
		for v := range table[k] {
			w.put(table[k][v][:], (float64(v)-mean)/scale)
		}
	}
	return table
}

// fill writes one picture.
func (c Conversion) fill(out, rgb []byte, l layout, table [3][256][8]byte, size int) {
	area := l.height * l.width
	for i := range area {
		p := rgb[3*i : 3*i+3]
		if l.channels == 1 {
			luma := (19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16
			copy(out[i*size:(i+1)*size], table[0][luma][:])
			continue
		}
		for k := range 3 {
			channel := k
			if c.BGR {
				channel = 2 - k
			}
			at := channel*area + i
			if l.last {
				at = 3*i + channel
			}
			copy(out[at*size:(at+1)*size], table[k][p[k]][:])
		}
	}
}
