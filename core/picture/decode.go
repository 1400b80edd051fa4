package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// RGB is a picture: 3 bytes for every pixel, row by row from the top left.
type RGB struct {
	Width, Height int
	Pix           []byte
}

// Info is what a picture's header says.
type Info struct {
	Format        string
	Width, Height int // in pixels, turned as Options say
	Orientation   int // 1 to 8 as EXIF has it; 1 if the file has none, or Options want it as stored
}

// decoders are those of the formats that are read.
var decoders = map[string]struct {
	config func(io.Reader) (image.Config, error)
	decode func([]byte) (image.Image, error)
}{
	jpegFormat: {jpeg.DecodeConfig, decodeJPEG},
	pngFormat:  {png.DecodeConfig, reading(png.Decode)},
	gifFormat:  {gif.DecodeConfig, decodeGIF},
	webpFormat: {webp.DecodeConfig, reading(webp.Decode)},
	bmpFormat:  {bmp.DecodeConfig, reading(bmp.Decode)},
	tiffFormat: {tiff.DecodeConfig, decodeTIFF},
}

func reading(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(data []byte) (image.Image, error) { return decode(bytes.NewReader(data)) }
}

// decodeGIF decodes the first picture, which may be a part of the screen.
func decodeGIF(data []byte) (image.Image, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	img, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	screen := image.NewRGBA(image.Rect(0, 0, c.Width, c.Height))
	draw.Draw(screen, img.Bounds(), img, img.Bounds().Min, draw.Src)
	return screen, nil
}

// decodeTIFF decodes the first page. A fax (CCITT, group 3 or 4) whose tag says that black is
// 0 comes inverted from x/image/tiff: its white runs are zeros, as libtiff reads them.
func decodeTIFF(data []byte) (image.Image, error) {
	img, err := tiff.Decode(bytes.NewReader(data))
	compression, _ := tag(data, tagCompression)
	if photometric, _ := tag(data, tagPhotometric); photometric == 1 && (compression == 3 || compression == 4) {
		if grey, ok := img.(*image.Gray); ok && err == nil {
			for i := range grey.Pix {
				grey.Pix[i] = ^grey.Pix[i]
			}
		}
	}
	return img, err
}

// Inspect reads a picture's header. It takes memory in the order of the file's. Its errors
// are ErrPicture and ErrLimit.
func Inspect(data []byte, o Options) (info Info, err error) {
	defer caught(&err)
	if len(data) == 0 {
		return info, fmt.Errorf("%w: it is empty", ErrPicture)
	}
	s, ok := sniff(data)
	switch {
	case !ok:
		return info, fmt.Errorf("%w: it begins with % x, as no known format does; give JPEG, PNG, GIF, WebP, BMP or TIFF",
			ErrPicture, data[:min(len(data), 8)])
	case s.mends != "":
		return info, fmt.Errorf("%w: it is %s; %s", ErrPicture, s.name, s.mends)
	}
	if why := unsupported(s.name, data); why != "" {
		return info, fmt.Errorf("%w: it is %s; %s", ErrPicture, why, magick)
	}
	c, err := decoders[s.name].config(bytes.NewReader(data))
	if err != nil {
		return info, unread(s.name, data, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return info, fmt.Errorf("%w: %s of %d x %d pixels", ErrPicture, s.name, c.Width, c.Height)
	}
	if err := o.Check(c.Width, c.Height); err != nil {
		return info, err
	}
	info = Info{Format: s.name, Width: c.Width, Height: c.Height, Orientation: 1}
	if !o.Stored {
		info.Orientation = orientation(s.name, data)
	}
	if info.Orientation > 4 {
		info.Width, info.Height = info.Height, info.Width
	}
	return info, nil
}

// Check is ErrLimit if a picture of that size, at least 1 x 1, has too many pixels.
func (o Options) Check(width, height int) error {
	if limit := o.maxPixels(); int64(width) > limit/int64(height) {
		return fmt.Errorf("%w: %d x %d pixels are more than the limit of %d; make it smaller, or set max_pixels",
			ErrLimit, width, height, limit)
	}
	return nil
}

// Decode reads a picture by the rule, in its own size. Its errors are those of Inspect; a
// picture that is cut off or damaged is ErrPicture.
func Decode(data []byte, o Options) (p *RGB, err error) {
	defer caught(&err)
	info, err := Inspect(data, o)
	if err != nil {
		return nil, err
	}
	img, err := decoders[info.Format].decode(data)
	if err != nil {
		return nil, unread(info.Format, data, err)
	}
	p = &RGB{Width: img.Bounds().Dx(), Height: img.Bounds().Dy()}
	if p.Width*p.Height != info.Width*info.Height {
		return nil, fmt.Errorf("%w: %s: its header says %d pixels, it has %d x %d", ErrPicture, info.Format,
			info.Width*info.Height, p.Width, p.Height)
	}
	p.Pix = make([]byte, 3*p.Width*p.Height)
	if info.Format != webpFormat || !putStudio(p.Pix, img, o.background()) {
		put(p.Pix, img, o.background())
	}
	return p.turned(info.Orientation), nil
}

// caught makes a decoder's panic an error: the bytes are anybody's.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: its decoder fails: %v", ErrPicture, r)
	}
}

// unread says why a picture can't be read.
func unread(format string, data []byte, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || !ended(format, data) {
		return fmt.Errorf("%w: %s, cut off: it ends in the middle; is the file complete?", ErrPicture, format)
	}
	return fmt.Errorf("%w: %s: %w", ErrPicture, format, err)
}

// ended reports whether a file has the end that its format wants; true if it wants none.
func ended(format string, data []byte) bool {
	switch format {
	case jpegFormat:
		return bytes.Contains(data, []byte{0xff, 0xd9})
	case pngFormat:
		return bytes.Contains(data, []byte("IEND"))
	case webpFormat:
		return len(data) >= 12 && int64(binary.LittleEndian.Uint32(data[4:]))+8 <= int64(len(data))
	}
	return true
}
