package faceclip

import (
	"bytes"
	"context"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// photographed returns a JPEG picture of the given size: a slope in red and
// green, so that colours tell positions.
func photographed(t *testing.T, width, height int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.SetRGBA(x, y, color.RGBA{uint8(x * 255 / width), uint8(y * 255 / height), 0, 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, picture, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

func TestWrite(t *testing.T) {
	photograph := photographed(t, 1920, 1398)
	dir := t.TempDir()
	require.NoError(t, Moving().Write(t.Context(), bytes.NewReader(photograph), dir))
	truth, err := ReadTruth(dir)
	require.NoError(t, err)
	assert.Equal(t, Side, truth.Width, "truth of %d frames %d x %d, %d/s, seed", len(truth.Frames), truth.Width,
		truth.Height, truth.FPS)
	assert.Equal(t, Side, truth.Height, "truth of %d frames %d x %d, %d/s, seed", len(truth.Frames), truth.Width,
		truth.Height, truth.FPS)
	assert.Equal(t, FPS, truth.FPS, "truth of %d frames %d x %d, %d/s, seed", len(truth.Frames), truth.Width, truth.Height,
		truth.FPS)
	assert.EqualValues(t, Seed, truth.Seed, "truth of %d frames %d x %d, %d/s, seed", len(truth.Frames), truth.Width,
		truth.Height, truth.FPS)
	assert.Len(t, truth.Frames, Moving().Frames, "truth of %d frames %d x %d, %d/s, seed", len(truth.Frames), truth.Width,
		truth.Height, truth.FPS)
	windows := Moving().windows(image.Pt(480-Side, 349-Side))
	for _, i := range []int{0, 17, Moving().Frames - 1} {
		data, err := os.ReadFile(filepath.Join(dir, FrameName(i)))
		require.NoError(t, err)
		frame, err := png.Decode(bytes.NewReader(data))
		require.NoError(t, err, "frame %d", i)
		require.Equal(t, image.Rect(0, 0, Side, Side), frame.Bounds(), "frame %d", i)
		// The colour at the middle says where the window really was.
		r, g, _, _ := frame.At(Side/2, Side/2).RGBA()
		x := (float64(windows[i].x)/subPixels + Side/2) * reduction * 255 / 1920
		y := (float64(windows[i].y)/subPixels + Side/2) * reduction * 255 / 1398
		assert.LessOrEqual(t, math.Abs(float64(r>>8)-x), float64(3),
			"frame %d shows colour %d, %d in the middle, the window's place", i, r>>8, g>>8)
		assert.LessOrEqual(t, math.Abs(float64(g>>8)-y), float64(3),
			"frame %d shows colour %d, %d in the middle, the window's place", i, r>>8, g>>8)
	}
}

func TestTruth(t *testing.T) {
	windows := Moving().windows(image.Pt(480-Side, 349-Side))
	truth := truthOf(windows)
	seen, changes := map[int]int{}, 0
	for i, f := range truth.Frames {
		assert.Equal(t, i, f.Index, "frame %d (index %d) has %d faces, want 4 or 5", i, f.Index, len(f.Faces))
		require.GreaterOrEqual(t, len(f.Faces), 4, "frame %d (index %d) has %d faces, want 4 or 5", i, f.Index, len(f.Faces))
		assert.LessOrEqual(t, len(f.Faces), 5, "frame %d (index %d) has %d faces, want 4 or 5", i, f.Index, len(f.Faces))
		for _, face := range f.Faces {
			seen[face.ID]++
			assert.GreaterOrEqual(t, face.X1, float64(0), "frame %d: face %v is not inside", i, face)
			assert.GreaterOrEqual(t, face.Y1, float64(0), "frame %d: face %v is not inside", i, face)
			assert.LessOrEqual(t, face.X2, float64(Side), "frame %d: face %v is not inside", i, face)
			assert.LessOrEqual(t, face.Y2, float64(Side), "frame %d: face %v is not inside", i, face)
			assert.Greater(t, face.area(), float64(0), "frame %d: face %v is not inside", i, face)
		}
		if i == 0 {
			continue
		}
		if len(f.Faces) != len(truth.Frames[i-1].Faces) {
			changes++
		}
		dx, dy := windows[i].x-windows[i-1].x, windows[i].y-windows[i-1].y
		assert.LessOrEqual(t, math.Hypot(float64(dx), float64(dy))/subPixels, float64(8),
			"the window jumps by %d, %d sub-pixels before frame %d", dx, dy, i)
	}
	require.Len(t, seen, 5, "frames per person %v, %d times someone comes or goes: both sides should", seen, changes)
	assert.NotEqual(t, Moving().Frames, seen[1], "frames per person %v, %d times someone comes or goes: both sides should",
		seen, changes)
	assert.NotEqual(t, Moving().Frames, seen[5], "frames per person %v, %d times someone comes or goes: both sides should",
		seen, changes)
	assert.GreaterOrEqual(t, changes, 4, "frames per person %v, %d times someone comes or goes: both sides should", seen,
		changes)
}

func TestView(t *testing.T) {
	w := window{x: 10 * subPixels, y: 20*subPixels + 8}
	for _, tc := range []struct {
		name string
		in   Face
		want Face
		ok   bool
	}{
		{"inside", Face{7, 80, 120, 160, 200}, Face{7, 10, 9.5, 30, 29.5}, true},
		{"clipped, most in view", Face{7, 30, 120, 110, 200}, Face{7, 0, 9.5, 17.5, 29.5}, true},
		{"exactly half", Face{7, 0, 120, 80, 200}, Face{7, 0, 9.5, 10, 29.5}, true},
		{"less than half", Face{7, -4, 120, 76, 200}, Face{}, false},
		{"outside", Face{7, 2000, 2000, 2100, 2100}, Face{}, false},
	} {
		got, ok := w.view(tc.in)
		assert.Equal(t, tc.ok, ok, tc.name)
		if ok {
			assert.Equal(t, tc.want, got, tc.name)
		}
	}
}

func TestSubPixelPosition(t *testing.T) {
	small := image.NewRGBA(image.Rect(0, 0, Side+2, Side+2))
	small.SetRGBA(10, 10, color.RGBA{160, 0, 0, 255})
	out := window{x: 4, y: 0}.frame(small) // a quarter pixel to the right
	a, b := out.RGBAAt(9, 10).R, out.RGBAAt(10, 10).R
	assert.EqualValues(t, 40, a, "a point of 160 a quarter pixel off became %d and %d, want 40 and 120", a, b)
	assert.EqualValues(t, 120, b, "a point of 160 a quarter pixel off became %d and %d, want 40 and 120", a, b)
}

func TestErrors(t *testing.T) {
	for name, photograph := range map[string][]byte{
		"no picture": []byte("text"), "too small": photographed(t, 1200, 1398),
	} {
		err := Moving().Write(t.Context(), bytes.NewReader(photograph), t.TempDir())
		assert.ErrorIs(t, err, ErrPhotograph, "%s: %v, want ErrPhotograph", name, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Moving().Write(ctx, bytes.NewReader(photographed(t, 1300, 1300)), t.TempDir())
	assert.ErrorIs(t, err, context.Canceled, "cancelled")
	_, err = ReadTruth(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist, "no truth: %v, want ErrNotExist", err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, TruthFile), []byte("{"), 0o644))
	_, err = ReadTruth(dir)
	assert.Error(t, err, "broken truth was accepted")
}

func TestReduceAverages(t *testing.T) {
	picture := image.NewGray(image.Rect(3, 5, 3+9, 5+7)) // neither at the origin nor a whole number of squares
	for y := range 4 {
		for x := range 8 {
			picture.SetGray(3+x, 5+y, color.Gray{uint8(x/4*100 + x%4*10 + y)})
		}
	}
	out := reduce(picture)
	require.Equal(t, image.Rect(0, 0, 2, 1), out.Rect, "reduced")
	// Mean of 0, 10, 20, 30 and of 0, 1, 2, 3 is 16.5, rounded up.
	for x, want := range []uint8{17, 117} {
		assert.Equal(t, (color.RGBA{want, want, want, 255}), out.RGBAAt(x, 0), "pixel %d", x)
	}
}

func TestPausingClip(t *testing.T) {
	c := Pausing()
	clock := c.clock()
	moving, stretches := 0, 0
	for i := 1; i < len(clock); i++ {
		step := clock[i] - clock[i-1]
		require.GreaterOrEqual(t, step, 0, "the camera's clock goes from %d to %d", clock[i-1], clock[i])
		require.LessOrEqual(t, step, 1, "the camera's clock goes from %d to %d", clock[i-1], clock[i])
		moving += step
		if i > 1 && step != clock[i-1]-clock[i-2] {
			stretches++
		}
	}
	require.Len(
		t, clock, 120, "%d frames, the camera moves before %d of them and starts or stops %d times; want 35 to 45 %% of 120",
		len(clock), moving, stretches,
	)
	assert.GreaterOrEqual(t, moving, 42,
		"%d frames, the camera moves before %d of them and starts or stops %d times; want 35 to 45 %% of 120", len(clock),
		moving, stretches)
	assert.LessOrEqual(t, moving, 54,
		"%d frames, the camera moves before %d of them and starts or stops %d times; want 35 to 45 %% of 120", len(clock),
		moving, stretches)
	assert.GreaterOrEqual(t, stretches, 6,
		"%d frames, the camera moves before %d of them and starts or stops %d times; want 35 to 45 %% of 120", len(clock),
		moving, stretches)

	dir := t.TempDir()
	err := c.Write(t.Context(), bytes.NewReader(photographed(t, 1920, 1398)), dir)
	require.NoError(t, err)
	truth, err := ReadTruth(dir)
	require.NoError(t, err, "truth of %d frames", len(truth.Frames))
	require.Len(t, truth.Frames, c.Frames, "truth of %d frames", len(truth.Frames))
	frame := func(i int) *image.RGBA {
		data, err := os.ReadFile(filepath.Join(dir, FrameName(i)))
		require.NoError(t, err)
		img, err := png.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		return img.(*image.RGBA)
	}
	windows := c.windows(image.Pt(480-Side, 349-Side))
	still := 0
	for _, i := range []int{1, 2, 3, 118, 119} {
		if windows[i] != windows[i-1] {
			continue
		}
		still++
		// Nothing moves: the noise of two frames is left, of sigma 2 each.
		a, b, sum, n := frame(i-1), frame(i), 0.0, 0
		for p := range a.Pix {
			if d := float64(a.Pix[p]) - float64(b.Pix[p]); p%4 < 2 && a.Pix[p] > 20 && a.Pix[p] < 235 {
				sum += d * d
				n++
			}
		}
		assert.LessOrEqual(t, math.Abs(math.Sqrt(sum/float64(n))-2*math.Sqrt2), 0.1, "frames %d and %d differ by", i-1, i)
		require.Len(t, truth.Frames[i].Faces, len(truth.Frames[i-1].Faces), "faces move between frames")
		assert.Equal(t, truth.Frames[i-1].Faces[0], truth.Frames[i].Faces[0], "faces move between frames")
	}
	assert.NotEqual(t, 0, still, "no still frame was looked at")
}
