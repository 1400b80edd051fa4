package workbench_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// members returns the testbed files below a folder, by the name of who they are for.
func members(t *testing.T, dir string) map[string]*identity.File {
	t.Helper()
	all := map[string]*identity.File{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Name() == identity.FileName {
			f, err := identity.ReadFile(path)
			require.NoError(t, err)
			all[f.Name] = f
		}
		return err
	}))
	return all
}

// family returns the ids of a process and of those that it has started.
func family(t *testing.T, pid int) []string {
	t.Helper()
	ids := []string{fmt.Sprint(pid)}
	list, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range list {
		b, _ := os.ReadFile(path) // it may have ended
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == ids[0] {
			ids = append(ids, filepath.Base(filepath.Dir(path)))
		}
	}
	return ids
}

// Who has no key can't connect to the testbed of one machine, and the keys are where only its
// user reads them.
func TestStrangersAtUp(t *testing.T) {
	temp := t.TempDir()
	cmd, wait := up(t, temp)
	all := members(t, temp)
	require.Contains(t, all, "box")
	_, err := coordinator.Dial(&identity.Access{URL: all["box"].Server})
	require.ErrorIs(t, err, identity.ErrRefused)
	require.ErrorContains(t, err, "Authorization Violation")

	var seeds []string
	for name, f := range all {
		for path, mode := range map[string]os.FileMode{f.Nkey: 0o600, filepath.Dir(f.Nkey): 0o700} {
			info, err := os.Stat(path)
			require.NoError(t, err)
			assert.Equal(t, mode, info.Mode().Perm(), "%s: %s", name, path)
		}
		b, err := os.ReadFile(f.Nkey)
		require.NoError(t, err)
		seeds = append(seeds, strings.TrimSpace(string(b)))
	}
	assert.Len(t, seeds, 3, "box, server, and a guest: the testbed's own coordinator keeps its key to itself")
	processes := family(t, cmd.Process.Pid)
	assert.GreaterOrEqual(t, len(processes), 3, "two agents among them")
	for _, pid := range processes {
		for _, what := range []string{"cmdline", "environ"} {
			b, err := os.ReadFile(filepath.Join("/proc", pid, what))
			require.NoError(t, err)
			for _, seed := range seeds {
				assert.NotContains(t, string(b), seed, "process %s has a key in its %s", pid, what)
			}
			assert.False(t, regexp.MustCompile(`SU[A-Z2-7]{56}`).Match(b), "process %s has a key in its %s", pid, what)
		}
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, wait())
}

// The key of a device gives no orders: what it sends never arrives.
func TestForeignLoad(t *testing.T) {
	temp := t.TempDir()
	cmd, wait := up(t, temp)
	all := members(t, temp)
	access := all["box"].Access()
	access.Role = "" // a program that doesn't keep to what it is
	box, err := coordinator.Dial(access)
	require.NoError(t, err)
	defer box.Conn.Close()
	for _, sender := range []string{"box", "guest"} {
		subject := wire.OrderSubject(sender, "server", wire.Load)
		require.NoError(t, box.Conn.Publish(subject, []byte(`{"run": "r", "plan": {}}`)))
		require.Eventually(t, func() bool {
			err := box.Conn.LastError()
			return err != nil && strings.Contains(err.Error(), `Permissions Violation for Publish to "`+subject+`"`)
		}, 20*time.Second, 10*time.Millisecond, "the server lets it pass")
	}
	d, err := coordinator.Dial(all["guest"].Access())
	require.NoError(t, err)
	defer d.Conn.Close()
	s, err := d.Status(t.Context(), "server")
	require.NoError(t, err)
	assert.Equal(t, wire.Free, s.State)
	assert.Empty(t, s.Rejected, "something arrived")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, wait())
}
