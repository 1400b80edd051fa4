package cli

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pictures writes a folder with one picture.
func pictures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "one.png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, image.NewRGBA(image.Rect(0, 0, 20, 10))))
	require.NoError(t, f.Close())
	return dir
}

// What init writes passes check, and runs, of models with one input and several, with a
// picture and without, with sizes left open and with weights in other files.
func TestInitWritesWhatRuns(t *testing.T) {
	loadLibrary(t)
	of := pictures(t)
	for i, m := range []struct {
		model onnxtest.Model
		flags []string
	}{
		{onnxtest.Separable(), []string{"--pictures", of}},
		{onnxtest.Separable(), []string{"--pictures", "none"}},
		{onnxtest.Variable(), []string{"--dim", "n=4"}},
		{onnxtest.LSTM(), nil},
		{onnxtest.Constants(), nil},
	} {
		cache := t.TempDir()
		source := sample(t, m.model)
		kinds := []string{"experiment", "plan", "study"} // a profile takes its time: of the first model alone
		if i > 0 {
			kinds = kinds[:2]
		}
		for _, kind := range kinds {
			dir := filepath.Join(t.TempDir(), "first")
			o := edgeprune(t, append([]string{"init", dir, "--from", source, "--kind", kind}, m.flags...)...)
			o.says(t, exitOK, filepath.Join(dir, "README.md"))
			run := func(args ...string) {
				t.Helper()
				o := edgeprune(t, append([]string{"--cache", cache, "--ort", os.Getenv("EDGEPRUNE_ORT_LIB")}, args...)...)
				assert.Equal(t, exitOK, o.code, "%s: %s: %v: %s", m.model.Name, kind, args, o.stderr)
			}
			switch kind {
			case "experiment":
				run("check", dir)
			case "plan":
				run("check", filepath.Join(dir, "plan.yaml"))
				run("run", filepath.Join(dir, "plan.yaml"))
			case "study":
				run("profile", dir)
				run("study", "check", filepath.Join(dir, "study.yaml"))
				run("study", "run", filepath.Join(dir, "study.yaml"))
				run("run", dir, "--driver", "sim")
			}
		}
	}
}

// init never overwrites, and leaves nothing behind when it fails.
func TestInitKeepsWhatIsThere(t *testing.T) {
	loadLibrary(t)
	source := sample(t, onnxtest.Separable())
	dir := t.TempDir()
	mine := write(t, filepath.Join(dir, "mine", "notes"), "mine")
	edgeprune(t, "init", filepath.Dir(mine), "--from", source).refused(t, exitInput,
		"the folder is not empty", "mine holds notes; name another folder, or empty it")
	edgeprune(t, "init", mine, "--from", source).refused(t, exitInput, "where a folder is to be; name another")
	assert.Equal(t, "mine", read(t, mine))
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{}, "expected one name, of the folder to write; got 0 arguments"},
		{[]string{"a", "b"}, "got 2 arguments"},
		{[]string{".."}, ".. has no name of its own; name a new folder, such as first"},
		{[]string{"new", "--kind", "stdy"}, `--kind "stdy": expected experiment, plan, study; did you mean "study"?`},
		{[]string{"new", "--from", "vehicle-clasifier"}, `did you mean "vehicle-classifier"?`},
		{[]string{"new", "--from", "no.onnx"}, "no.onnx"},
		{[]string{"new", "--from", source, "--pictures", "face-clop"},
			`--pictures face-clop: there is no such folder, and no such data set of pictures; did you mean "face-clip"?; ` +
				"those are face-photographs, face-clip, face-clip-still, vehicle-renderings"},
		{[]string{"new", "--from", sample(t, onnxtest.LSTM()), "--pictures", "face-clip"},
			"takes no picture, float32[1,3,height,width]; leave it out, and give inputs by --input"},
		{[]string{"new", "--from", sample(t, onnxtest.Variable())}, "--dim n=1"},
	} {
		args := []string{"init"}
		for _, a := range tt.args {
			if a == "new" {
				a = filepath.Join(dir, a)
			}
			args = append(args, a)
		}
		edgeprune(t, args...).refused(t, exitInput, tt.says)
	}
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, list, 1, "nothing is left behind")
}

// A model is named by its path from the folder, by its data set, or is copied.
func TestInitNamesTheModel(t *testing.T) {
	loadLibrary(t)
	dir := t.TempDir()
	source := write(t, filepath.Join(dir, "models", "net.onnx"), string(onnxtest.Separable().Data))
	text := func(name string, flags ...string) string {
		edgeprune(t, append([]string{"init", filepath.Join(dir, name), "--pictures", "none"}, flags...)...).says(t, exitOK)
		return read(t, filepath.Join(dir, name, "experiment.yaml"))
	}
	assert.Contains(t, text("near", "--from", source), `model: "../models/net.onnx"`)
	assert.Contains(t, text("named"), "model: vehicle-classifier\n")
	open := sample(t, onnxtest.Variable())
	assert.Contains(t, text("copied", "--from", open, "--dim", "n=3"), "model: model.onnx\n")
	edgeprune(t, "check", filepath.Join(dir, "copied")).says(t, exitOK,
		"to measure them: edgeprune profile "+filepath.Join(dir, "copied"))
	assert.True(t, strings.HasPrefix(read(t, filepath.Join(dir, "copied", "README.md")), "# copied\n"))
}
