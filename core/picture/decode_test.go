package picture_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/png"
	"runtime"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func pixel(p *picture.RGB, x, y int) [3]byte { return [3]byte(p.Pix[3*(y*p.Width+x):]) }

// near asserts that two colours differ by no more than n in each channel.
func near(t *testing.T, want, got [3]byte, n int, name string) {
	t.Helper()
	for k := range want {
		assert.InDelta(t, int(want[k]), int(got[k]), float64(n), "%s: channel %d of %v, want %v", name, k, got, want)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

// Pictures of one colour (200, 100, 50), 16 x 16, as libwebp writes them.
const (
	losslessWebP = "524946461e000000574542505650384c110000002f0fc003000750b22257a6ff8188e87f0000"
	lossyWebP    = "524946463e000000574542505650382032000000f001009d012a1000100000c01225a00274ba01f80004" +
		"4c0000feda26ffee9ebda7af69ebf983fff1953e407fc654ff8b9800"
)

func TestFormats(t *testing.T) {
	orange := color.NRGBA{200, 100, 50, 255}
	img := flat(16, 16, orange)
	encoded := func(encode func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		require.NoError(t, encode(&b))
		return b.Bytes()
	}
	deep := image.NewNRGBA64(img.Rect)
	paletted := image.NewPaletted(img.Rect, color.Palette{color.Black, orange})
	for i := range 256 {
		deep.Set(i%16, i/16, color.NRGBA64{200<<8 | 255, 100<<8 | 255, 50<<8 | 255, 0xffff})
		paletted.SetColorIndex(i%16, i/16, 1)
	}
	for _, tc := range []struct {
		name   string
		data   []byte
		format string
		want   [3]byte
		within int
	}{
		{"PNG", asPNG(t, img), "PNG", [3]byte{200, 100, 50}, 0},
		{"16-bit PNG", asPNG(t, deep), "PNG", [3]byte{200, 100, 50}, 0},
		{"palette PNG", asPNG(t, paletted), "PNG", [3]byte{200, 100, 50}, 0},
		{"PNG with gamma", withChunk(asPNG(t, img), "gAMA", []byte{0, 0, 0x80, 0}), "PNG", [3]byte{200, 100, 50}, 0},
		{"APNG", withChunk(asPNG(t, img), "acTL", make([]byte, 8)), "PNG", [3]byte{200, 100, 50}, 0},
		{"JPEG", asJPEG(t, img), "JPEG", [3]byte{200, 100, 50}, 2},
		{"GIF", encoded(func(b *bytes.Buffer) error { return gif.Encode(b, paletted, nil) }), "GIF",
			[3]byte{200, 100, 50}, 0},
		{"BMP", encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, img) }), "BMP", [3]byte{200, 100, 50}, 0},
		{"TIFF", encoded(func(b *bytes.Buffer) error { return tiff.Encode(b, img, nil) }), "TIFF", [3]byte{200, 100, 50}, 0},
		{"fax of black zeros", fax(1), "TIFF", [3]byte{0, 0, 0}, 0},
		{"fax of white zeros", fax(0), "TIFF", [3]byte{255, 255, 255}, 0},
		{"lossless WebP", unhex(t, losslessWebP), "WebP", [3]byte{200, 100, 50}, 0},
		{"lossy WebP", unhex(t, lossyWebP), "WebP", [3]byte{200, 101, 50}, 0}, // as libwebp decodes it
		{"grey JPEG", dcJPEG(t, 0xc0, 8, -1, 90), "JPEG", [3]byte{90, 90, 90}, 1},
		{"progressive JPEG", dcJPEG(t, 0xc2, 8, -1, 90, 128, 128), "JPEG", [3]byte{90, 90, 90}, 1},
		{"RGB JPEG", dcJPEG(t, 0xc0, 8, 0, 200, 100, 50), "JPEG", [3]byte{200, 100, 50}, 1},
		// Adobe writes the inks inverted: 255 is none.
		{"CMYK JPEG", dcJPEG(t, 0xc0, 8, 0, 200, 100, 50, 255), "JPEG", [3]byte{200, 100, 50}, 2},
		{"CMYK JPEG with black", dcJPEG(t, 0xc0, 8, 0, 200, 100, 50, 128), "JPEG", [3]byte{100, 50, 25}, 2},
		{"CMYK JPEG without Adobe's segment", dcJPEG(t, 0xc0, 8, -1, 200, 100, 50, 255), "JPEG", [3]byte{200, 100, 50}, 2},
		{"YCCK JPEG", dcJPEG(t, 0xc0, 8, 2, 90, 128, 128, 255), "JPEG", [3]byte{165, 165, 165}, 2},
	} {
		info, err := picture.Inspect(tc.data, picture.Options{})
		require.NoError(t, err, tc.name)
		p, err := picture.Decode(tc.data, picture.Options{})
		require.NoError(t, err, tc.name)
		assert.Equal(t, tc.format, info.Format, tc.name)
		assert.Equal(t, [2]int{info.Width, info.Height}, [2]int{p.Width, p.Height}, tc.name)
		near(t, tc.want, pixel(p, p.Width/2, p.Height/2), tc.within, tc.name)
	}
}

