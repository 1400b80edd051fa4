package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDepth(t *testing.T) {
	d := &Depth{Title: "what cuts give away", Caption: "of 60 samples", Cuts: []string{"PP1 camera", "PP2 conv"},
		Panels: []DepthPanel{
			{Label: "dependence", Lines: []Line{
				{Name: "codec none", Points: []Point{{0, 1, 1, 1}, {1, 0.5, 0.4, 0.6}}},
				{Name: "codec int8", Points: []Point{{1, 0.25, 0.2, 0.3}}},
			}},
			{Label: "PSNR (dB)", Lines: []Line{{Name: "codec none", Points: []Point{{0, 24, 23, 25}, {1, math.NaN(), 0, 0}}}},
				Bounds: []Line{{Name: "floor", Baseline: true, Points: []Point{{0, 15, 15, 15}, {1, 15, 15, 15}}}}},
			{Label: "SSIM"},
		}}
	svg := drawn(t, d)
	for _, text := range []string{"what cuts give away", "of 60 samples", "PP1 camera", "dependence", "PSNR (dB)", "floor",
		"PP2 conv\ncodec int8\ndependence: 0.25 (0.2 to 0.3)", "PP1 camera\ncodec none\nPSNR (dB): 24 (23 to 25)"} {
		assert.Contains(t, svg, text)
	}
	assert.NotContains(t, svg, "SSIM", "it has no point")
	_, err := (&Depth{Panels: []DepthPanel{{}}}).Write("unwritten")
	require.ErrorIs(t, err, ErrNothing)
}

func TestSheet(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		red.Set(i%8, i/8, color.RGBA{R: 200, A: 255})
	}
	s := &Sheet{Title: "pictures", Caption: "one and none", Columns: []string{"input", "a long name that takes " +
		"several lines"},
		Rows: []SheetRow{{Name: "sample 3", Pictures: []image.Image{red, nil}}}}
	path := filepath.Join(t.TempDir(), "sheet.png")
	require.NoError(t, s.WritePNG(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	img, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	reds := 0
	for i := range img.Bounds().Dx() * img.Bounds().Dy() {
		if r, g, _, _ := img.At(i%img.Bounds().Dx(), i/img.Bounds().Dx()).RGBA(); r>>8 == 200 && g == 0 {
			reds++
		}
	}
	side := pictureSide / 72. * 110
	assert.InDelta(t, side*side, float64(reds), 4*side, "the one picture, and no other")
	require.ErrorIs(t, (&Sheet{Columns: []string{"input"}}).WritePNG("unwritten"), ErrNothing)
}
