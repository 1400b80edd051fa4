package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An optimised model is cut, verified, split and run as any other, and so are its parts.
func TestOptimise(t *testing.T) {
	loadLibrary(t)
	source := sample(t, onnxtest.Separable())
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "fast.onnx")
	edgeprune(t, "model", "optimise", source, "-o", path).says(
		t, exitOK, path, "runs only on "+ort.Machine(), "equal bit by bit", "model cuts "+path,
	)
	edgeprune(t, "model", "inspect", path).says(t, exitOK, "optimised for "+ort.Machine(), "com.microsoft.nchwc.Conv")

	o := edgeprune(t, "model", "cuts", path, "--json")
	var cuts []model.Cut
	err := json.Unmarshal([]byte(o.stdout), &cuts)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	at := ""
	for _, c := range cuts {
		assert.GreaterOrEqual(t, c.HeadMACs, int64(0), "cut")
		assert.GreaterOrEqual(t, c.TailMACs, int64(0), "cut")
		assert.False(t, c.BreaksFusion, "cut")
		if at == "" && c.Point >= 0 && c.HeadMACs > 0 && c.TailMACs > 0 {
			at = c.Name
		}
	}
	require.NotEmpty(t, at, "no cut with work on both sides in %+v", cuts)

	o = edgeprune(t, "model", "verify", path, "--json")
	var found []modelcmd.Verified
	err = json.Unmarshal([]byte(o.stdout), &found)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	v := found[0]
	assert.GreaterOrEqual(t, v.Verified, 5, "verified %d cuts of %d, %d bit-equal, refused", v.Verified, v.Cuts,
		v.BitEqual)
	assert.Equal(t, v.Verified, v.BitEqual, "verified %d cuts of %d, %d bit-equal, refused", v.Verified, v.Cuts,
		v.BitEqual)
	assert.Empty(t, v.Refused, "verified %d cuts of %d, %d bit-equal, refused", v.Verified, v.Cuts,
		v.BitEqual)

	parts := filepath.Join(dir, "parts")
	edgeprune(t, "model", "split", path, "--at", at, "-o", parts).says(t, exitOK, "part2.onnx")
	edgeprune(t, "model", "inspect", filepath.Join(parts, "part2.onnx")).says(t, exitOK, "optimised for "+ort.Machine())
	edgeprune(t, "run", "--model", path, "--at", at, "--frames", "3", "--slowdown", "1", "--driver", "deploy").says(
		t, exitOK, "FRAMES/S",
	)
}

func TestOptimiseJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fast.onnx")
	o := edgeprune(t, "model", "optimise", sample(t, onnxtest.External()), "-o", path, "--json")
	var made modelcmd.Optimised
	err := json.Unmarshal([]byte(o.stdout), &made)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, path, made.File)
	assert.Equal(t, info.Size(), made.Bytes)
	assert.Equal(t, ort.Machine(), made.OptimisedFor)
	assert.Equal(t, 5, made.NodesBefore)
	assert.NotEqual(t, 0, made.Nodes)
	path = filepath.Join(t.TempDir(), "bound.onnx")
	edgeprune(t, "model", "optimise", sample(t, onnxtest.Variable()), "--dim", "n=8", "-o", path).says(
		t, exitOK, "runs only on",
	)
	edgeprune(t, "model", "inspect", path, "--no-run").says(t, exitOK, "x float32[8,4]")
}

func TestOptimiseRefuses(t *testing.T) {
	source, dir := sample(t, onnxtest.Separable()), t.TempDir()
	out := filepath.Join(dir, "fast.onnx")
	edgeprune(t, "model", "optimise", source).refused(t, exitInput, "-o OUT.onnx")
	edgeprune(t, "model", "optimise", source, "-o", dir).refused(t, exitInput, "a folder, not a file")
	edgeprune(t, "model", "optimise", source, "-o",
		filepath.Join(filepath.Dir(source), ".", filepath.Base(source)), "--force").refused(t, exitInput, "what is read")
	link := filepath.Join(dir, "link.onnx")
	require.NoError(t, os.Symlink(source, link))
	edgeprune(t, "model", "optimise", source, "--force", "-o", link).refused(t, exitInput, "what is read")
	edgeprune(t, "model", "optimise", write(t, filepath.Join(dir, "bad.onnx"), "garbage"), "-o", out).refused(
		t, exitInput, "not an ONNX model",
	)
	edgeprune(t, "model", "optimise", write(t, filepath.Join(dir, "refused.onnx"), badTypes(t)), "-o", out).refused(
		t, exitRun, "Relu",
	)
	_, err := os.Stat(out)
	assert.True(t, os.IsNotExist(err), "%s was written", out)
}

// badTypes is a model that ONNX Runtime refuses: it has no such Relu.
func badTypes(t *testing.T) string {
	t.Helper()
	b := build.New("bad")
	b.Input("x", onnx.Bool, 3)
	b.Node("Relu", []string{"x"}, []string{"y"})
	b.Output("y", onnx.Bool, 3)
	data, err := b.Bytes()
	require.NoError(t, err)
	return string(data)
}

// A model that was optimised for another machine can be looked at, and not run.
func TestOptimisedElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fast.onnx")
	edgeprune(t, "model", "optimise", sample(t, onnxtest.Separable()), "-o", path).says(t, exitOK)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	other := strings.Replace(ort.Machine(), "onnxruntime 1.", "onnxruntime 0.", 1)
	write(t, path, strings.Replace(string(data), ort.Machine(), other, 1))
	edgeprune(t, "model", "inspect", path, "--no-run").says(t, exitOK, "optimised for "+other)
	edgeprune(t, "model", "cuts", path).says(t, exitOK, "not run", other, ort.Machine(),
		"take the model that it was made from")
	for _, args := range [][]string{
		{"run", "--model", path, "--at", "1"},
		{"model", "split", path, "--at", "1", "-o", t.TempDir()},
		{"model", "optimise", path, "-o", path + ".onnx"},
	} {
		edgeprune(t, args...).refused(t, exitInput, other, ort.Machine(), "take the model that it was made from")
	}
}
