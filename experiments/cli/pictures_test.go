package cli

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/require"
)

// pictureModel is a model whose input has that type and shape.
func pictureModel(t *testing.T, elem onnx.Elem, shape ...int64) string {
	t.Helper()
	return built(t, func(b *build.Builder) {
		b.Input("x", elem, shape...)
		b.Node("Cast", []string{"x"}, []string{"f"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		b.Node("Relu", []string{"f"}, []string{"r"})
		b.Node("Neg", []string{"r"}, []string{"y"})
		b.Output("y", onnx.Float32, shape...)
	})
}

// A picture becomes what the input takes, whatever its type and layout.
func TestPictureInputs(t *testing.T) {
	dir := t.TempDir()
	img := image.NewNRGBA(image.Rect(0, 0, 9, 7))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 11)
	}
	var asPNG, asJPEG bytes.Buffer
	require.NoError(t, png.Encode(&asPNG, img))
	require.NoError(t, jpeg.Encode(&asJPEG, img, nil))
	for name, content := range map[string]string{
		"p.png": asPNG.String(), "wrong.png": asJPEG.String(), "no-ending": asPNG.String(), "q.png": asPNG.String(),
		"cut.png": asPNG.String()[:asPNG.Len()/2], "p.heic": "\x00\x00\x00\x18ftypheic\x00\x00", "empty.png": "",
		"raw.bin": "BM" + string(make([]byte, 3*8*8-2)),
	} {
		write(t, filepath.Join(dir, name), content)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	rgb := pictureModel(t, onnx.Uint8, 1, 3, 8, 8)
	for _, tc := range []struct {
		name, model string
		args        []string
		says        string
	}{
		{"grey", pictureModel(t, onnx.Float32, 1, 1, 28, 28), []string{"--input", file("p.png")}, "784 of 784 elements"},
		{"uint8", rgb, []string{"--input", file("p.png")}, "192 of 192 elements"},
		{"int8", pictureModel(t, onnx.Int8, 1, 3, 8, 8), []string{"--input", file("p.png")}, "192 of 192 elements"},
		{"float16", pictureModel(t, onnx.Float16, 1, 3, 8, 8), []string{"--input", file("p.png")}, "192 of 192 elements"},
		{"channels last", pictureModel(t, onnx.Float32, 1, 8, 8, 3), []string{"--input", file("p.png")}, "192 of 192"},
		{"batch of one picture", pictureModel(t, onnx.Float32, 4, 3, 8, 8), []string{"--input", file("p.png")}, "768 of 768"},
		{"batch of two", pictureModel(t, onnx.Float32, 2, 3, 8, 8),
			[]string{"--input", file("p.png"), "--input", file("q.png")}, "p.png (and 1 more)"},
		{"wrong ending", rgb, []string{"--input", file("wrong.png")}, "on " + file("wrong.png")},
		{"no ending", rgb, []string{"--input", "x=" + file("no-ending")}, "on " + file("no-ending")},
		{"elements that begin as a picture", rgb, []string{"--input", file("raw.bin")}, "on " + file("raw.bin")},
		{"settings", rgb, []string{"--input", file("p.png"), "--picture", "mean=1/2/3", "--picture", "fit=crop"},
			"192 of 192"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			edgeprune(t, append([]string{"model", "verify", tc.model}, tc.args...)...).says(t, exitOK, tc.says)
		})
	}
	for _, tc := range []struct {
		name, model string
		args        []string
		says        string
	}{
		{"no picture fits", pictureModel(t, onnx.Float32, 12), []string{"--input", file("p.png")},
			"a picture goes into [n,c,h,w]"},
		{"too many", rgb, []string{"--input", file("p.png"), "--input", file("q.png")}, "2 pictures are given"},
		{"cut off", rgb, []string{"--input", file("cut.png")}, "not a picture that can be read: PNG, cut off"},
		{"HEIC", rgb, []string{"--input", file("p.heic")}, "it is HEIC; convert it, as by: heif-convert"},
		{"empty", rgb, []string{"--input", file("empty.png")}, "not a picture that can be read: it is empty"},
		{"too large", rgb, []string{"--input", file("p.png"), "--picture", "max_pixels=62"}, "more than the limit of 62"},
		{"another size", rgb, []string{"--input", file("p.png"), "--picture", "fit=exact"}, "it is 9 wide and 7 high"},
		{"no such setting", rgb, []string{"--input", file("p.png"), "--picture", "size=8"}, "known are background, fit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, command := range [][]string{{"model", "verify", tc.model}, {"run", "--at", "f", "--model", tc.model}} {
				edgeprune(t, append(command, tc.args...)...).refused(t, exitInput, tc.says)
			}
		})
	}
	for _, command := range [][]string{{"model", "verify"}, {"run"}} {
		edgeprune(t, append(command, "--help")...).says(t, exitOK, "--picture KEY=VALUE", "mean and scale",
			"orientation (exif", "background (white, black")
	}
}
