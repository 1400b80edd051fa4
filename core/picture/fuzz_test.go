package picture_test

import (
	"encoding/binary"
	"errors"
	"image/color"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
)

// Whatever the bytes are, they are a picture within the limit or an error of this package.
func FuzzDecode(f *testing.F) {
	img := drawn(6, 5)
	for _, data := range [][]byte{
		asPNG(f, img), asJPEG(f, img), withoutSegments(asJPEG(f, img), 0xc4),
		withSegment(asJPEG(f, img), 0xe1, "Exif\x00\x00"+string(exif(binary.BigEndian, 6))),
		withChunk(asPNG(f, img), "eXIf", exif(binary.LittleEndian, 5)), asJPEG(f, flat(9, 9, color.Gray{7})),
		dcJPEG(f, 0xc2, 8, 2, 1, 2, 3, 4), unhex(f, losslessWebP), unhex(f, lossyWebP), []byte("BM"), []byte("GIF89a"),
		[]byte("II*\x00\x08\x00\x00\x00\x01\x00"), []byte("\xff\xd8\xff\xe1\x00\x00"),
		[]byte("\x00\x00\x00\x18ftypheic"), rawPNG(20_000, 20_000, 1, 0, 0, nil),
	} {
		f.Add(data)
	}
	const limit = 1 << 16
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := picture.Inspect(data, picture.Options{MaxPixels: limit})
		if err != nil {
			if !errors.Is(err, picture.ErrPicture) && !errors.Is(err, picture.ErrLimit) {
				t.Errorf("another error: %v", err)
			}
		} else if info.Width*info.Height > limit || info.Orientation < 1 || info.Orientation > 8 {
			t.Errorf("a header of %+v", info)
		}
		p, decoded := picture.Decode(data, picture.Options{MaxPixels: limit})
		switch {
		case decoded != nil:
			if !errors.Is(decoded, picture.ErrPicture) && !errors.Is(decoded, picture.ErrLimit) {
				t.Errorf("another error: %v", decoded)
			}
		case err != nil:
			t.Errorf("decoded in spite of %v", err)
		case p.Width != info.Width || p.Height != info.Height || len(p.Pix) != 3*p.Width*p.Height:
			t.Errorf("%d x %d pixels in %d bytes; the header says %+v", p.Width, p.Height, len(p.Pix), info)
		}
	})
}
