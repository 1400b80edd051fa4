package cli

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes the test binary the program itself, as an agent's parent
// starts it.
const childVariable = "EDGEPRUNE_TEST_CHILD"

// revisionVariable says which program a child says that it is.
const revisionVariable = "EDGEPRUNE_TEST_REVISION"

func TestMain(m *testing.M) {
	// A test binary that runs its tests when it is started as an agent would start
	// agents without end.
	if os.Getenv(childVariable) != "" || slices.Contains(os.Args, "--watch-stdin") {
		env := Process()
		env.Kernels = ownKernels()
		if r := os.Getenv(revisionVariable); r != "" {
			env.Revision = revision.Info{Revision: r}
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM) // as package workbench does
		code := New(env).Run(ctx, os.Args)
		stop()
		os.Exit(code)
	}
	if err := os.Setenv(childVariable, "yes"); err != nil { // for all children
		panic(err)
	}
	results, err := os.MkdirTemp("", "edgeprune-test-results-") // of runs that name no other folder
	if err != nil {
		panic(err)
	}
	if err := os.Setenv(resultsVariable, results); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(results); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// testRevision is what the program of tests says that it is.
var testRevision = revision.Info{Revision: "v0-test"}

// noon is what the clock of tests says.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// output is what a command line left behind.
type output struct {
	code           int
	stdout, stderr string
}

// edgeprune runs one command line in this process.
func edgeprune(t *testing.T, args ...string) output {
	t.Helper()
	return edgepruneIn(t.Context(), args...)
}

func edgepruneIn(ctx context.Context, args ...string) output {
	var stdout, stderr bytes.Buffer
	a := New(Env{
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Executable: os.Args[0],
		Now: func() time.Time { return noon }, Kernels: ownKernels(), Revision: testRevision,
		Args: append([]string{"edgeprune"}, args...), Getenv: os.Getenv, Getwd: os.Getwd, Root: os.DirFS("/"),
	})
	code := a.Run(ctx, append([]string{"edgeprune"}, args...))
	return output{code, stdout.String(), stderr.String()}
}

// refused checks that a command ended with code and one error line that says
// all of says.
func (o output) refused(t *testing.T, code int, says ...string) {
	t.Helper()
	assert.Equal(t, code, o.code, "exit code")
	n := strings.Count(o.stderr, "edgeprune: ")
	assert.Equal(t, 1, n, "%d errors, want one that stands first:\n", n)
	assert.True(t, strings.HasPrefix(o.stderr, "edgeprune: "), "%d errors, want one that stands first:\n", n)
	for _, s := range says {
		assert.Contains(t, o.stderr, s, "the error doesn't say %q:\n", s)
	}
	for _, s := range []string{"goroutine ", "panic", "runtime error"} {
		assert.NotContains(t, o.stderr, s, "a stack trace:\n")
	}
}

// absent checks that nothing was written to path.
func absent(t *testing.T, path string) {
	t.Helper()
	_, err := os.Stat(path)
	assert.True(t, os.IsNotExist(err), "%s: %v; want nothing there", path, err)
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

// dataset returns the path of a data set in the cache; if it is missing, the
// error says what to run.
func dataset(t testing.TB, name string) string {
	t.Helper()
	dir, err := datasets.DefaultDir()
	require.NoError(t, err)
	path, err := (&datasets.Store{Dir: dir}).Path(name)
	require.NoError(t, err)
	return path
}

// cached allows to read all data sets.
func cached(t *testing.T) *files.Allowed {
	t.Helper()
	dir, err := datasets.DefaultDir()
	require.NoError(t, err)
	allowed, err := files.Below(dir)
	require.NoError(t, err)
	return allowed
}

func loadLibrary(t testing.TB) {
	t.Helper()
	path, err := ort.Find("")
	if err == nil {
		err = ort.Load(path)
	}
	require.NoError(t, err)
}

// projectSpec reads an experiment of the project and its models.
func projectSpec(t testing.TB, name string) (*spec.Spec, compile.Models) {
	t.Helper()
	path := filepath.Join("..", name, "experiment.yaml")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	s, err := spec.Parse(path, b)
	require.NoError(t, err)
	models := compile.Models{}
	for _, a := range s.Application.Actors {
		if a.Model == "" {
			continue
		}
		models[a.Model], err = model.ForPlans(modelcmd.File(dataset(t, a.Model)))
		require.NoError(t, err)
	}
	return s, models
}

// filesIn returns the content of every file below dir, by its path there.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir)] = string(b)
		return err
	})
	require.NoError(t, err)
	return all
}
