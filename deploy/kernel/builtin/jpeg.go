package builtin

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// jpegEncoder is the kernel "encode" with codec jpeg.
type jpegEncoder struct {
	rgba    *image.RGBA
	options jpeg.Options
}

func newJPEGEncoder(plain graph.TokenType, quality int) *jpegEncoder {
	return &jpegEncoder{
		rgba:    image.NewRGBA(image.Rect(0, 0, int(plain.Shape[1]), int(plain.Shape[0]))),
		options: jpeg.Options{Quality: quality},
	}
}

// Fire writes the picture as a JPEG file. A file longer than codec.JPEGBound
// is an error wrapping ErrToken.
func (k *jpegEncoder) Fire(f *kernel.Firing) error {
	out := f.Out[0][0]
	picture.ExpandRGB(k.rgba.Pix, f.In[0][0].Data)
	w := tokenWriter{data: out.Data}
	if err := jpeg.Encode(&w, k.rgba, &k.options); err != nil {
		return fmt.Errorf("jpeg: %w", err)
	}
	out.Len = w.n
	return nil
}

// Close does nothing.
func (k *jpegEncoder) Close() error { return nil }

// tokenWriter writes into a token's memory. It has the methods that spare
// image/jpeg a buffer of its own.
type tokenWriter struct {
	data []byte
	n    int
}

func (w *tokenWriter) Write(p []byte) (int, error) {
	if len(p) > len(w.data)-w.n {
		return 0, fmt.Errorf("%w: the picture takes more than the %d bytes of its token; lower the quality", kernel.ErrToken,
			len(w.data))
	}
	w.n += copy(w.data[w.n:], p)
	return len(p), nil
}

func (w *tokenWriter) WriteByte(b byte) error {
	if w.n == len(w.data) {
		return fmt.Errorf("%w: the picture takes more than the %d bytes of its token; lower the quality", kernel.ErrToken,
			len(w.data))
	}
	w.data[w.n] = b
	w.n++
	return nil
}

func (w *tokenWriter) Flush() error { return nil }

// jpegDecoder is the kernel "decode" with codec jpeg. image/jpeg allocates the
// planes of every picture.
type jpegDecoder struct{ height, width int }

// Fire decodes the picture to RGB. A picture of another size than the out
// port's is an error wrapping ErrToken.
func (k *jpegDecoder) Fire(f *kernel.Firing) error {
	in := f.In[0][0]
	data := in.Data[:in.Len]
	// The size first: a few bytes can promise a picture of gigabytes.
	if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil {
		return fmt.Errorf("%w: jpeg: %w", kernel.ErrToken, err)
	} else if c.Width != k.width || c.Height != k.height {
		return fmt.Errorf(
			"%w: a JPEG picture of %d x %d pixels came; expected %d x %d",
			kernel.ErrToken,
			c.Width,
			c.Height,
			k.width,
			k.height,
		)
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w: jpeg: %w", kernel.ErrToken, err)
	}
	picture.Put(f.Out[0][0].Data, img)
	return nil
}

// Close does nothing.
func (k *jpegDecoder) Close() error { return nil }
