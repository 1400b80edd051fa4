package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program that is built of a checkout says its commit, whether the sources were modified,
// and Go's version.
func TestVersionOfTheProgram(t *testing.T) {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", "../.."}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	if info, err := os.Stat(filepath.Join("..", "..", ".git")); err != nil || !info.IsDir() {
		t.Skip("Go finds no commit here: the sources are no git checkout, or a further worktree of one")
	}
	commit, err := git("rev-parse", "HEAD")
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "edgeprune")
	cmd := exec.Command("go", "build", "-buildvcs=true", "-o", program, ".")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	changes, err := git("status", "--porcelain")
	require.NoError(t, err)

	out, err = exec.Command(program, "version", "--json").Output()
	require.NoError(t, err)
	var b builtFrom
	require.NoError(t, json.Unmarshal(out, &b))
	assert.Equal(t, builtFrom{
		Revision: commit, Modified: changes != "", Executable: b.Executable, Go: runtime.Version(), System: runtime.GOOS,
		Processor: runtime.GOARCH,
	}, b)
	assert.Equal(t, changes != "", b.Executable != "", "the digest stands where the commit doesn't tell")

	out, err = exec.Command(program, "--version").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "edgeprune version "+commit[:12])
	assert.Equal(t, changes != "", strings.Contains(string(out), "modified"))
	assert.Contains(t, string(out), runtime.Version())
}

func TestVersionAsJSON(t *testing.T) {
	var b builtFrom
	o := edgeprune(t, "version", "--json")
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &b))
	assert.Equal(t, testRevision.Revision, b.Revision)
	assert.Contains(t, o.stdout, `"modified": false`)
}
