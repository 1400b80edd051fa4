package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample writes a generated model and returns its path.
func sample(t *testing.T, m onnxtest.Model) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), m.Name)
	for name, data := range m.Files {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), string(data))
	}
	return write(t, filepath.Join(dir, m.Name+".onnx"), string(m.Data))
}

func (o output) says(t *testing.T, code int, texts ...string) {
	t.Helper()
	assert.Equal(t, code, o.code, "exit code %d, want %d; stderr:\n%s", o.code, code, o.stderr)
	for _, s := range texts {
		assert.Contains(t, o.stdout, s, "the output doesn't say %q:\n", s)
	}
}

func TestInspect(t *testing.T) {
	o := edgeprune(t, "model", "inspect", "vehicle-classifier")
	o.says(t, exitOK, "vehicle-classifier: 7.53 MB, format 8, opset 17, written by edgeprune",
		"input   image float32[1,3,96,96], 111 kB", "output  logits float32[1,4], 16 B",
		"12 nodes, 1.88 M parameters, 83 M MACs", "2 Conv",
		"POINT", "0      image", "█")
	o = edgeprune(t, "model", "inspect", "--all", "--json", sample(t, onnxtest.Residual()))
	var r model.Report
	err := json.Unmarshal([]byte(o.stdout), &r)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	points := 0
	for i, c := range r.Cuts {
		if c.Point >= 0 {
			points++
		}
		assert.Equal(t, r.MACs, c.HeadMACs+c.TailMACs, "cut %d", i)
		assert.Positive(t, c.Bytes, "cut %d", i)
		assert.LessOrEqual(t, c.FP16Bytes, c.Bytes, "cut %d", i)
		assert.NotEmpty(t, c.Tensors, "cut %d", i)
	}
	require.True(t, r.Complete, "%d cuts, %d of them partition points, complete %t, %d MACs", len(r.Cuts), points,
		r.Complete, r.MACs)
	assert.GreaterOrEqual(t, points, 3, "%d cuts, %d of them partition points, complete %t, %d MACs", len(r.Cuts), points,
		r.Complete, r.MACs)
	require.Greater(t, len(r.Cuts), points, "%d cuts, %d of them partition points, complete %t, %d MACs", len(r.Cuts),
		points, r.Complete, r.MACs)
	assert.Positive(t, r.MACs, "%d cuts, %d of them partition points, complete %t, %d MACs", len(r.Cuts), points,
		r.Complete, r.MACs)
	assert.NotEmpty(t, r.Operators, "%d cuts, %d of them partition points, complete %t, %d MACs", len(r.Cuts), points,
		r.Complete, r.MACs)
}

// Types that the file doesn't state come from a run, unless the user says no.
func TestInspectRunsTheModel(t *testing.T) {
	path := sample(t, onnxtest.Variable())
	edgeprune(t, "model", "inspect", path).refused(t, exitInput, "left open are n", "--dim n=1")
	edgeprune(t, "model", "inspect", path, "--dim", "n=8").says(t, exitOK, "come from running the model")
	assert.Contains(t, edgeprune(t, "model", "cuts", path, "--dim", "n=8", "--json").stdout, `"varies"`,
		"no shape depends on the data:\n")
	edgeprune(t, "model", "verify", path, "--dim", "n=8").says(
		t, exitOK, "refused               -", "tolerance             1e-05, the larger of 1e-05 and twice",
	)
	edgeprune(t, "model", "inspect", path, "--dim", "n=8", "--no-run").says(t, exitOK, "?")
}

