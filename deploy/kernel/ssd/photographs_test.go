package ssd_test

import (
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/image/draw"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/datasets/tfjs"
	"github.com/edgeprune/edgeprune/deploy/kernel/ssd"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func dataset(t *testing.T, name string) string {
	t.Helper()
	dir, err := datasets.DefaultDir()
	require.NoError(t, err)
	path, err := (&datasets.Store{Dir: dir}).Path(name)
	require.NoError(t, err)
	return path
}

// detect runs the detector with the given input size on one picture.
func detect(t *testing.T, e *ort.Evaluator, model []byte, size int, picture image.Image) []ssd.Box {
	t.Helper()
	out, err := e.Run(model, letterbox(picture, size), []int64{1, 3, int64(size), int64(size)})
	require.NoError(t, err)
	boxes, err := ssd.Decode(nil, out[0], out[1], ssd.Anchors(size), .5)
	require.NoError(t, err)
	return ssd.NMS(boxes, .5)
}

// letterbox resizes the picture into the top-left corner of a black square and
// returns it as normalised planes.
func letterbox(picture image.Image, size int) []float32 {
	b := picture.Bounds()
	scale := float64(size) / float64(max(b.Dx(), b.Dy()))
	square := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(square, square.Bounds(), image.NewUniform(color.Black), image.Point{}, draw.Src)
	part := image.Rect(0, 0, int(math.Round(float64(b.Dx())*scale)), int(math.Round(float64(b.Dy())*scale)))
	draw.BiLinear.Scale(square, part, picture, b, draw.Src, nil)
	planes := make([]float32, 3*size*size)
	for i := range size * size {
		for c := range 3 {
			planes[c*size*size+i] = float32(square.Pix[4*i+c])/127.5 - 1
		}
	}
	return planes
}

func evaluator(t *testing.T) *ort.Evaluator {
	t.Helper()
	library, err := ort.Find("")
	require.NoError(t, err)
	require.NoError(t, ort.Load(library))
	e := &ort.Evaluator{}
	t.Cleanup(func() { e.Close() })
	return e
}

func TestPhotographs(t *testing.T) {
	e := evaluator(t)
	model, err := os.ReadFile(filepath.Join(dataset(t, "ssd-mobilenet-v1-512"), "model.onnx"))
	require.NoError(t, err)
	photographs := dataset(t, "face-photographs")
	for i, want := range []int{3, 3, 3, 4, 5, 4} {
		picture := open(t, filepath.Join(photographs, "sample"+strconv.Itoa(i+1)+".jpg"))
		boxes := detect(t, e, model, 512, picture)
		if len(boxes) != want {
			t.Errorf("sample%d: %d faces, want %d: %v", i+1, len(boxes), want, boxes)
			continue
		}
		if i > 0 {
			continue
		}
		for j, score := range []float64{.99590, .98953, .98779} {
			assert.LessOrEqual(t, math.Abs(float64(boxes[j].Score)-score), 1e-3, "sample1: score")
		}
	}
}

// TestAnchorsAreThePublishedOnes compares with those that come with the weights.
func TestAnchorsAreThePublishedOnes(t *testing.T) {
	model := filepath.Join(dataset(t, "npm-packages"), "node_modules", "@vladmandic", "face-api", "model")
	manifest, err := os.ReadFile(filepath.Join(model, "ssd_mobilenetv1_model-weights_manifest.json"))
	require.NoError(t, err)
	weights, err := os.ReadFile(filepath.Join(model, "ssd_mobilenetv1_model.bin"))
	require.NoError(t, err)
	tensors, err := tfjs.Read(manifest, weights)
	require.NoError(t, err)
	corners, anchors := tensors["Output/extra_dim"].Data, ssd.Anchors(512)
	require.Len(t, corners, 4*len(anchors), "%d published values for %d anchors", len(corners), len(anchors))
	for i, a := range anchors {
		got := []float32{a.CenterY - a.Height/2, a.CenterX - a.Width/2, a.CenterY + a.Height/2, a.CenterX + a.Width/2}
		for c, want := range corners[4*i : 4*i+4] {
			require.LessOrEqual(t, math.Abs(float64(got[c]-want)), 1e-6, "anchor %d = %v, published %v", i, got,
				corners[4*i:4*i+4])
		}
	}
}

func open(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	picture, _, err := image.Decode(f)
	require.NoError(t, err)
	return picture
}
