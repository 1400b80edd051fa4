// Package golden compares what a test made with a file in its testdata folder,
// or writes that file when the test runs with -update. Only tests import it, so
// that the whole module has one such flag.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false,
	"write the golden files instead of comparing with them; read them before committing")

// Update reports whether the tests are to write their golden files.
func Update() bool { return *update }

// Check fails the test, and shows the difference, if got is not what the file at
// path holds. The path is relative to the folder of the test's package. With
// -update it writes the file and the folders above it instead, where they differ.
func Check[T string | []byte](tb testing.TB, path string, got T) {
	tb.Helper()
	check(tb, path, string(got), Update())
}

func check(tb testing.TB, path, got string, write bool) {
	tb.Helper()
	want, err := os.ReadFile(path)
	if write {
		if err == nil && string(want) == got {
			return
		}
		require.NoError(tb, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(tb, os.WriteFile(path, []byte(got), 0o644))
		return
	}
	if assert.NoErrorf(tb, err, "run this package's tests with -update to write %s", path) {
		assert.Equalf(tb, string(want), got, "%s differs; read the difference, then run this package's tests with -update",
			path)
	}
}
