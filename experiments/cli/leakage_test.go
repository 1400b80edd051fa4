package cli

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plantedModel is a model of whose tensors it is known what they give away: its input
// convolved by what can be undone, the means of that, nothing, and noise.
func plantedModel(t *testing.T) string {
	t.Helper()
	return built(t, func(b *build.Builder) {
		b.Input("image", onnx.Float32, 1, 3, 16, 16)
		conv := func(in, out string, weight func(i int) float32, n, c, side, size int64) {
			w := make([]float32, n*c*side*side)
			for i := range w {
				w[i] = weight(i)
			}
			b.Node("Conv", []string{in, b.Floats(out+".w", w, n, c, side, side)}, []string{out})
			b.Value(out, onnx.Float32, 1, n, size, size)
		}
		conv("image", "convolved", func(i int) float32 { return []float32{2, 0.5, 0, 0, 2, 0.5, 0.5, 0, 2}[i] }, 3, 3, 1, 16)
		conv("convolved", "pooled", func(i int) float32 { return float32(i/256%3) / 256 }, 2, 3, 16, 1)
		conv("pooled", "constant", func(int) float32 { return 0 }, 1, 2, 1, 1)
		b.Node("Tile", []string{"constant", b.Ints("times", []int64{1, 8, 1, 1}, 4)}, []string{"tiled"})
		b.Value("tiled", onnx.Float32, 1, 8, 1, 1)
		b.Node("RandomNormalLike", []string{"tiled"}, []string{"drawn"})
		b.Value("drawn", onnx.Float32, 1, 8, 1, 1)
		conv("drawn", "noise", func(i int) float32 { return float32(i%5) - 2 }, 4, 8, 1, 1)
		w := b.Floats("last", []float32{1, 2, 3, 4}, 1, 4, 1, 1)
		b.Node("Conv", []string{"noise", w}, []string{"y"})
		b.Output("y", onnx.Float32, 1, 1, 1, 1)
	})
}

// scenes writes n pictures of soft blobs, of which six numbers make each.
func scenes(t *testing.T, n int) string {
	t.Helper()
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for i := range n {
		img := image.NewRGBA(image.Rect(0, 0, 16, 16))
		var a [6]float64
		for k := range a {
			a[k] = rng.Float64() * 120
		}
		for p := range 256 {
			x, y := p%16, p/16
			var rgb [3]float64
			for k, v := range a {
				dx, dy := float64(x-4*(k%3)-4), float64(y-7*(k/3)-4)
				for c := range rgb {
					rgb[c] += v * math.Exp(-(dx*dx+dy*dy)/30) * float64((k+c)%3+1) / 3
				}
			}
			img.Set(x, y, color.RGBA{uint8(min(rgb[0], 255)), uint8(min(rgb[1], 255)), uint8(min(rgb[2], 255)), 255})
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("scene%02d.png", i)))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
	}
	return dir
}

// leak runs the command on a cache of its own, and returns its rows by cut, and the cache.
func leak(t *testing.T, args ...string) (out output, rows map[string]leakage.Row) {
	t.Helper()
	library, err := ort.Find("")
	require.NoError(t, err)
	out = edgeprune(t, append([]string{"--cache", t.TempDir(), "--ort", library, "leakage", "--json"}, args...)...)
	require.Equal(t, exitOK, out.code, out.stderr)
	var table leakage.Table
	require.NoError(t, json.Unmarshal([]byte(out.stdout), &table))
	rows = map[string]leakage.Row{}
	for _, r := range table.Rows {
		rows[r.Title()+" "+r.Codec] = r
	}
	return out, rows
}