// A webcam's JPEG has no Huffman tables: those of the standard are meant.
func TestNoHuffmanTables(t *testing.T) {
	img := drawn(6, 5)
	whole := asJPEG(t, img)
	bare := withoutSegments(whole, 0xc4)
	require.Less(t, len(bare), len(whole)-400)
	want, err := picture.Decode(whole, picture.Options{})
	require.NoError(t, err)
	got, err := picture.Decode(bare, picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, want, got)

	// Nor does the lack of the end's marker take a pixel away.
	got, err = picture.Decode(whole[:len(whole)-2], picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestAlpha(t *testing.T) {
	half := color.NRGBA{200, 100, 0, 128}
	clear := color.NRGBA{200, 100, 0, 0}
	paletted := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{half, clear})
	paletted.SetColorIndex(1, 0, 1)
	straight := image.NewNRGBA(paletted.Rect)
	deep := image.NewNRGBA64(paletted.Rect)
	for x := range 2 {
		straight.Set(x, 0, paletted.At(x, 0))
		c := paletted.Palette[x].(color.NRGBA)
		deep.SetNRGBA64(x, 0, color.NRGBA64{uint16(c.R) * 257, uint16(c.G) * 257, 0, uint16(c.A) * 257})
	}
	for name, img := range map[string]image.Image{"palette with tRNS": paletted, "8 bits": straight, "16 bits": deep} {
		for _, tc := range []struct {
			back        string
			half, clear [3]byte
		}{
			{"", [3]byte{227, 177, 127}, [3]byte{255, 255, 255}},
			{"black", [3]byte{100, 50, 0}, [3]byte{}},
			{"#102030", [3]byte{108, 66, 24}, [3]byte{16, 32, 48}},
		} {
			var o picture.Options
			if tc.back != "" {
				require.NoError(t, o.Set("background", tc.back))
			}
			p, err := picture.Decode(asPNG(t, img), o)
			require.NoError(t, err)
			near(t, tc.half, pixel(p, 0, 0), 1, name+" on "+tc.back)
			assert.Equal(t, tc.clear, pixel(p, 1, 0), "%s on %s", name, tc.back)
		}
	}
	// Grey with alpha, one pixel of 90 that is clear and one that is not.
	p, err := picture.Decode(rawPNG(2, 1, 8, 4, 0, []byte{0, 90, 0, 90, 255}), picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, []byte{255, 255, 255, 90, 90, 90}, p.Pix)
	// Around a GIF's first picture, where it is smaller than the screen, is background.
	var b bytes.Buffer
	part := image.NewPaletted(image.Rect(1, 0, 2, 1), palette.Plan9)
	require.NoError(t, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{0},
		Config: image.Config{ColorModel: color.Palette(palette.Plan9), Width: 3, Height: 1}}))
	p, err = picture.Decode(b.Bytes(), picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, []byte{255, 255, 255, 0, 0, 0, 255, 255, 255}, p.Pix)
}

