package picture

import (
	"bytes"
	"encoding/binary"
)

// Tags of EXIF and TIFF.
const (
	tagCompression = 0x103
	tagPhotometric = 0x106
	tagOrientation = 0x112
)

// orientation returns a picture's orientation, 1 to 8; 1 if it has none that is valid.
func orientation(format string, data []byte) int {
	var block []byte
	switch format {
	case tiffFormat:
		block = data
	case jpegFormat:
		for s := range segments(data) {
			if rest, ok := bytes.CutPrefix(s.body, []byte("Exif\x00\x00")); ok && s.marker == 0xe1 {
				block = rest
				break
			}
		}
	case pngFormat:
		block = chunk(data[8:], "eXIf", binary.BigEndian, true)
	case webpFormat:
		block = chunk(data[12:], "EXIF", binary.LittleEndian, false)
		block = bytes.TrimPrefix(block, []byte("Exif\x00\x00")) // some writers put it there
	}
	return orientationOf(block)
}

// orientationOf reads the first directory of a block of TIFF.
func orientationOf(b []byte) int {
	if v, ok := tag(b, tagOrientation); ok && v >= 1 && v <= 8 {
		return v
	}
	return 1
}

// tag returns a tag of the first directory of a block of TIFF, a whole number below 2^16.
func tag(b []byte, of uint16) (v int, ok bool) {
	if len(b) < 8 {
		return 0, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 0, false
	}
	n := uint64(order.Uint16(b[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > uint64(len(b)) {
			break
		}
		if order.Uint16(b[entry:]) != of {
			continue
		}
		if order.Uint16(b[entry+2:]) == 4 { // a long
			return int(order.Uint32(b[entry+8:]) & 0xffff), true
		}
		return int(order.Uint16(b[entry+8:])), true
	}
	return 0, false
}

// chunk returns the body of the first chunk of that name: of PNG, whose length stands
// before the name, or of RIFF, whose length stands behind and is padded to even.
func chunk(b []byte, name string, order binary.ByteOrder, png bool) []byte {
	for len(b) >= 8 {
		size, id, skip := order.Uint32(b[4:]), b[:4], uint64(0)
		if png {
			size, id = order.Uint32(b), b[4:8]
		}
		if uint64(size) > uint64(len(b)-8) {
			return nil
		}
		if string(id) == name {
			return b[8 : 8+size]
		}
		if skip = 8 + uint64(size) + uint64(size&1); png {
			skip = 12 + uint64(size) // and its checksum
		}
		if skip > uint64(len(b)) {
			return nil
		}
		b = b[skip:]
	}
	return nil
}
