package picture_test

import (
	"image"
	"runtime"
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

// What takes too much memory to resize is refused before any is taken; the default limit is
// 14 bytes for each of 100 million pixels, and 32 for each new one.
func TestMemoryOfAResize(t *testing.T) {
	const most = picture.MaxPixels
	camera := int64(640 * 480)
	for _, c := range []struct {
		fit                 picture.Fit
		maxPixels           int64
		width, height, w, h int
		refused             bool
	}{
		{"", 0, 1, most, 224, 224, true},
		{"", 0, 1, most, 1, 224, true}, // its weights
		{"", 0, most, 1, 224, 224, true},
		{"", 0, most, 1, most, 1, false},
		{picture.Letterbox, 0, 1, most, 224, 224, true},
		{picture.Letterbox, 0, most, 1, 224, 224, true},
		{picture.Crop, 0, 1, most, 224, 224, false},
		{picture.Crop, 0, most, 1, 224, 224, false},
		{"", 0, 10, most / 10, 224, 224, true},
		{"", 0, 100, most / 100, 224, 224, true},
		{"", 0, 1000, most / 1000, 224, 224, false},
		{"", 0, most / 1000, 1000, 224, 224, false},
		{"", 0, 10_000, 10_000, 224, 224, false},
		{"", 0, 10_000, 10_000, 5000, 5000, false},
		{"", 0, 10_000, 10_000, 9000, 9000, false},
		{"", 0, 10_000, 10_000, 20_000, 20_000, false},
		{"", 0, 3, 200_000, 224, 224, true},
		{"", 0, 3, 190_000, 224, 224, false},
		{"", 2 * most, 3, 200_000, 224, 224, false},
		{"", camera, 3, 2400, 224, 224, false},
		{"", camera, 3, 2700, 224, 224, true},
		{"", camera, 640, 480, 1280, 960, false},
		{"", camera, 640, 480, 2000, 3, true},
		{"", 1, 1, 1, 224, 224, false},
		{"", 1 << 40, 1, 1 << 40, 224, 224, true},
		{"", 1 << 40, 1 << 20, 1 << 20, 1 << 10, 1 << 10, true},
		{picture.Exact, 1, 1 << 20, 1 << 20, 1 << 20, 1 << 20, false},
	} {
		f := picture.NewFitter(c.w, c.h, picture.Options{Fit: c.fit, MaxPixels: c.maxPixels})
		err := f.Check(c.width, c.height)
		if !c.refused {
			assert.NoError(t, err, "%+v", c)
			continue
		}
		require.ErrorIs(t, err, picture.ErrLimit, "%+v", c)
		assert.ErrorContains(t, err, "make it smaller, or set max_pixels", "%+v", c)
	}
	f := picture.NewFitter(224, 224, picture.Options{MaxPixels: 1e6})
	p := &picture.RGB{Width: 1, Height: 1e6, Pix: make([]byte, 3e6)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := f.Into(make([]byte, 3*224*224), p)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, picture.ErrLimit)
	assert.ErrorContains(t, err, "to bring 1 x 1000000 pixels to 224 x 224 takes 6866 MiB, more than the limit of 18;")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// A resize takes the memory that it is refused by.
func TestMemoryThatAResizeTakes(t *testing.T) {
	for _, c := range [][4]int{
		{1000, 4000, 1000, 100}, {1, 1_000_000, 1, 224}, {1_000_000, 1, 224, 1}, {3, 50_000, 100, 100},
	} {
		f := picture.NewFitter(c[2], c[3], picture.Options{})
		dst, p := make([]byte, 3*c[2]*c[3]), &picture.RGB{Width: c[0], Height: c[1], Pix: make([]byte, 3*c[0]*c[1])}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, f.Into(dst, p), "%v", c)
		runtime.ReadMemStats(&after)
		pixels := 4 * (c[0]*c[1] + c[2]*c[3]) // of the pictures themselves
		says := 32 * (c[2]*c[1] + c[0] + c[1])
		assert.LessOrEqual(t, int(after.TotalAlloc-before.TotalAlloc)-pixels, says+says/50, "%v", c)
	}
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