// What can't be read is named, with what helps.
func TestNamed(t *testing.T) {
	noise := flat(64, 64, color.White)
	for i := range noise.Pix {
		noise.Pix[i] |= uint8(i*i*7>>3) | 3
	}
	cut := func(data []byte) []byte { return data[:len(data)/2] }
	var b bytes.Buffer
	require.NoError(t, tiff.Encode(&b, noise, nil))
	for _, tc := range []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, "it is empty"},
		{"text", []byte("no picture"), "it begins with 6e 6f 20 70"},
		{"one byte", []byte{0xff}, "it begins with ff"},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00"), "it is HEIC; convert it, as by: heif-convert"},
		{"AVIF", []byte("\x00\x00\x00\x18ftypavif\x00\x00"), "it is AVIF; convert it, as by: avifdec"},
		{"JPEG XL", []byte("\xff\x0a\x00"), "it is JPEG XL; convert it, as by: djxl"},
		{"JPEG XL in boxes", []byte("\x00\x00\x00\x0cJXL \r\n\x87\n\x00"), "it is JPEG XL"},
		{"SVG", []byte("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --> <SVG xmlns='x'>"), "it is SVG; it has no pixels"},
		{"PSD", []byte("8BPS\x00\x01"), "it is PSD; convert it"},
		{"PDF", []byte("%PDF-1.7"), "it is PDF; draw a page of it"},
		{"MP4", []byte("\x00\x00\x00\x18ftypisom"), "it is MP4; that is a video: use the kernel video"},
		{"LFS", []byte("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"},
		{"HTML", []byte("<!DOCTYPE html><html>"), "the download gave a page"},
		{"PPM", []byte("P6\n2 2\n255\n"), "it is Netpbm; convert it"},
		{"CR2", []byte("II*\x00\x10\x00\x00\x00CR\x02\x00"), "it is Canon raw (CR2)"},
		{"animated WebP", []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00"), "an animated WebP"},
		{"12 bits", dcJPEG(t, 0xc1, 12, -1, 90), "a JPEG of 12 bits; convert it"},
		{"arithmetic", dcJPEG(t, 0xc9, 8, -1, 90), "an arithmetic-coded JPEG; convert it"},
		{"lossless", dcJPEG(t, 0xc3, 8, -1, 90), "a lossless JPEG; convert it"},
		{"two components", dcJPEG(t, 0xc0, 8, -1, 1, 2), "unsupported JPEG feature: number of components"},
		{"JPEG cut off", cut(asJPEG(t, noise)), "JPEG, cut off: it ends in the middle"},
		{"PNG cut off", cut(asPNG(t, noise)), "PNG, cut off: it ends in the middle"},
		{"TIFF cut off", cut(b.Bytes()), "TIFF"},
		{"WebP cut off", cut(unhex(t, lossyWebP)), "WebP, cut off"},
		{"JPEG of its start", []byte("\xff\xd8\xff\xe0"), "JPEG, cut off"},
	} {
		_, err := picture.Decode(tc.data, picture.Options{})
		require.ErrorIs(t, err, picture.ErrPicture, tc.name)
		assert.ErrorContains(t, err, tc.says, tc.name)
	}
}

// The size is known from the header, and refused before its memory is taken.
func TestLimit(t *testing.T) {
	large := rawPNG(20_000, 20_000, 1, 0, 0, make([]byte, 48_000))
	largeGIF := []byte("GIF89a\x20\x4e\x20\x4e\x00\x00\x00")
	largeBMP := slices.Concat([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"),
		[]byte("\x20\x4e\x00\x00\x20\x4e\x00\x00\x01\x00\x18\x00"), make([]byte, 24))
	largeJPEG := bytes.Replace(asJPEG(t, flat(8, 8, color.White)), []byte("\x08\x00\x08\x00\x08"),
		[]byte("\x08\x4e\x20\x4e\x20"), 1)
	for name, data := range map[string][]byte{"PNG": large, "GIF": largeGIF, "BMP": largeBMP, "JPEG": largeJPEG} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := picture.Decode(data, picture.Options{})
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, picture.ErrLimit, name)
		assert.ErrorContains(t, err, "20000 x 20000 pixels are more than the limit of 100000000", name)
		assert.ErrorContains(t, err, "set max_pixels", name)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "%s: bytes that were allocated", name)
	}
	small := asPNG(t, drawn(4, 4))
	_, err := picture.Decode(small, picture.Options{MaxPixels: 15})
	require.ErrorIs(t, err, picture.ErrLimit)
	_, err = picture.Decode(small, picture.Options{MaxPixels: 16})
	require.NoError(t, err)
}

func TestInterlaced(t *testing.T) {
	// 2 x 1 pixels of 1 bit, white and black, in Adam7's passes of one pixel each.
	p, err := picture.Decode(rawPNG(2, 1, 1, 0, 1, []byte{0, 0x80, 0, 0x00}), picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, []byte{255, 255, 255, 0, 0, 0}, p.Pix)
}

// Opaque pictures are as image/png and the standard's conversion have them, bit by bit.
func TestOpaqueBits(t *testing.T) {
	for name, img := range map[string]image.Image{
		"NRGBA": drawn(6, 5), "gray": image.NewGray(image.Rect(0, 0, 3, 3)),
	} {
		decoded, err := png.Decode(bytes.NewReader(asPNG(t, img)))
		require.NoError(t, err)
		p, err := picture.Decode(asPNG(t, img), picture.Options{})
		require.NoError(t, err)
		var want []byte
		for i := range p.Width * p.Height {
			r, g, b, _ := decoded.At(i%p.Width, i/p.Width).RGBA()
			want = append(want, byte(r>>8), byte(g>>8), byte(b>>8))
		}
		assert.Equal(t, want, p.Pix, name)
		again := make([]byte, len(want))
		picture.Put(again, decoded)
		assert.Equal(t, want, again, name)
	}
}

func ExampleDecode() {
	var b bytes.Buffer
	img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	img.Set(0, 0, color.NRGBA{255, 0, 0, 0}) // transparent
	_ = png.Encode(&b, img)
	p, err := picture.Decode(b.Bytes(), picture.Options{})
	fmt.Println(p.Width, p.Height, p.Pix, err)
	// Output: 1 1 [255 255 255] <nil>
}
