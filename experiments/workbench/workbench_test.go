package workbench_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/cli"
	"github.com/edgeprune/edgeprune/experiments/workbench"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run executes a command with the kernels of the Example.
func run(t *testing.T, options []workbench.Option, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := cli.Process()
	env.Args, env.Stdout, env.Stderr = append([]string{"mine"}, args...), &out, &errs
	code = workbench.Run(t.Context(), env, options...)
	return code, out.String(), errs.String()
}

func TestKernelNamesAreUnique(t *testing.T) {
	code, _, stderr := run(t, []workbench.Option{workbench.Kernel("sink", newScale)}, "check", "x.yaml")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `mine: `)
	assert.Contains(t, stderr, `"sink"`)
}

// A check knows the program's kernels, and only those.
func TestCheckKnowsOwnKernels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "louder.yaml")
	require.NoError(t, os.WriteFile(path, []byte(louder), 0o600))
	own := workbench.Kernel("steps", newSteps)
	code, stdout, _ := run(t, []workbench.Option{own}, "check", path)
	require.Equal(t, 2, code)
	assert.Contains(t, stdout, `actor louder: unknown kernel "scale"`)
	assert.NotContains(t, stdout, "actor steps")
	code, stdout, stderr := run(t, []workbench.Option{own, workbench.Kernel("scale", newScale)}, "check", path)
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "plan louder: ok")
}
