package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// What ONNX Runtime runs is cut at every cut, and the parts do what the whole does.
func TestModelsAsPeopleHaveThem(t *testing.T) {
	for _, m := range []onnxtest.Model{
		onnxtest.Unsorted(), onnxtest.Repeated(), onnxtest.Learned(), onnxtest.Sparse(), onnxtest.SparseBranch(),
		onnxtest.Constants(),
		onnxtest.OddNames(), onnxtest.WrongShapes(),
	} {
		t.Run(m.Name, func(t *testing.T) {
			o := edgeprune(t, "model", "verify", "--json", sample(t, m))
			require.Equal(t, exitOK, o.code, o.stderr)
			var found []struct{ Cuts, Verified int }
			require.NoError(t, json.Unmarshal([]byte(o.stdout), &found))
			assert.Positive(t, found[0].Cuts)
			assert.Equal(t, found[0].Cuts, found[0].Verified)
		})
	}
}

// A model hub's cache has links to files of other names, which lie elsewhere.
func TestModelsBehindLinks(t *testing.T) {
	m := onnxtest.External()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "blobs", "aaaa"), string(m.Data))
	write(t, filepath.Join(dir, "blobs", "bbbb"), string(m.Files["weights.bin"]))
	write(t, filepath.Join(dir, "blobs", "cccc"), string(m.Files["more/weights.bin"]))
	link := func(to, at string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, at)), 0o755))
		require.NoError(t, os.Symlink(to, filepath.Join(dir, at)))
	}
	link("../../blobs/aaaa", "snapshots/r/model.onnx")
	link("../../blobs/bbbb", "snapshots/r/weights.bin")
	link("../../../blobs/cccc", "snapshots/r/more/weights.bin")
	path := filepath.Join(dir, "snapshots/r/model.onnx")
	edgeprune(t, "model", "inspect", path).says(t, exitOK, "MatMul")
	edgeprune(t, "model", "verify", path).says(t, exitOK, "refused               -", "verified              4")
	x, err := proto.Marshal(&onnxpb.TensorProto{DataType: proto.Int32(1), Dims: []int64{1, 16}, RawData: make([]byte, 64)})
	require.NoError(t, err)
	write(t, filepath.Join(dir, "snapshots/r/test_data_set_0/input_0.pb"), string(x))
	edgeprune(t, "model", "verify", path).says(t, exitOK, "test_data_set_0")
	parts := filepath.Join(dir, "parts")
	edgeprune(t, "model", "split", path, "--at", "b", "-o", parts).says(t, exitOK, "plan.yaml: runs them")

	secret := write(t, filepath.Join(dir, "secret", "weights.bin"), string(m.Files["weights.bin"]))
	require.NoError(t, os.Remove(filepath.Join(dir, "snapshots/r/weights.bin")))
	link(secret, "snapshots/r/weights.bin")
	edgeprune(t, "model", "inspect", path).refused(t, exitInput, "weights.bin is "+secret,
		"does not lie beside the model file")
	require.NoError(t, os.Remove(filepath.Join(dir, "snapshots/r/weights.bin")))
	edgeprune(t, "model", "inspect", path).refused(t, exitInput, "there is no file weights.bin beside the model")
}

// Shapes that the file states wrongly are named once each, and those of a run are used.
func TestWrongShapesAreNamed(t *testing.T) {
	path := sample(t, onnxtest.WrongShapes())
	o := edgeprune(t, "model", "inspect", path)
	o.says(t, exitOK, "shapes that the file states wrongly (3)", "a is declared float32[1,4] and is float32[2,4]",
		"b is declared float32[4] and is float32[2,4]", "y is declared float32[3,7] and is float32[2,4]",
		"output  y float32[2,4], 32 B")
	assert.Equal(t, 1, strings.Count(o.stdout, "a is declared"))
	edgeprune(t, "model", "cuts", path).says(t, exitOK, "a is declared float32[1,4] and is float32[2,4]")
	assert.NotContains(t, edgeprune(t, "model", "inspect", "--no-run", path).stdout, "wrongly")
	parts := filepath.Join(t.TempDir(), "parts")
	edgeprune(t, "model", "split", path, "--at", "b", "-o", parts).says(t, exitOK, "makes b float32[2,4]",
		"note: b is declared float32[4] and is float32[2,4]", "plan.yaml: runs them")
}

// A size of 0 may stand for one that isn't known.
func TestSizesOfZero(t *testing.T) {
	b := build.New("zero")
	b.Input("x", onnx.Float32, 0, 4)
	b.Node("Relu", []string{"x"}, []string{"a"})
	b.Node("Neg", []string{"a"}, []string{"y"})
	b.Output("y", onnx.Float32, 0, 4)
	data, err := b.Bytes()
	require.NoError(t, err)
	path := sample(t, onnxtest.Model{Name: "zero", Data: data})
	for _, command := range []string{"inspect", "cuts", "verify"} {
		edgeprune(t, "model", command, path).refused(t, exitInput, "states size 0", "of x[0]", "--dim x[0]=1")
	}
	edgeprune(t, "model", "inspect", path, "--dim", "x[0]=3").says(t, exitOK, "input   x float32[3,4], 48 B",
		"y is declared float32[0,4] and is float32[3,4]")
	edgeprune(t, "model", "verify", path, "--dim", "x[0]=3").says(t, exitOK, "verified              1")
}

