package picture

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"iter"
	"slices"
	"strings"
)

// segment is a segment of a JPEG file.
type segment struct {
	marker byte
	at     int // of the marker in the file
	body   []byte
}

// segments yields the segments of a JPEG file before its first scan, that of the scan's
// header last. It ends where the file makes no sense.
func segments(data []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		for at := 2; at+4 <= len(data); {
			if data[at] != 0xff {
				return
			}
			marker := data[at+1]
			switch {
			case marker == 0xff: // padding
				at++
				continue
			case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8: // without a body
				at += 2
				continue
			}
			n := int(data[at+2])<<8 | int(data[at+3])
			if n < 2 || n > len(data)-at-2 {
				return
			}
			if !yield(segment{marker, at, data[at+4 : at+2+n]}) || marker == 0xda {
				return
			}
			at += 2 + n
		}
	}
}

// unsupported names a kind of picture that its decoder doesn't read; "" if it does, or if
// that can't be said.
func unsupported(format string, data []byte) string {
	switch format {
	case jpegFormat:
		return unsupportedJPEG(data)
	case webpFormat:
		if len(data) > 20 && string(data[12:16]) == "VP8X" && data[20]&2 != 0 {
			return "an animated WebP"
		}
	}
	return ""
}

func unsupportedJPEG(data []byte) string {
	for s := range segments(data) {
		switch s.marker {
		case 0xc3, 0xc7, 0xcb, 0xcf:
			return "a lossless JPEG"
		case 0xc5, 0xc6:
			return "a hierarchical JPEG"
		case 0xc9, 0xca, 0xcd, 0xce:
			return "an arithmetic-coded JPEG"
		case 0xf7:
			return "a JPEG-LS"
		case 0xc0, 0xc1, 0xc2:
			if len(s.body) > 0 && s.body[0] == 12 {
				return "a JPEG of 12 bits"
			}
			return ""
		}
	}
	return ""
}

// adobeInks is the segment that says that four components are inks as Adobe writes them.
const adobeInks = "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"

// decodeJPEG decodes a JPEG, and mends what sloppy writers leave out: of baseline ones the
// standard Huffman tables, as of webcams (Motion JPEG), and the marker of the end; of CMYK
// that its inks are as Adobe writes them.
func decodeJPEG(data []byte) (image.Image, error) {
	baseline, tables, inks, adobe, scan := false, false, false, false, 0
	for s := range segments(data) {
		switch s.marker {
		case 0xc0, 0xc1, 0xc2:
			baseline = s.marker != 0xc2
			inks = inks || len(s.body) > 5 && s.body[5] == 4
		case 0xee:
			adobe = adobe || bytes.HasPrefix(s.body, []byte("Adobe"))
		case 0xc4:
			tables = true
		case 0xda:
			scan = s.at
		}
	}
	if baseline && !tables && scan > 0 {
		data = slices.Concat(data[:scan], standardTables, data[scan:])
	}
	if inks && !adobe {
		data = slices.Concat(data[:2], []byte(adobeInks), data[2:])
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if baseline && errors.Is(err, io.ErrUnexpectedEOF) {
		// All of the picture may be there but the marker.
		if whole, e := jpeg.Decode(io.MultiReader(bytes.NewReader(data), strings.NewReader("\xff\xd9"))); e == nil {
			return whole, nil
		}
	}
	return img, err
}
