package cli

import (
	"bytes"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a command knows of the machine and the user comes from the injected state alone.
func TestInjectedState(t *testing.T) {
	root := fstest.MapFS{
		"proc/cpuinfo": {Data: []byte("processor\t: 0\nmodel name\t: A made-up one\n")},
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": {Data: []byte("powersave\n")},
	}
	variables := map[string]string{"XDG_STATE_HOME": "/states", "EDGEPRUNE_CACHE": "/caches"}
	a := New(Env{
		Root: root, Getenv: func(name string) string { return variables[name] },
		Getwd: func() (string, error) { return "/here", nil },
	})
	assert.Contains(t, a.machine(), "A made-up one, ")
	assert.Equal(t, "powersave", a.governor())
	dir, err := a.stateDir()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join("/states", "edgeprune"), dir)
	path, err := a.absolute("x.yaml")
	require.NoError(t, err)
	assert.Equal(t, "/here/x.yaml", path)
}

// Without state, what can't be known is said to be unknown, or asked for.
func TestNoInjectedState(t *testing.T) {
	var stdout, stderr bytes.Buffer
	a := New(Env{Stdout: &stdout, Stderr: &stderr, Now: time.Now})
	assert.Equal(t, "unknown", a.governor())
	_, err := a.absolute("x.yaml")
	require.Error(t, err)
	code := a.Run(t.Context(), []string{"edgeprune", "datasets", "list"})
	assert.Equal(t, exitRun, code)
	assert.Contains(t, stderr.String(), "no cache directory (set EDGEPRUNE_CACHE)")
	stderr.Reset()
	code = a.Run(t.Context(), []string{"edgeprune", "--cache", t.TempDir(), "agent", "--name", "box"})
	assert.Equal(t, exitInput, code)
	assert.Contains(t, stderr.String(), "give --state")
}
