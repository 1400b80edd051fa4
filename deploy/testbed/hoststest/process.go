package hoststest

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Process is a program that was started on a host.
type Process struct {
	cmd    *exec.Cmd
	out    output // all that it writes
	answer output // what it writes to standard output
	done   chan struct{}
}

// output keeps what a process writes, and when.
type output struct {
	mu     sync.Mutex
	all    bytes.Buffer
	writes []written
}

// written says when the output had that length.
type written struct {
	at     time.Time
	length int
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.all.Write(b)
	o.writes = append(o.writes, written{time.Now(), o.all.Len()})
	return n, err
}

// since returns the first line with one of texts that was complete after a time, and when it was.
func (o *output) since(from time.Time, texts []string) (line string, at time.Time, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	end := 0
	for l := range strings.Lines(o.all.String()) {
		end += len(l)
		i := sort.Search(len(o.writes), func(i int) bool { return o.writes[i].length >= end })
		at := o.writes[i].at
		if at.After(from) && slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(l, s) }) {
			return strings.TrimSpace(l), at, true
		}
	}
	return "", time.Time{}, false
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// Command returns a command that runs on a host.
func (h *Hosts) Command(name string, args ...string) *exec.Cmd {
	enter := []string{"--target", h.host(name).pid, "--mount", "--net", "--time"}
	return exec.Command("nsenter", append(enter, args...)...)
}

// Start starts a command on a host, which ends with the test.
func (h *Hosts) Start(t testing.TB, name string, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: h.Command(name, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = io.MultiWriter(&p.out, &p.answer), &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // Code says how it ended
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.Signal(syscall.SIGCONT)
		_ = p.Signal(os.Interrupt)
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
			_ = p.Signal(syscall.SIGKILL)
			<-p.done
		}
		if t.Failed() {
			t.Logf("on %s, %v wrote:\n%s", name, args, p.Output())
		}
	})
	return p
}

// Signal sends one: SIGKILL, SIGTERM, SIGSTOP and SIGCONT end, ask to end, stop and continue it.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Kill kills the process and waits until it is gone.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL)
	<-p.done
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended reports whether the process has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Output returns what the process has written so far.
func (p *Process) Output() string { return p.out.String() }

// Said returns the first line with one of texts that the process has written after a time, and
// when it did; false: it has written none.
func (p *Process) Said(from time.Time, texts ...string) (line string, at time.Time, ok bool) {
	return p.out.since(from, texts)
}

// Answer returns what the process has written to standard output so far.
func (p *Process) Answer() string { return p.answer.String() }

// Code returns the exit code once Done is closed; -1: a signal ended it.
func (p *Process) Code() int { return p.cmd.ProcessState.ExitCode() }
