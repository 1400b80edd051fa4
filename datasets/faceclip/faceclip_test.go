package faceclip

import (
	"bytes"
	"context"
	"errors"
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
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrite(t *testing.T) {
	photograph := photographed(t, 1920, 1398)
	dir := t.TempDir()
	if err := Moving().Write(t.Context(), bytes.NewReader(photograph), dir); err != nil {
		t.Fatal(err)
	}
	truth, err := ReadTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	if truth.Width != Side || truth.Height != Side || truth.FPS != FPS || truth.Seed != Seed || len(truth.Frames) != Moving().Frames {
		t.Errorf("truth of %d frames %d x %d, %d/s, seed %d", len(truth.Frames), truth.Width, truth.Height, truth.FPS, truth.Seed)
	}
	windows := Moving().windows(image.Pt(480-Side, 349-Side))
	for _, i := range []int{0, 17, Moving().Frames - 1} {
		data, err := os.ReadFile(filepath.Join(dir, FrameName(i)))
		if err != nil {
			t.Fatal(err)
		}
		frame, err := png.Decode(bytes.NewReader(data))
		if err != nil || frame.Bounds() != image.Rect(0, 0, Side, Side) {
			t.Fatalf("frame %d: %v, %v", i, frame.Bounds(), err)
		}
		// The colour at the middle says where the window really was.
		r, g, _, _ := frame.At(Side/2, Side/2).RGBA()
		x := (float64(windows[i].x)/subPixels + Side/2) * reduction * 255 / 1920
		y := (float64(windows[i].y)/subPixels + Side/2) * reduction * 255 / 1398
		if math.Abs(float64(r>>8)-x) > 3 || math.Abs(float64(g>>8)-y) > 3 {
			t.Errorf("frame %d shows colour %d, %d in the middle, the window's place gives %.1f, %.1f", i, r>>8, g>>8, x, y)
		}
	}
}

func TestTruth(t *testing.T) {
	windows := Moving().windows(image.Pt(480-Side, 349-Side))
	truth := truthOf(windows)
	seen, changes := map[int]int{}, 0
	for i, f := range truth.Frames {
		if f.Index != i || len(f.Faces) < 4 || len(f.Faces) > 5 {
			t.Errorf("frame %d (index %d) has %d faces, want 4 or 5", i, f.Index, len(f.Faces))
		}
		for _, face := range f.Faces {
			seen[face.ID]++
			if face.X1 < 0 || face.Y1 < 0 || face.X2 > Side || face.Y2 > Side || face.area() <= 0 {
				t.Errorf("frame %d: face %v is not inside", i, face)
			}
		}
		if i == 0 {
			continue
		}
		if len(f.Faces) != len(truth.Frames[i-1].Faces) {
			changes++
		}
		dx, dy := windows[i].x-windows[i-1].x, windows[i].y-windows[i-1].y
		if math.Hypot(float64(dx), float64(dy))/subPixels > 8 {
			t.Errorf("the window jumps by %d, %d sub-pixels before frame %d", dx, dy, i)
		}
	}
	if len(seen) != 5 || seen[1] == Moving().Frames || seen[5] == Moving().Frames || changes < 4 {
		t.Errorf("frames per person %v, %d times someone comes or goes: both sides should", seen, changes)
	}
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
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s: %v, %t; want %v, %t", tc.name, got, ok, tc.want, tc.ok)
		}
	}
}

func TestSubPixelPosition(t *testing.T) {
	small := image.NewRGBA(image.Rect(0, 0, Side+2, Side+2))
	small.SetRGBA(10, 10, color.RGBA{160, 0, 0, 255})
	out := window{x: 4, y: 0}.frame(small) // a quarter pixel to the right
	if a, b := out.RGBAAt(9, 10).R, out.RGBAAt(10, 10).R; a != 40 || b != 120 {
		t.Errorf("a point of 160 a quarter pixel off became %d and %d, want 40 and 120", a, b)
	}
}

func TestErrors(t *testing.T) {
	for name, photograph := range map[string][]byte{"no picture": []byte("text"), "too small": photographed(t, 1200, 1398)} {
		if err := Moving().Write(t.Context(), bytes.NewReader(photograph), t.TempDir()); !errors.Is(err, ErrPhotograph) {
			t.Errorf("%s: %v, want ErrPhotograph", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Moving().Write(ctx, bytes.NewReader(photographed(t, 1300, 1300)), t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := ReadTruth(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no truth: %v, want ErrNotExist", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, TruthFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTruth(dir); err == nil {
		t.Error("broken truth was accepted")
	}
}

func TestReduceAverages(t *testing.T) {
	picture := image.NewGray(image.Rect(3, 5, 3+9, 5+7)) // neither at the origin nor a whole number of squares
	for y := range 4 {
		for x := range 8 {
			picture.SetGray(3+x, 5+y, color.Gray{uint8(x/4*100 + x%4*10 + y)})
		}
	}
	out := reduce(picture)
	if out.Rect != image.Rect(0, 0, 2, 1) {
		t.Fatalf("reduced to %v", out.Rect)
	}
	// Mean of 0, 10, 20, 30 and of 0, 1, 2, 3 is 16.5, rounded up.
	for x, want := range []uint8{17, 117} {
		if got := out.RGBAAt(x, 0); got != (color.RGBA{want, want, want, 255}) {
			t.Errorf("pixel %d = %v, want %d", x, got, want)
		}
	}
}

func TestPausingClip(t *testing.T) {
	c := Pausing()
	clock := c.clock()
	moving, stretches := 0, 0
	for i := 1; i < len(clock); i++ {
		step := clock[i] - clock[i-1]
		if step < 0 || step > 1 {
			t.Fatalf("the camera's clock goes from %d to %d", clock[i-1], clock[i])
		}
		moving += step
		if i > 1 && step != clock[i-1]-clock[i-2] {
			stretches++
		}
	}
	if len(clock) != 120 || moving < 42 || moving > 54 || stretches < 6 {
		t.Errorf("%d frames, the camera moves before %d of them and starts or stops %d times; want 35 to 45 %% of 120", len(clock), moving, stretches)
	}

	dir := t.TempDir()
	if err := c.Write(t.Context(), bytes.NewReader(photographed(t, 1920, 1398)), dir); err != nil {
		t.Fatal(err)
	}
	truth, err := ReadTruth(dir)
	if err != nil || len(truth.Frames) != c.Frames {
		t.Fatalf("truth of %d frames, %v", len(truth.Frames), err)
	}
	frame := func(i int) *image.RGBA {
		data, err := os.ReadFile(filepath.Join(dir, FrameName(i)))
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
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
		if sigma := math.Sqrt(sum / float64(n)); math.Abs(sigma-2*math.Sqrt2) > 0.1 {
			t.Errorf("frames %d and %d differ by %.2f, want %.2f", i-1, i, sigma, 2*math.Sqrt2)
		}
		if len(truth.Frames[i].Faces) != len(truth.Frames[i-1].Faces) || truth.Frames[i].Faces[0] != truth.Frames[i-1].Faces[0] {
			t.Errorf("faces move between frames %d and %d", i-1, i)
		}
	}
	if still == 0 {
		t.Error("no still frame was looked at")
	}
}
