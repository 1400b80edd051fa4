package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// drawn returns a picture of w x h pixels that are all different.
func drawn(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.SetNRGBA(i%w, i/w, color.NRGBA{uint8(40 * (i % w)), uint8(40 * (i / w)), uint8(i), 255})
	}
	return img
}

// flat returns a picture of one colour.
func flat(w, h int, c color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.Set(i%w, i/w, c)
	}
	return img
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}))
	return b.Bytes()
}

// exif is a block of TIFF that holds an orientation.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	head := "II"
	if order.AppendUint16(nil, 1)[0] == 0 {
		head = "MM"
	}
	b := order.AppendUint32(order.AppendUint16([]byte(head), 42), 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x10f, 7}, {0x112, orientation}} { // the maker's tag comes before
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, e[0]), 3), 1)
		b = order.AppendUint16(order.AppendUint16(b, e[1]), 0)
	}
	return order.AppendUint32(b, 0)
}

// withSegment puts a segment behind a JPEG's start.
func withSegment(data []byte, marker byte, body string) []byte {
	n := len(body) + 2
	return slices.Concat(data[:2], []byte{0xff, marker, byte(n >> 8), byte(n)}, []byte(body), data[2:])
}

// withoutSegments leaves segments out of a JPEG.
func withoutSegments(data []byte, marker byte) []byte {
	out := slices.Clone(data[:2])
	for at := 2; ; {
		n := 2 + int(binary.BigEndian.Uint16(data[at+2:]))
		if data[at+1] == 0xda {
			return append(out, data[at:]...)
		}
		if data[at+1] != marker {
			out = append(out, data[at:at+n]...)
		}
		at += n
	}
}

// pngChunk returns a chunk of PNG.
func pngChunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// rawPNG writes a PNG of samples that have their filter bytes, without compression.
func rawPNG(w, h uint32, depth, kind, interlaced byte, samples []byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	var z bytes.Buffer
	packed := zlib.NewWriter(&z)
	_, _ = packed.Write(samples) // to memory
	_ = packed.Close()
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, depth, kind, 0, 0, interlaced)),
		pngChunk("IDAT", z.Bytes()), pngChunk("IEND", nil))
}

// fax writes a TIFF of 8 x 8 pixels that are all of the fax's white, by group 4.
func fax(photometric uint16) []byte {
	rows := []byte{0xff, 0x00, 0x10, 0x01} // each as the one before, then the end
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("II*\x00"), 8)
	tags := [][3]uint32{ // tag, type, value
		{256, 3, 8}, {257, 3, 8}, {258, 3, 1}, {259, 3, 4}, {262, 3, uint32(photometric)}, {273, 4, 122}, {277, 3, 1},
		{278, 3, 8}, {279, 4, uint32(len(rows))},
	}
	b = le.AppendUint16(b, uint16(len(tags)))
	for _, t := range tags {
		b = le.AppendUint32(le.AppendUint16(le.AppendUint16(b, uint16(t[0])), uint16(t[1])), 1)
		b = le.AppendUint32(b, t[2])
	}
	b = le.AppendUint32(b, 0)
	return append(b, rows...)
}

// withChunk puts a chunk behind a PNG's header.
func withChunk(data []byte, name string, body []byte) []byte {
	const header = 8 + 25
	return slices.Concat(data[:header], pngChunk(name, body), data[header:])
}

// dcJPEG writes a JPEG of one block of 8 x 8 for each of its components, which have one level
// each; sof is the marker of its kind. Its tables are those of a JPEG by image/jpeg.
func dcJPEG(t testing.TB, sof byte, precision byte, adobe int, levels ...byte) []byte {
	t.Helper()
	tables := asJPEG(t, flat(8, 8, color.White))
	out := []byte{0xff, 0xd8}
	if adobe >= 0 {
		out = append(out, 0xff, 0xee, 0, 14)
		out = append(append(out, "Adobe\x00\x64\x00\x00\x00\x00"...), byte(adobe))
	}
	out = append(append(out, 0xff, 0xdb, 0, 67, 0), bytes.Repeat([]byte{1}, 64)...)
	n := byte(len(levels))
	out = append(out, 0xff, sof, 0, 8+3*n, precision, 0, 8, 0, 8, n)
	for i := range n {
		out = append(out, i+1, 0x11, 0)
	}
	at := bytes.Index(tables, []byte{0xff, 0xc4})
	out = append(out, tables[at:at+2+int(binary.BigEndian.Uint16(tables[at+2:]))]...)
	out = append(out, 0xff, 0xda, 0, 6+2*n, n)
	last := byte(63)
	if sof == 0xc2 {
		last = 0
	}
	for i := range n {
		out = append(out, i+1, 0)
	}
	out = append(out, 0, last, 0)
	// The code lengths of luma's first coefficients, by their number of bits, are the standard's.
	codes := []string{"00", "010", "011", "100", "101", "110", "1110", "11110", "111110",
		"1111110", "11111110", "111111110"}
	bits := ""
	for _, level := range levels {
		dc := 8 * (int(level) - 128)
		size := 0
		for v := max(dc, -dc); v > 0; v >>= 1 {
			size++
		}
		bits += codes[size]
		if dc < 0 {
			dc += 1<<size - 1
		}
		for i := size - 1; i >= 0; i-- {
			bits += string(rune('0' + dc>>i&1))
		}
		if last > 0 {
			bits += "1010" // no other coefficients
		}
	}
	for len(bits)%8 > 0 {
		bits += "1"
	}
	for ; bits != ""; bits = bits[8:] {
		v := byte(0)
		for _, c := range bits[:8] {
			v = v<<1 | byte(c-'0')
		}
		if out = append(out, v); v == 0xff {
			out = append(out, 0)
		}
	}
	return append(out, 0xff, 0xd9)
}
