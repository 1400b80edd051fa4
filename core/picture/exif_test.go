package picture_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
)

// turns are, for each orientation, where the pixels of
//
//	a b c
//	d e f
//
// are to be seen, as the EXIF standard has it: 6 is to be turned to the right.
var turns = map[uint16]string{
	1: "abc/def", 2: "cba/fed", 3: "fed/cba", 4: "def/abc", 5: "ad/be/cf", 6: "da/eb/fc", 7: "fc/eb/da", 8: "cf/be/ad",
}

// letters names the pixels of a picture of 3 x 2 blocks by the level of their red.
func letters(p *picture.RGB, block int) string {
	out := ""
	for y := block / 2; y < p.Height; y += block {
		if out != "" {
			out += "/"
		}
		for x := block / 2; x < p.Width; x += block {
			out += string(rune('a' + (int(pixel(p, x, y)[0])+20)/40))
		}
	}
	return out
}

func TestOrientation(t *testing.T) {
	const block = 8
	img := drawn(3*block, 2*block)
	for i := range img.Pix {
		x, y := i/4%(3*block)/block, i/4/(3*block)/block
		if i%4 < 3 {
			img.Pix[i] = uint8(40 * (3*y + x))
		}
	}
	var b bytes.Buffer
	require.NoError(t, tiff.Encode(&b, img, nil))
	page := b.Bytes()
	for o, want := range turns {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			block := exif(order, o)
			files := map[string][]byte{
				"JPEG": withSegment(withSegment(asJPEG(t, img), 0xe1, "Exif\x00\x00"+string(block)), 0xe1,
					"http://ns.adobe.com/xap/1.0/\x00"),
				"PNG": withChunk(asPNG(t, img), "eXIf", block),
			}
			for name, data := range files {
				checkTurned(t, name, data, want)
			}
		}
		checkTurned(t, "TIFF", orientedTIFF(t, page, o), want)
	}
	plain, err := picture.Decode(asJPEG(t, img), picture.Options{})
	require.NoError(t, err)
	for _, bad := range [][]byte{
		exif(binary.LittleEndian, 0), exif(binary.LittleEndian, 9), []byte("II*\x00\xff\xff\xff\xff"), []byte("II*"), nil,
		exif(binary.LittleEndian, 6)[:20],
	} {
		p, err := picture.Decode(withSegment(asJPEG(t, img), 0xe1, "Exif\x00\x00"+string(bad)), picture.Options{})
		require.NoError(t, err, "% x", bad)
		assert.Equal(t, plain, p, "% x", bad)
	}
	// WebP holds the block behind the picture.
	flat := unhex(t, losslessWebP)
	canvas := []byte("VP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x0f\x00\x00\x0f\x00\x00")
	webp := slices.Concat(flat[:12], canvas, flat[12:], []byte("EXIF"), binary.LittleEndian.AppendUint32(nil, 38),
		exif(binary.BigEndian, 8))
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	info, err := picture.Inspect(webp, picture.Options{})
	require.NoError(t, err)
	assert.Equal(t, 8, info.Orientation)
	_, err = picture.Decode(webp, picture.Options{})
	require.NoError(t, err)
}

func checkTurned(t *testing.T, name string, data []byte, want string) {
	t.Helper()
	p, err := picture.Decode(data, picture.Options{})
	require.NoError(t, err, name)
	assert.Equal(t, want, letters(p, 8), name)
	info, err := picture.Inspect(data, picture.Options{})
	require.NoError(t, err, name)
	assert.Equal(t, [2]int{p.Width, p.Height}, [2]int{info.Width, info.Height}, name)
	p, err = picture.Decode(data, picture.Options{Stored: true})
	require.NoError(t, err, name)
	assert.Equal(t, "abc/def", letters(p, 8), "%s as stored", name)
}

// orientedTIFF adds an orientation to the directory of a TIFF by x/image/tiff, which lies at
// its end, in the place of the resolution's unit, its last entry.
func orientedTIFF(t *testing.T, page []byte, orientation uint16) []byte {
	t.Helper()
	data := slices.Clone(page)
	at := int(binary.LittleEndian.Uint32(data[4:]))
	n := int(binary.LittleEndian.Uint16(data[at:]))
	for i := range n {
		entry := data[at+2+12*i:]
		if binary.LittleEndian.Uint16(entry) == 296 {
			binary.LittleEndian.PutUint16(entry, 0x112)
			binary.LittleEndian.PutUint16(entry[8:], orientation)
			// The decoder wants the entries in the order of their tags.
			sortEntries(data[at+2 : at+2+12*n])
			return data
		}
	}
	require.Fail(t, "no entry to replace")
	return nil
}

func sortEntries(b []byte) {
	entries := slices.Collect(slices.Chunk(slices.Clone(b), 12))
	slices.SortFunc(entries, func(a, c []byte) int {
		return int(binary.LittleEndian.Uint16(a)) - int(binary.LittleEndian.Uint16(c))
	})
	copy(b, slices.Concat(entries...))
}