// TestLeakageOfAModel runs a model with ONNX Runtime, and sends its tensors across codecs.
func TestLeakageOfAModel(t *testing.T) {
	results := t.TempDir()
	_, rows := leak(t, plantedModel(t), "--input", scenes(t, 48), "--codecs", "none,int8", "--results", results)
	raw, convolved := rows["PP1 source none"], rows["PP2 convolved none"]
	assert.InDelta(t, 1, raw.Dependence.Value, 1e-6)
	assert.Greater(t, convolved.Dependence.Value, 0.95)
	assert.Greater(t, convolved.PSNR.Low, convolved.FloorPSNR.High+10)
	assert.InDelta(t, convolved.Dependence.Value, rows["PP2 convolved int8"].Dependence.Value, 0.02)
	assert.EqualValues(t, 4*3*256, convolved.Bytes)
	assert.EqualValues(t, 64+3*256, rows["PP2 convolved int8"].Bytes)
	pooled := rows["PP3 pooled none"]
	assert.Greater(t, pooled.Dependence.Low, 0.05)
	assert.Less(t, pooled.PSNR.Value, convolved.PSNR.Value-5)
	assert.Contains(t, pooled.CeilingNote, "no JPEG is that small")
	constant, noise := rows["PP4 constant none"], rows["PP5 noise none"]
	assert.Zero(t, constant.Dependence.Value)
	assert.InDelta(t, constant.FloorPSNR.Value, constant.PSNR.Value, 1e-6)
	assert.LessOrEqual(t, noise.Dependence.Low, 0.0)
	assert.GreaterOrEqual(t, noise.Dependence.High, 0.0)
	assert.Less(t, noise.PSNR.Value, noise.FloorPSNR.Value+0.5)

	for _, name := range []string{"leakage.json", "leakage.csv", "leakage.png", "leakage.svg", "pictures.png",
		"report.html", "table.txt", "run.json"} {
		found, err := filepath.Glob(filepath.Join(results, "leakage", "*", "*", name))
		require.NoError(t, err)
		require.Len(t, found, 1, name)
		data, err := os.ReadFile(found[0])
		require.NoError(t, err)
		assert.NotEmpty(t, data, name)
		if name == "report.html" || name == "table.txt" {
			assert.Contains(t, string(data), "t proves leakage, never safety", name)
		}
	}
}

// TestLeakageOfAPlan asks of what a plan's own mapping sends, with its codec.
func TestLeakageOfAPlan(t *testing.T) {
	dir := t.TempDir()
	model, pictures := plantedModel(t), scenes(t, 24)
	path := write(t, filepath.Join(dir, "plan.yaml"), fmt.Sprintf(`plan: planted
application:
  name: planted
  actors:
    - {name: camera, kernel: image-folder, params: {folder: %s}, out: [{port: frame, type: "uint8[16,16,3]"}]}
    - {name: normalise, kernel: normalise, in: [{port: frame}], out: [{port: image, type: "float32[1,3,16,16]"}]}
    - {name: net, model: %s}
    - {name: sink, kernel: sink, in: [{port: y}]}
  fifos:
    - {from: camera.frame, to: normalise.frame}
    - {from: normalise.image, to: net.image}
    - {from: net.y, to: sink.y}
platform:
  devices:
    - {name: near, role: endpoint, units: [{name: cpu}]}
    - {name: far, role: server, units: [{name: cpu}]}
  links: [{name: link, between: [near, far]}]
instances:
  - {codec: fp16, mapping: [{unit: near.cpu, through: net/convolved}, {unit: far.cpu}]}
workload: {kind: offline, frames: 3}
`, pictures, model))
	out, rows := leak(t, path, "--samples", "24", "--results", t.TempDir())
	require.Len(t, rows, 1, out.stdout)
	row := rows["near to far fp16"]
	assert.Equal(t, []string{"net.convolved"}, row.Tensors)
	assert.EqualValues(t, 2*3*256, row.Bytes)
	assert.Greater(t, row.Dependence.Value, 0.95)

	_, rows = leak(t, path, "--samples", "24", "--cuts", "normalise,PP4", "--codecs", "none", "--results", t.TempDir())
	assert.Len(t, rows, 2)
	assert.Contains(t, rows, "PP2 normalise none")
	assert.Contains(t, rows, "PP4 pooled none")

	for _, tc := range []struct {
		args []string
		says string
	}{
		{[]string{path, "--cuts", "poled"}, `unknown cut "poled"; the cuts are camera, normalise, net/convolved, `},
		{[]string{path, "--codecs", "int9"}, `--codecs: unknown codec "int9"; known are none, jpeg, or a chain`},
		{[]string{path, "--codecs", "all,none"}, "--codecs all stands alone"},
		{[]string{path, "--samples", "7"}, "--samples 7; expected at least 20"},
		{[]string{}, "expected one experiment, plan or model; got 0 arguments"},
		{[]string{model}, "too few samples for leakage: a model by itself has none; give pictures as run --model " +
			"takes them, " +
			"here a folder or each file: edgeprune leakage " + model + " --input FOLDER. An experiment or a plan has " +
			"samples of its own"},
		{[]string{model, "--input", dir}, "--input: folder " + dir + " has no file whose name ends in .png, "},
		{[]string{model, "--input", filepath.Join(pictures, "scene00.png")}, "--input gives 1 pictures; give at least 20"},
		{[]string{model, "--input", filepath.Join(dir, "no.png")}, "no such file"},
	} {
		edgeprune(t, append([]string{"leakage"}, tc.args...)...).refused(t, exitInput, tc.says)
	}
}
