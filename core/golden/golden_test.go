package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder is a test that keeps what it is told instead of failing.
type recorder struct {
	testing.TB
	errors []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "file.txt")
	r := &recorder{TB: t}

	check(r, path, "one\ntwo\n", false)
	require.Len(t, r.errors, 1, "a missing file fails the test")
	assert.Contains(t, r.errors[0], "-update to write "+path)

	check(r, path, "one\ntwo\n", true)
	check(r, path, "one\ntwo\n", false)
	assert.Len(t, r.errors, 1, "what was written is what is wanted")

	check(r, path, "one\nthree\n", false)
	require.Len(t, r.errors, 2, "a difference fails the test")
	assert.Contains(t, r.errors[1], "-two\n")
	assert.Contains(t, r.errors[1], "+three\n")

	check(r, path, "one\nthree\n", true)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "one\nthree\n", string(got))
	assert.Len(t, r.errors, 2)
}