func TestCuts(t *testing.T) {
	path := sample(t, onnxtest.Inception())
	names := func(args ...string) []string {
		t.Helper()
		o := edgeprune(t, append([]string{"model", "cuts", path, "--json"}, args...)...)
		var list []model.Cut
		err := json.Unmarshal([]byte(o.stdout), &list)
		require.NoError(t, err)
		require.Equal(t, exitOK, o.code, err)
		var names []string
		for _, c := range list {
			names = append(names, c.Name)
		}
		return names
	}
	all, single := names(), names("--max-tensors", "1")
	require.NotEmpty(t, single, "%d cuts, %d of one tensor", len(all), len(single))
	assert.Greater(t, len(all), len(single), "%d cuts, %d of one tensor", len(all), len(single))
	behind := names("--after", single[1])
	require.NotEmpty(t, behind, "behind")
	require.Less(t, len(behind), len(all), "behind")
	assert.Equal(t, single[1], behind[0], "behind")
	least := names("--least")
	require.NotEmpty(t, least, "%d of %d cuts are the cheapest of their depth", len(least), len(all))
	assert.Less(t, len(least), len(all), "%d of %d cuts are the cheapest of their depth", len(least), len(all))
	assert.Empty(t, names("--max-bytes", "1"), "cuts of 1 byte")
	every := names("--max-bytes", "1GB")
	assert.Len(t, every, len(all), "%d of %d cuts send less than 1 GB", len(every), len(all))
	edgeprune(t, "model", "cuts", path).says(t, exitOK, "POINT", "cuts, all there are")
}

func TestSplitAndRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "parts")
	o := edgeprune(t, "model", "split", "vehicle-classifier", "--at", "1,3", "-o", dir, "--slowdown", "1", "--frames", "3",
		"--latency", "0s", "--bandwidth", "0")
	o.says(t, exitOK, "part1.onnx", "part2.onnx", "part3.onnx", "from the input to", "to the output",
		"edgeprune run "+filepath.Join(dir, "plan.yaml"))
	got := filesIn(t, dir)
	assert.Len(t, got, 4, "files")
	edgeprune(t, "model", "inspect", filepath.Join(dir, "part2.onnx")).says(t, exitOK, "input ", "output ")
	edgeprune(t, "check", filepath.Join(dir, "plan.yaml")).says(t, exitOK, "part2")
	o = edgeprune(t, "run", filepath.Join(dir, "plan.yaml"), "--driver", "deploy")
	o.says(t, exitOK, "deploy", "FRAMES/S")
	edgeprune(t, "model", "split", "vehicle-classifier", "--at", "1", "-o", dir).refused(t, exitInput, dir, "not empty")
}

func TestRunModel(t *testing.T) {
	o := edgeprune(t, "run", "--model", "vehicle-classifier", "--at", "2", "--frames", "3", "--slowdown", "1", "--driver",
		"deploy", "--input",
		filepath.Join(dataset(t, "vehicle-renderings"), "img_0000.png"))
	o.says(t, exitOK, "deploy", "model split vehicle-classifier --at 2 -o DIR")
}

func TestVerify(t *testing.T) {
	edgeprune(t, "model", "verify", "vehicle-classifier").says(
		t, exitOK, "all there are", "verified", "bit-equal", "refused               -",
		"tolerance             1e-05, the larger of 1e-05 and twice",
	)
	picture := filepath.Join(dataset(t, "vehicle-renderings"), "img_0000.png")
	edgeprune(t, "model", "verify", "vehicle-classifier", "--cuts", "--input", picture).says(
		t, exitOK, "nodes, on "+picture, "dense3 !Gemm+Relu",
	)
	edgeprune(t, "model", "verify", "vehicle-classifier", "--input", filepath.Join(t.TempDir(), "nobody.png")).refused(
		t, exitInput, "nobody.png",
	)
	edgeprune(t, "model", "verify", "vehicle-classifier", "vehicle-head", "--input", picture).refused(
		t, exitInput, "--input is for one model",
	)
	root := t.TempDir()
	for _, m := range []onnxtest.Model{onnxtest.Residual(), onnxtest.External(), onnxtest.If(), onnxtest.QDQ()} {
		for name, data := range m.Files {
			write(t, filepath.Join(root, m.Name, filepath.FromSlash(name)), string(data))
		}
		write(t, filepath.Join(root, m.Name, "model.onnx"), string(m.Data))
	}
	write(t, filepath.Join(root, "broken", "model.onnx"), "\x08\x07garbage")
	o := edgeprune(t, "model", "verify", root, "--json")
	var all []modelcmd.Verified
	err := json.Unmarshal([]byte(o.stdout), &all)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	require.Len(t, all, 5, "%d models", len(all))
	for _, v := range all {
		if strings.Contains(v.Model, "broken") {
			assert.Equal(t, 0, v.Verified, "broken: %+v", v.Verdict)
			require.Len(t, v.Refused, 1, "broken: %+v", v.Verdict)
			assert.NotEmpty(t, v.Refused[0].Reason, "broken: %+v", v.Verdict)
			continue
		}
		assert.NotEqual(t, 0, v.Cuts, v.Model)
		assert.Equal(t, v.Cuts, v.Verified, v.Model)
		assert.NotEqual(t, 0, v.BitEqual, v.Model)
		assert.LessOrEqual(t, v.Worst, cut.Tolerance(v.Spread), v.Model)
		assert.Equal(t, cut.Tolerance(v.Spread), v.Tolerance, v.Model)
	}
	edgeprune(t, "model", "verify", root).says(
		t, exitOK, "MODEL", "TOLERANCE", "4 compared, 1 refused as a whole, 0 not comparable", "worst relative difference",
		"0 models differ by more than the tolerance: the larger of 1e-05 and twice",
	)
}

