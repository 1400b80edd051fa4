package picture_test

import (
	"image"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bands is a picture of three columns, each of one level of grey and as wide as high.
func bands(side int) *picture.RGB {
	p := &picture.RGB{Width: 3 * side, Height: side}
	for i := range p.Width * p.Height {
		level := byte(60 * (1 + i%p.Width/side))
		p.Pix = append(p.Pix, level, level, level)
	}
	return p
}

func TestFit(t *testing.T) {
	for _, tc := range []struct {
		fit           picture.Fit
		width, height int
		want          map[image.Point]byte
	}{
		{"", 3, 6, map[image.Point]byte{{X: 0, Y: 0}: 68, {X: 1, Y: 5}: 120, {X: 2, Y: 5}: 172}},
		{picture.Stretch, 60, 10, map[image.Point]byte{{X: 5, Y: 5}: 60, {X: 30, Y: 5}: 120, {X: 55, Y: 9}: 180}},
		{picture.Letterbox, 30, 30, map[image.Point]byte{
			{X: 5, Y: 9}: 60, {X: 25, Y: 9}: 180, {X: 5, Y: 10}: 0, {X: 29, Y: 29}: 0,
		}},
		{picture.Crop, 10, 10, map[image.Point]byte{{X: 0, Y: 0}: 120, {X: 9, Y: 9}: 120}},
		{picture.Crop, 90, 10, map[image.Point]byte{{X: 5, Y: 0}: 60, {X: 85, Y: 9}: 180}},
		{picture.Exact, 30, 10, map[image.Point]byte{{X: 5, Y: 0}: 60, {X: 25, Y: 9}: 180}},
	} {
		f := picture.NewFitter(tc.width, tc.height, picture.Options{Fit: tc.fit})
		got := &picture.RGB{Width: tc.width, Height: tc.height, Pix: make([]byte, 3*tc.width*tc.height)}
		require.NoError(t, f.Into(got.Pix, bands(10)), "%s", tc.fit)
		for at, want := range tc.want {
			assert.Equal(t, [3]byte{want, want, want}, pixel(got, at.X, at.Y), "%s to %d x %d at %v", tc.fit, tc.width,
				tc.height, at)
		}
	}
	f := picture.NewFitter(10, 10, picture.Options{Fit: picture.Exact})
	err := f.Into(make([]byte, 300), bands(10))
	require.ErrorIs(t, err, picture.ErrSize)
	assert.ErrorContains(t, err, "it is 30 wide and 10 high, 10 wide and 10 high is expected")
}

// A fitter takes pictures of other sizes in turns, and allocates nothing for one like the last.
func TestFitterKeeps(t *testing.T) {
	f := picture.NewFitter(6, 2, picture.Options{})
	dst, a, b := make([]byte, 36), bands(10), bands(3)
	require.NoError(t, f.Into(dst, a))
	first := [3]byte(dst)
	require.NoError(t, f.Into(dst, b))
	require.NoError(t, f.Into(dst, a))
	assert.Equal(t, first, [3]byte(dst))
	assert.Zero(t, testing.AllocsPerRun(10, func() { _ = f.Into(dst, a) }))
}

// The rule names all that may be set.
func TestRule(t *testing.T) {
	rule := picture.Rule()
	assert.True(t, strings.HasPrefix(rule, "What may be set is"), rule)
	for _, key := range picture.ConversionKeys() {
		assert.Contains(t, rule, key)
	}
	assert.NotContains(t, rule, "package")
	assert.NotContains(t, rule, "//")
}

func TestOptions(t *testing.T) {
	var o picture.Options
	for _, kv := range [][2]string{
		{"background", "#0a0B0c"}, {"fit", "crop"}, {"max_pixels", "4e8"}, {"orientation", "stored"},
	} {
		require.NoError(t, o.Set(kv[0], kv[1]))
	}
	assert.Equal(t, picture.Options{
		Stored: true, Background: &picture.Color{10, 11, 12}, MaxPixels: 400_000_000, Fit: picture.Crop,
	}, o)
	require.NoError(t, o.Set("orientation", "exif"))
	assert.False(t, o.Stored)
	for _, tc := range [][3]string{
		{"background", "pink", "expected white, black, grey or #rrggbb"}, {"background", "#12345", "#rrggbb"},
		{"background", "#12345g", "#rrggbb"}, {"fit", "fill", "expected stretch, letterbox, crop or exact"},
		{"max_pixels", "0", "expected a number from 1 to 2^40"}, {"max_pixels", "NaN", "expected a number"},
		{"max_pixels", "1e300", "expected a number"}, {"orientation", "6", "expected exif or stored"},
		{"colour", "1", "known are background, fit, max_pixels, orientation"},
	} {
		err := o.Set(tc[0], tc[1])
		require.ErrorIs(t, err, picture.ErrOption, "%v", tc)
		assert.ErrorContains(t, err, tc[2], "%v", tc)
	}
}
