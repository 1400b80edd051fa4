package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// No command that writes a file deletes or replaces one that it wasn't told to.
func TestOutputsKeepFiles(t *testing.T) {
	loadLibrary(t)
	source := sample(t, onnxtest.Separable())
	model := read(t, source)
	for _, args := range [][]string{
		{"model", "split", source, "--at", "1"}, {"model", "optimise", source}, {"check", "--svg", gated},
		{"check", "--json", gated}, {"check", gated},
	} {
		dir := t.TempDir()
		path := write(t, filepath.Join(dir, "mine"), "mine")
		link := filepath.Join(dir, "link")
		require.NoError(t, os.Symlink("mine", link))
		for _, to := range []string{path, link, source} {
			edgeprune(t, append(args, "-o", to)...).refused(t, exitInput, to)
			assert.Equal(t, "mine", read(t, path), args)
			assert.Equal(t, model, read(t, source), args)
		}
		edgeprune(t, append(args, "-o", filepath.Join(path, "below"))...).refused(t, exitInput, "not a directory")
		list, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, list, 2, "left behind")
	}
	plan := write(t, filepath.Join(t.TempDir(), "plan.yaml"), read(t, gated))
	edgeprune(t, "check", "--svg", plan, "--force", "-o", plan).refused(t, exitInput, "what is read")
}

// With --force a file is replaced, and only by what was asked for.
func TestOutputForce(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "mine.svg"), "mine")
	edgeprune(t, "check", "--svg", bad(t), "--force", "-o", path).refused(t, exitInput)
	assert.Equal(t, "mine", read(t, path), "a bad plan has no drawing")
	edgeprune(t, "check", "--svg", gated, "--force", "-o", path).says(t, exitOK)
	assert.Contains(t, read(t, path), "<svg")
	edgeprune(t, "check", "--svg", gated, "--force").refused(t, exitInput, "--force goes with -o FILE")
}

// What a plan or a model names is read, too, and never replaced.
func TestOutputKeepsWhatIsNamed(t *testing.T) {
	loadLibrary(t)
	dir := filepath.Join(t.TempDir(), "parts")
	edgeprune(t, "model", "split", sample(t, onnxtest.Separable()), "--at", "1", "-o", dir).says(t, exitOK)
	plan := filepath.Join(dir, "plan.yaml")
	text := read(t, plan)
	near := write(t, filepath.Join(dir, "near.yaml"), strings.ReplaceAll(text, dir+"/", ""))
	bad := write(t, filepath.Join(dir, "bad.yaml"), strings.Replace(text, "kernel: sink", "kernel: sinc", 1))
	part := filepath.Join(dir, "part1.onnx")
	data := read(t, part)
	for _, args := range [][]string{
		{plan}, {plan, "--json"}, {plan, "--svg"}, {near, "--dot"}, {bad, "--json"},
	} {
		edgeprune(t, append(append([]string{"check"}, args...), "--force", "-o", part)...).refused(t, exitInput,
			"what is read would be overwritten: "+part)
		require.Equal(t, data, read(t, part), args)
	}

	source := sample(t, onnxtest.External())
	weights := filepath.Join(filepath.Dir(source), "more", "weights.bin")
	data = read(t, weights)
	given := write(t, filepath.Join(t.TempDir(), "x.svg"), strings.Repeat("\x00", 64))
	edgeprune(t, "model", "optimise", source, "--force", "-o", weights).refused(t, exitInput, "what is read")
	for _, in := range []string{given, "x=" + given} {
		edgeprune(t, "model", "optimise", source, "--input", in, "--force", "-o", given).refused(t, exitInput, "what is read")
	}
	link := filepath.Join(filepath.Dir(given), "w.svg")
	require.NoError(t, os.Symlink(weights, link))
	edgeprune(t, "model", "plot", source, "--force", "-o", strings.TrimSuffix(link, ".svg")).refused(t, exitInput,
		"what is read")
	assert.Equal(t, data, read(t, weights))
	assert.Len(t, read(t, given), 64)
}

// A figure is two files, and neither is replaced.
func TestPlotKeepsFiles(t *testing.T) {
	source := sample(t, onnxtest.Separable())
	t.Chdir(t.TempDir())
	base := filepath.Base(source[:len(source)-len(".onnx")])
	write(t, base+".svg", "mine")
	edgeprune(t, "model", "plot", source, "--no-run").refused(t, exitInput, base+".svg", "--force")
	assert.NoFileExists(t, base+".png")
	assert.Equal(t, "mine", read(t, base+".svg"))
	edgeprune(t, "model", "plot", source, "--no-run", "--force").says(t, exitOK, base+".png")
	assert.Contains(t, read(t, base+".svg"), "<svg")
}

// The standard output takes what is text.
func TestOutputDash(t *testing.T) {
	want := edgeprune(t, "check", "--dot", gated)
	assert.Equal(t, want, edgeprune(t, "check", "--dot", gated, "-o", "-"))
	for _, args := range [][]string{
		{"model", "split", "x", "--at", "1"}, {"model", "optimise", "x"}, {"model", "plot", "x"},
	} {
		edgeprune(t, append(args, "-o", "-")...).refused(t, exitInput, "-o -", "name a file")
	}
	assert.NoFileExists(t, "-")
	edgeprune(t, "check", gated, "-o", "/dev/full").refused(t, exitRun, "no space left")
}
