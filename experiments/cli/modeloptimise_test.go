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
)

// An optimised model is cut, verified, split and run as any other, and so are its parts.
func TestOptimise(t *testing.T) {
	loadLibrary(t)
	source := sample(t, onnxtest.Separable())
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "fast.onnx")
	edgeprune(t, "model", "optimise", source, "-o", path).says(t, exitOK, path, "runs only on "+ort.Machine(), "equal bit by bit", "model cuts "+path)
	edgeprune(t, "model", "inspect", path).says(t, exitOK, "optimised for "+ort.Machine(), "com.microsoft.nchwc.Conv")

	o := edgeprune(t, "model", "cuts", path, "--json")
	var cuts []model.Cut
	if err := json.Unmarshal([]byte(o.stdout), &cuts); err != nil || o.code != exitOK {
		t.Fatalf("%v in %+v", err, o)
	}
	at := ""
	for _, c := range cuts {
		if c.HeadMACs < 0 || c.TailMACs < 0 || c.BreaksFusion {
			t.Errorf("cut %+v", c)
		}
		if at == "" && c.Point >= 0 && c.HeadMACs > 0 && c.TailMACs > 0 {
			at = c.Name
		}
	}
	if at == "" {
		t.Fatalf("no cut with work on both sides in %+v", cuts)
	}

	o = edgeprune(t, "model", "verify", path, "--json")
	var found []modelcmd.Verified
	if err := json.Unmarshal([]byte(o.stdout), &found); err != nil || o.code != exitOK {
		t.Fatalf("%v in %+v", err, o)
	}
	if v := found[0]; v.Verified < 5 || v.BitEqual != v.Verified || len(v.Refused) > 0 {
		t.Errorf("verified %d cuts of %d, %d bit-equal, refused %v", v.Verified, v.Cuts, v.BitEqual, v.Refused)
	}

	parts := filepath.Join(dir, "parts")
	edgeprune(t, "model", "split", path, "--at", at, "-o", parts).says(t, exitOK, "part2.onnx")
	edgeprune(t, "model", "inspect", filepath.Join(parts, "part2.onnx")).says(t, exitOK, "optimised for "+ort.Machine())
	edgeprune(t, "run", "--model", path, "--at", at, "--frames", "3", "--slowdown", "1", "--driver", "deploy").says(t, exitOK, "FRAMES/S")
}

func TestOptimiseJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fast.onnx")
	o := edgeprune(t, "model", "optimise", sample(t, onnxtest.External()), "-o", path, "--json")
	var made modelcmd.Optimised
	if err := json.Unmarshal([]byte(o.stdout), &made); err != nil || o.code != exitOK {
		t.Fatalf("%v in %+v", err, o)
	}
	info, err := os.Stat(path)
	if err != nil || made.File != path || made.Bytes != info.Size() || made.OptimisedFor != ort.Machine() || made.NodesBefore != 5 || made.Nodes == 0 {
		t.Errorf("%+v, %v", made, err)
	}
	path = filepath.Join(t.TempDir(), "bound.onnx")
	edgeprune(t, "model", "optimise", sample(t, onnxtest.Variable()), "--dim", "n=8", "-o", path).says(t, exitOK, "runs only on")
	edgeprune(t, "model", "inspect", path, "--no-run").says(t, exitOK, "x float32[8,4]")
}

func TestOptimiseRefuses(t *testing.T) {
	source, dir := sample(t, onnxtest.Separable()), t.TempDir()
	out := filepath.Join(dir, "fast.onnx")
	edgeprune(t, "model", "optimise", source).refused(t, exitInput, "-o OUT.onnx")
	edgeprune(t, "model", "optimise", source, "-o", dir).refused(t, exitInput, "is a folder")
	edgeprune(t, "model", "optimise", source, "-o", filepath.Join(filepath.Dir(source), ".", filepath.Base(source))).refused(t, exitInput, "the model itself")
	link := filepath.Join(dir, "link.onnx")
	if err := os.Symlink(source, link); err != nil {
		t.Fatal(err)
	}
	edgeprune(t, "model", "optimise", source, "-o", link).refused(t, exitInput, "the model itself")
	edgeprune(t, "model", "optimise", write(t, filepath.Join(dir, "bad.onnx"), "garbage"), "-o", out).refused(t, exitInput, "not an ONNX model")
	edgeprune(t, "model", "optimise", write(t, filepath.Join(dir, "refused.onnx"), badTypes(t)), "-o", out).refused(t, exitRun, "Relu")
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("%s was written: %v", out, err)
	}
}

// badTypes is a model that ONNX Runtime refuses: it has no such Relu.
func badTypes(t *testing.T) string {
	t.Helper()
	b := build.New("bad")
	b.Input("x", onnx.Bool, 3)
	b.Node("Relu", []string{"x"}, []string{"y"})
	b.Output("y", onnx.Bool, 3)
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A model that was optimised for another machine can be looked at, and not run.
func TestOptimisedElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fast.onnx")
	edgeprune(t, "model", "optimise", sample(t, onnxtest.Separable()), "-o", path).says(t, exitOK)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(ort.Machine(), "onnxruntime 1.", "onnxruntime 0.", 1)
	write(t, path, strings.Replace(string(data), ort.Machine(), other, 1))
	edgeprune(t, "model", "inspect", path, "--no-run").says(t, exitOK, "optimised for "+other)
	for _, args := range [][]string{
		{"run", "--model", path, "--at", "1"}, {"model", "cuts", path}, {"model", "split", path, "--at", "1", "-o", t.TempDir()},
		{"model", "optimise", path, "-o", path + ".onnx"},
	} {
		edgeprune(t, args...).refused(t, exitInput, other, ort.Machine(), "take the model that it was made from")
	}
}