// What ONNX Runtime has operators for is shown, and can be cut off.
func TestCustomOperatorsAreCutOff(t *testing.T) {
	path := sample(t, onnxtest.Custom())
	const why = `node Detect "y" needs com.example.Detect, which neither ONNX Runtime nor a function of the model ` +
		`defines; cut it off at b: what lies before it runs`
	edgeprune(t, "model", "inspect", path).says(t, exitOK, why, "1 com.example.Detect")
	edgeprune(t, "model", "inspect", "--no-run", path).says(t, exitOK, why, "1 com.example.Detect")
	edgeprune(t, "model", "cuts", path).says(t, exitOK, why, "b    1        24 B")
	edgeprune(t, "model", "verify", path).says(t, exitNothing, why)
	parts := filepath.Join(t.TempDir(), "parts")
	edgeprune(t, "model", "split", path, "--at", "b", "-o", parts).says(t, exitOK, "part1.onnx", "no plan.yaml: part2: ")
	edgeprune(t, "model", "verify", filepath.Join(parts, "part1.onnx")).says(t, exitOK, "verified              1")
}

// A model that can't be run is shown as far as the file says.
func TestModelsThatDontRunAreShown(t *testing.T) {
	b := build.New("unknown")
	b.Input("x", onnx.Float32, 1, 4)
	b.Node("Relu", []string{"x"}, []string{"a"})
	b.Node("NoSuchOperator", []string{"a"}, []string{"y"})
	b.Output("y", onnx.Float32, 1, 4)
	data, err := b.Bytes()
	require.NoError(t, err)
	path := sample(t, onnxtest.Model{Name: "unknown", Data: data})
	edgeprune(t, "model", "inspect", path).says(t, exitOK, "not run", "NoSuchOperator", "input   x float32[1,4], 16 B")
	edgeprune(t, "model", "cuts", path).says(t, exitOK, "not run", "3 of 3 cuts")
}

// Names that files, lists and shells have a use for.
func TestCutsOfAnyName(t *testing.T) {
	path := sample(t, onnxtest.OddNames())
	for at, note := range map[string]string{
		`a\,b`: `plans call tensor "a,b" port a_b`, "a,b": `plans call tensor "a,b" port a_b`,
		"入力 1,x=1": `plans call tensor "入力 1" port ___1`, "3": `--at 3 is taken as the cut at tensor "3"`,
		"é~2+1": `plans call tensor "é~2+1" port __2+1`,
	} {
		dir := filepath.Join(t.TempDir(), "parts")
		edgeprune(t, "model", "split", path, "--at", at, "-o", dir).says(t, exitOK, "note: "+note, "plan.yaml: runs them")
		edgeprune(t, "check", filepath.Join(dir, "plan.yaml")).says(t, exitOK)
	}
	plain := sample(t, onnxtest.Residual())
	o := edgeprune(t, "model", "split", plain, "--at", "1", "--json", "-o", filepath.Join(t.TempDir(), "parts"))
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "1 is taken as partition point 1, the cut at ")
}

// Cuts that would send what can't be sent are left out, and that is said.
func TestTensorsThatAreNotSent(t *testing.T) {
	b := build.New("bfloat16")
	b.Input("x", onnx.Float32, 1, 4)
	b.Node("Relu", []string{"x"}, []string{"a"})
	for _, step := range []struct {
		in, out string
		to      int64
	}{{"a", "h", 16}, {"h", "b", 1}} { // bfloat16 and float32
		b.Node("Cast", []string{step.in}, []string{step.out}, build.Attr{Name: "to", Value: step.to})
	}
	b.Node("Neg", []string{"b"}, []string{"y"})
	b.Output("y", onnx.Float32, 1, 4)
	data, err := b.Bytes()
	require.NoError(t, err)
	path := sample(t, onnxtest.Model{Name: "bfloat16", Data: data})
	edgeprune(t, "model", "inspect", path).says(t, exitOK, "can't cross between devices: bfloat16 (1)")
	edgeprune(t, "model", "verify", path).says(t, exitOK, "verified              2", "refused               -")
}

// A pipe in the place of a file isn't waited for.
func TestPipesInThePlaceOfFiles(t *testing.T) {
	m := onnxtest.External()
	delete(m.Files, "weights.bin")
	path := sample(t, m)
	require.NoError(t, syscall.Mkfifo(filepath.Join(filepath.Dir(path), "weights.bin"), 0o600))
	edgeprune(t, "model", "inspect", path).refused(t, exitInput, "weights.bin is no regular file")
	require.NoError(t, os.Remove(path))
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	edgeprune(t, "model", "inspect", path).refused(t, exitInput, "is a device or a pipe")
}

func TestFoldersInThePlaceOfModels(t *testing.T) {
	dir := t.TempDir()
	edgeprune(t, "model", "inspect", dir).refused(t, exitInput, "not a model file", "holds no .onnx file")
	path := write(t, filepath.Join(dir, "onnx", "model.onnx"), "")
	edgeprune(t, "model", "inspect", dir).refused(t, exitInput, "name the model in it: "+path)
	write(t, filepath.Join(dir, "saved_model.pb"), "")
	edgeprune(t, "model", "inspect", dir).refused(t, exitInput, "tf2onnx --saved-model")
	_, err := model.ForPlans(dir)
	require.ErrorIs(t, err, model.ErrNoFile)
}
