package workbench_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/workbench"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// programVariable makes the test binary the program.
const programVariable = "WORKBENCH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		workbench.Main(workbench.Kernel("steps", newSteps), workbench.Kernel("scale", newScale))
	}
	os.Exit(m.Run())
}

// up starts a testbed by a process of the program, in a temporary directory.
func up(t *testing.T, temp string, wrap ...string) (cmd *exec.Cmd, wait func() error) {
	t.Helper()
	plan := filepath.Join(t.TempDir(), "louder.yaml")
	require.NoError(t, os.WriteFile(plan, []byte(louder), 0o600))
	args := slices.Concat(wrap, []string{os.Args[0], "--cache", t.TempDir(), "up", "--port", "0", plan})
	cmd = exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), programVariable+"=yes", "TMPDIR="+temp)
	var said strings.Builder
	cmd.Stderr = &said
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	done := false
	wait = func() error { done = true; return cmd.Wait() }
	t.Cleanup(func() {
		if !done {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "%s", &said)
	require.Contains(t, line, "NATS at")
	left, err := filepath.Glob(filepath.Join(temp, "edgeprune-testbed-*"))
	require.NoError(t, err)
	require.NotEmpty(t, left, "a testbed has a folder")
	return cmd, wait
}

// Signals that can be caught end a command cleanly: it leaves no files.
func TestSignalsLeaveNothing(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		temp := t.TempDir()
		cmd, wait := up(t, temp)
		require.NoError(t, cmd.Process.Signal(s))
		assert.NoError(t, wait(), s)
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		assert.Empty(t, left, "%v: left behind", s)
	}
}

// What a killed command leaves is removed when the next one starts, and not before it is
// dead.
func TestKilledCommandIsCleanedUpAfter(t *testing.T) {
	temp := t.TempDir()
	first, waitFirst := up(t, temp)
	second, waitSecond := up(t, temp)
	left, err := filepath.Glob(filepath.Join(temp, "edgeprune-testbed-*.lock"))
	require.NoError(t, err)
	require.Len(t, left, 2, "the second removed what the first uses")
	require.NoError(t, first.Process.Kill())
	require.Error(t, waitFirst())
	third, waitThird := up(t, temp)
	left, err = filepath.Glob(filepath.Join(temp, "edgeprune-testbed-*.lock"))
	require.NoError(t, err)
	require.Len(t, left, 2, "those of the second and the third")
	require.NoError(t, second.Process.Signal(os.Interrupt))
	require.NoError(t, third.Process.Signal(os.Interrupt))
	require.NoError(t, waitSecond())
	require.NoError(t, waitThird())
	all, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, all, "left behind")
}

// nohup has a command ignore SIGHUP, which it goes on to do.
func TestIgnoredSignals(t *testing.T) {
	cmd, wait := up(t, t.TempDir(), "/bin/sh", "-c", `trap "" HUP; exec "$@"`, "sh")
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	require.NoError(t, err)
	_, mask, found := strings.Cut(string(status), "SigIgn:")
	require.True(t, found)
	ignored, err := strconv.ParseUint(strings.Fields(mask)[0], 16, 64)
	require.NoError(t, err)
	assert.NotZero(t, ignored&(1<<(syscall.SIGHUP-1)), "%x", ignored)
	assert.Zero(t, ignored&(1<<(syscall.SIGTERM-1)), "%x", ignored)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.NoError(t, wait())
}
