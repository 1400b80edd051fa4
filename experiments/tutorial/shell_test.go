package tutorial

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shell is a bash that goes on from step to step, as a reader's does: variables, the folder and
// what runs in the background stay.
type shell struct {
	in     *os.File
	step   string // the file of what is typed
	mu     sync.Mutex
	output bytes.Buffer
	from   int // of what a step writes, in output
}

// Write takes what the shell and its children write.
func (s *shell) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(b)
}

// start begins a shell in a folder. At the end of the test it and all that it started are killed.
func start(t *testing.T, folder string, env []string) *shell {
	t.Helper()
	in, feed, err := os.Pipe()
	require.NoError(t, err)
	s := &shell{in: feed, step: filepath.Join(t.TempDir(), "step")}
	cmd := exec.Command("bash", "--noprofile", "--norc")
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = folder, env, in, s, s
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	require.NoError(t, in.Close())
	var wg sync.WaitGroup
	wg.Go(func() { _ = cmd.Wait() }) // how it ends, the exit code of its last step says
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it fails only if all have ended
		_ = feed.Close()
		wg.Wait()
	})
	return s
}

// ended is what the shell writes behind the output of a step: the exit code between separators that no program writes.
var ended = regexp.MustCompile("\x1e([0-9]+)\x1e\n")

// run has the shell do a step, and returns what was written meanwhile and the exit code: that of the
// first command that failed, which ends the shell. It waits for the step for so long.
func (s *shell) run(script string, limit time.Duration) (output string, code int, err error) {
	if err := os.WriteFile(s.step, []byte("set -euo pipefail\n"+script), 0o600); err != nil {
		return "", 0, err
	}
	// What a step sets must stay, so that it is no child of the shell.
	line := "trap 'printf \"\\036$?\\036\\n\"' EXIT; . " + s.step + "; trap - EXIT; set +e; printf '\\0360\\036\\n'\n"
	if _, err := s.in.WriteString(line); err != nil {
		return "", 0, fmt.Errorf("the shell has ended: %w", err)
	}
	deadline := time.After(limit)
	for {
		if text, code, done := s.written(); done {
			return text, code, nil
		}
		select {
		case <-deadline:
			text, _, _ := s.written()
			return text, 0, fmt.Errorf("the step goes on after %v", limit)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// written returns what was written since the step before, and the step's exit code if it is done.
func (s *shell) written() (text string, code int, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text = s.output.String()[s.from:]
	at := ended.FindStringSubmatchIndex(text)
	if at == nil {
		return text, 0, false
	}
	s.from += at[1]
	code, err := strconv.Atoi(text[at[2]:at[3]])
	return text[:at[0]], code, err == nil
}

func TestShell(t *testing.T) {
	s := start(t, t.TempDir(), append(os.Environ(), "GREETING=hello"))
	const soon = 30 * time.Second
	run := func(script, shows string, code int) {
		output, got, err := s.run(script, soon)
		require.NoError(t, err, script)
		assert.Equal(t, shows, output, script)
		assert.Equal(t, code, got, script)
	}
	run("x=3; mkdir a; cd a\necho $GREETING", "hello\n", 0)
	run("echo $x; basename $PWD; echo no >&2", "3\na\nno\n", 0)
	run("sleep 60 & job=$!", "", 0)
	run("kill $job; grep x /dev/null || echo none", "none\n", 0)
	run("echo before; false; echo behind", "before\n", 1)

	s = start(t, t.TempDir(), os.Environ())
	_, _, err := s.run("sleep 60", 50*time.Millisecond)
	assert.ErrorContains(t, err, "the step goes on after 50ms")
	s = start(t, t.TempDir(), os.Environ())
	run("false | true", "", 1)
}
