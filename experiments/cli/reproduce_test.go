package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

// reproducedIn names the experiments that are reproduced of a folder.
func reproducedIn(t *testing.T, dir string, e sweep.Effort) (names []string) {
	t.Helper()
	env := Process()
	env.Stderr = &strings.Builder{}
	app := cli.NewApp()
	l, err := New(env).session(cli.NewContext(app, nil, nil))
	require.NoError(t, err)
	list, err := l.reproduced(dir, e)
	require.NoError(t, err)
	for _, f := range list {
		names = append(names, f.name)
	}
	return names
}

// All of the project's experiments are reproduced, but for those that fetch much in a quick
// run.
func TestReproducedExperiments(t *testing.T) {
	all := reproducedIn(t, "..", sweep.Standard)
	assert.Equal(t, firstReproduced, all[:len(firstReproduced)])
	paths, err := filepath.Glob(filepath.Join("..", "*", "experiment.yaml"))
	require.NoError(t, err)
	assert.Len(t, all, len(paths))
	quick := reproducedIn(t, "..", sweep.Quick)
	assert.NotContains(t, quick, "nanodet-devices")
	assert.Len(t, quick, len(all)-1)
}

// Folders that hold an experiment are reproduced, whatever their names.
func TestReproducedFolders(t *testing.T) {
	dir := t.TempDir()
	text := read(t, filepath.Join("..", "vehicle-classification", "experiment.yaml"))
	for _, name := range []string{"b", "a", "vehicle-classification"} {
		write(t, filepath.Join(dir, name, "experiment.yaml"),
			strings.Replace(text, "experiment: vehicle-classification", "experiment: "+name, 1))
	}
	write(t, filepath.Join(dir, "no experiment", "README.md"), "")
	write(t, filepath.Join(dir, ".hidden", "experiment.yaml"), "bad")
	write(t, filepath.Join(dir, "README.md"), "")
	require.NoError(t, os.Symlink(filepath.Join("..", "elsewhere"), filepath.Join(dir, "dangling")))
	assert.Equal(t, []string{"vehicle-classification", "a", "b"}, reproducedIn(t, dir, sweep.Quick))
}

// All that is wrong in any experiment is named, and nothing is run.
func TestReproduceChecksFirst(t *testing.T) {
	dir, results := t.TempDir(), filepath.Join(t.TempDir(), "results")
	text := read(t, filepath.Join("..", "vehicle-classification", "experiment.yaml"))
	for name, change := range map[string][2]string{
		"good": {}, "kernel": {"kernel: sink", "kernel: sinc"},
		"dataset": {"dataset: vehicle-renderings", "dataset: vehicle-rendering"},
		"model":   {"model: vehicle-classifier", "model: vehicle-clasifier"},
		"file":    {"model: vehicle-classifier", "model: none.onnx"},
		"field":   {"endpoints:", "endpoint:"}, "empty": {text, ""},
	} {
		s := strings.Replace(text, "experiment: vehicle-classification", "experiment: "+name, 1)
		if change[0] != "" && change[0] != text {
			require.Contains(t, s, change[0])
			s = strings.Replace(s, change[0], change[1], 1)
		} else if change[0] == text {
			s = ""
		}
		write(t, filepath.Join(dir, name, "experiment.yaml"), s)
	}
	o := edgeprune(t, "reproduce", "--quick", "--experiments", dir, "--results", results)
	o.refused(t, exitInput, filepath.Join("kernel", "experiment.yaml")+":", `did you mean "sink"?`,
		filepath.Join("dataset", "experiment.yaml")+":", `did you mean "vehicle-renderings"?`,
		filepath.Join("model", "experiment.yaml")+":", `did you mean "vehicle-classifier"?`,
		filepath.Join("file", "experiment.yaml")+":", "none.onnx", filepath.Join("field", "experiment.yaml")+":",
		filepath.Join("empty", "experiment.yaml"))
	assert.NotContains(t, o.stderr, filepath.Join("good", "experiment.yaml"))
	absent(t, results)

	// A file that can't be read, or that is too large for one, is no folder without an experiment.
	dir = t.TempDir()
	write(t, filepath.Join(dir, "vehicle-classification", "experiment.yaml"), text)
	require.NoError(t, os.Truncate(write(t, filepath.Join(dir, "large", "experiment.yaml"), ""), 1<<29))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "loop"), 0o755))
	require.NoError(t, os.Symlink("experiment.yaml", filepath.Join(dir, "loop", "experiment.yaml")))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	o = edgeprune(t, "reproduce", "--quick", "--experiments", dir, "--results", results)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<28), "a file that is too large was read")
	o.refused(t, exitInput, filepath.Join("loop", "experiment.yaml"), filepath.Join("large", "experiment.yaml"),
		"more than 4194304 bytes")
	absent(t, results)
	edgeprune(t, "reproduce", "--experiments", t.TempDir()).refused(
		t, exitInput, "holds no experiment", "--experiments DIR",
	)
	edgeprune(t, "reproduce", "--experiments", write(t, filepath.Join(t.TempDir(), "file"), "")).refused(t, exitInput)
}

// A reproduction that another one disturbs is refused before it begins.
func TestSecondReproductionIsTold(t *testing.T) {
	results := t.TempDir()
	release, err := record.Lock(filepath.Join(results, "early-exit"), record.Holder{PID: 7, Since: noon})
	require.NoError(t, err)
	defer func() { require.NoError(t, release()) }()
	o := edgeprune(t, "reproduce", "--quick", "--experiments", "..", "--results", results)
	assert.Equal(t, exitInput, o.code)
	assert.Contains(t, o.stderr, "process 7")
	left, err := filepath.Glob(filepath.Join(results, "*", "2*"))
	require.NoError(t, err)
	assert.Empty(t, left, "a run was begun")
}
