package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The agents that a run starts may read what its plan names, with any path.
func TestRunsReadWhatTheirPlanNames(t *testing.T) {
	loadLibrary(t) // the source draws with its element types
	dir := filepath.Join(t.TempDir(), "with, a comma")
	require.NoError(t, os.Mkdir(dir, 0o700))
	file := write(t, filepath.Join(dir, "64.bin"), strings.Repeat("x", 64))
	text := strings.Replace(read(t, filepath.Join("testdata", "plan.yaml")), "kernel: count,",
		`kernel: tensor, params: {file: "`+file+`"},`, 1)
	path := write(t, filepath.Join(dir, "plan.yaml"), text)
	edgeprune(t, "run", path, "--driver", "deploy").says(t, exitOK, "deploy")

	missing := write(t, filepath.Join(dir, "missing.yaml"), strings.Replace(text, "64.bin", "65.bin", 1))
	o := edgeprune(t, "run", missing, "--driver", "deploy")
	assert.Equal(t, exitRun, o.code)
	assert.Contains(t, o.stderr, filepath.Join(dir, "65.bin")+": "+
		"no such file below the folders that may be read here, which the agent's user gives with --data")
}

func TestDataFolders(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	edgeprune(t, "agent", "--name", "a", "--data", none).refused(t, exitInput,
		"--data: no folder or file that can be read: "+none)
	dir := t.TempDir()
	sets := filepath.Join(dir, "sets")
	allowed, err := readable(nil, sets)
	require.NoError(t, err)
	file := write(t, filepath.Join(sets, "a"), "1")
	other := write(t, filepath.Join(dir, "b"), "2")
	_, err = allowed.ReadMost(file, 1)
	assert.NoError(t, err, "data sets by default")
	allowed, err = readable([]string{other}, sets)
	require.NoError(t, err)
	_, err = allowed.ReadMost(file, 1)
	assert.Error(t, err, "not data sets, if something else is given")
	_, err = allowed.ReadMost(other, 1)
	assert.NoError(t, err)
}