func TestPlotModel(t *testing.T) {
	base := filepath.Join(t.TempDir(), "figure")
	edgeprune(t, "model", "plot", "vehicle-classifier", "-o", base+".png").says(t, exitOK, base+".png", base+".svg")
	for _, ext := range []string{".png", ".svg"} {
		info, err := os.Stat(base + ext)
		require.NoError(t, err, ext)
		assert.GreaterOrEqual(t, info.Size(), int64(1000), ext)
	}
}

func TestBadModelCommands(t *testing.T) {
	path := sample(t, onnxtest.Residual())
	broken := write(t, filepath.Join(t.TempDir(), "broken.onnx"), "\x08\x07garbage")
	out := filepath.Join(t.TempDir(), "parts")
	for _, tt := range []struct {
		args string
		says string
	}{
		{"model frobnicate", "frobnicate"},
		{"model inspect", "got 0 arguments"},
		{"model inspect a b", "got 2 arguments"},
		{"model inspect nobody", "such data sets are ssd-mobilenet-v1-300"},
		{"model inspect face-clip", "neither a file nor a data set with a model"},
		{"model inspect " + broken, "broken.onnx"},
		{"model inspect " + path + " --dim batch", `--dim "batch"`},
		{"model inspect " + path + " --dim batch=-1", "at least 0"},
		{"model inspect " + path + " --dim batch=2", `"batch"`},
		{"model cuts " + path + " --max-bytes many", `"many" is no number of bytes`},
		{"model cuts " + path + " --max-tensors 0", "at least 1"},
		{"model cuts " + path + " --after nobody", `makes a tensor "nobody"`},
		{"model split " + path, "give the cuts by --at"},
		{"model split " + path + " --at nobody -o " + out, `there is no cut "nobody"; cuts like it are`},
		{"model split " + path + " --at 99 -o " + out, "no partition point 99"},
		{"model split " + path + " --at 0 -o " + out, "is an end of the model"},
		{"model split " + path + " --at 2,1 -o " + out, "does not lie behind"},
		{"model split " + path + " --at 1 -o " + out + " --frames 2", "at least 3 frames"},
		{"model verify", "expected a model"},
		{"model verify " + filepath.Dir(out), "holds no .onnx file"},
		{"model verify " + path + " --heads 0", "at least 1"},
		{"run --model " + path, "say where to cut by --at CUT"},
		{"run x --model " + path + " --at 1", "not both"},
		{"run --model " + path + " --at 1 --input nobody.bin", "nobody.bin"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			edgeprune(t, strings.Fields(tt.args)...).refused(t, exitInput, tt.says)
			absent(t, out)
		})
	}
}
