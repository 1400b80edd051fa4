package hoststest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// groups is where the kernel's control groups of version 1 for processors are mounted, and
// unified that of version 2.
const (
	groups  = "/sys/fs/cgroup/cpu"
	unified = "/sys/fs/cgroup"
)

// Quota limits a process, with its children from now on, to a part of one processor: in every
// period it may run for part times that long.
func Quota(t testing.TB, p *Process, period time.Duration, part float64) {
	t.Helper()
	quota := time.Duration(part * float64(period))
	dir, files := filepath.Join(groups, fmt.Sprintf("%s%d", prefix, p.cmd.Process.Pid)), map[string]string{
		"cpu.cfs_period_us": strconv.FormatInt(period.Microseconds(), 10),
		"cpu.cfs_quota_us":  strconv.FormatInt(quota.Microseconds(), 10),
	}
	if _, err := os.Stat(filepath.Join(groups, "cpu.cfs_quota_us")); err != nil {
		dir = filepath.Join(unified, filepath.Base(dir))
		files = map[string]string{"cpu.max": fmt.Sprintf("%d %d", quota.Microseconds(), period.Microseconds())}
	}
	require.NoError(t, os.Mkdir(dir, 0o755))
	t.Cleanup(func() {
		p.Kill()
		_ = os.Remove(dir) // what is left of it holds no process
	})
	for _, name := range []string{"cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.max"} {
		if text, there := files[name]; there {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cgroup.procs"),
		[]byte(strconv.Itoa(p.cmd.Process.Pid)), 0o644))
}
