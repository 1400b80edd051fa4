package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// laboratory is a testbed of edgeprune testbed init: its server and agents are processes that are
// started as the output of init says.
type laboratory struct {
	dir    string
	agents map[string]*process // by device
}

// process is a child, and what it has written.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	mu   sync.Mutex
	said bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// launch starts this program in a folder; it ends with the test.
func launch(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, p, p
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // its exit code is looked at where it matters
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it fails only if it has ended
		<-p.done
	})
	return p
}

// code waits for the end of the process and returns its exit code.
func (p *process) code(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		require.Fail(t, "the process goes on", "%v: %s", p.cmd.Args, p)
	}
	return p.cmd.ProcessState.ExitCode()
}

// file returns the testbed file of a member.
func (l *laboratory) file(role identity.Role, name string) string {
	return filepath.Join(l.dir, string(role)+"-"+name, identity.FileName)
}

// agent starts that of a device.
func (l *laboratory) agent(t *testing.T, device string) *process {
	return launch(t, t.TempDir(), "agent", "--testbed", l.file(identity.Device, device), "--state", t.TempDir(),
		"--wait", "20s", "--metrics", "0")
}

// as runs a command of the testbed as a coordinator.
func (l *laboratory) as(ctx context.Context, coordinator string, args ...string) output {
	return edgepruneIn(ctx, append(args, "--testbed", l.file(identity.Coordinator, coordinator))...)
}

// newLaboratory makes a testbed of box and server, and waits until both are there.
func newLaboratory(t *testing.T) *laboratory {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddress(t))
	require.NoError(t, err)
	l := &laboratory{dir: filepath.Join(t.TempDir(), "lab"), agents: map[string]*process{}}
	command := []string{"testbed", "init", l.dir, "--server", "hub=127.0.0.1", "--port", port, "--device", "box",
		"--device", "server", "--coordinator", "first", "--coordinator", "second"}
	o := edgeprune(t, command...)
	require.Equal(t, exitOK, o.code, o.stderr)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	require.Len(t, lines, 5, "what to do, in five lines")
	for i, line := range lines {
		assert.True(t, strings.HasPrefix(line, fmt.Sprintf("%d. ", i+1)), line)
	}
	assert.Contains(t, lines[1], "On the server (tls://127.0.0.1:"+port+"), in its folder "+
		l.dir+"/server: nats-server -c ")
	assert.Contains(t, lines[2], "edgeprune agent --testbed device-box/testbed.yaml")
	assert.Contains(t, lines[3], "edgeprune run --testbed coordinator-first/testbed.yaml PLAN.yaml")
	edgeprune(t, command...).refused(t, exitInput, "testbed init: "+l.dir+" is there already; nothing of it is "+
		"overwritten")

	launch(t, filepath.Join(l.dir, "server"), "broker", "--config", "nats-server.conf")
	for _, device := range []string{"box", "server"} {
		l.agents[device] = l.agent(t, device)
	}
	require.Eventually(t, func() bool { return len(l.status(t)) == 2 }, 30*time.Second, 50*time.Millisecond)
	return l
}

// status is what edgeprune testbed status says of each device that answers.
func (l *laboratory) status(t *testing.T) map[string]*wire.AgentStatus {
	o := l.as(t.Context(), "second", "testbed", "status", "--json", "--interval", "1ms")
	if o.code != exitOK {
		return nil
	}
	var list []struct {
		Device string
		Status *wire.AgentStatus
	}
	if !assert.NoError(t, json.Unmarshal([]byte(o.stdout), &list), o.stdout) {
		return nil
	}
	all := map[string]*wire.AgentStatus{}
	for _, s := range list {
		if s.Status != nil {
			all[s.Device] = s.Status
		}
	}
	return all
}

// begin runs an endless plan as the first coordinator, and waits until it is at work.
func (l *laboratory) begin(t *testing.T) (ended <-chan output, stop func()) {
	t.Helper()
	plan := write(t, filepath.Join(t.TempDir(), "plan.yaml"),
		strings.Replace(read(t, small), "frames: 12, warmup: 2", "frames: 1000000", 1))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan output, 1)
	var wg sync.WaitGroup
	wg.Go(func() { done <- l.as(ctx, "first", "run", plan, "--driver", "deploy", "--results", t.TempDir()) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	require.Eventually(t, func() bool {
		all := l.status(t)
		for _, device := range []string{"box", "server"} {
			s := all[device]
			if s == nil || s.State != wire.Running || s.Frames == 0 || s.Held == nil {
				return false
			}
		}
		return all["box"].Held.Owner.Coordinator == "first"
	}, 60*time.Second, 50*time.Millisecond, "the run does not begin")
	return done, cancel
}

func after(t *testing.T, ended <-chan output) output {
	t.Helper()
	select {
	case o := <-ended:
		return o
	case <-time.After(30 * time.Second):
		require.Fail(t, "the run goes on")
		return output{}
	}
}

// fails checks that a command failed at run time, and what it says of that.
func (o output) fails(t *testing.T, says ...string) {
	t.Helper()
	assert.Equal(t, exitRun, o.code, o.stderr)
	for _, text := range says {
		assert.Contains(t, o.stderr, text)
	}
}

// All that a group does with a testbed works with the keys and permissions that init makes.
func TestTestbedOfSeveralMachines(t *testing.T) {
	l := newLaboratory(t)
	for device, s := range l.status(t) {
		assert.Equal(t, wire.Free, s.State, device)
		assert.Equal(t, l.agents[device].cmd.Process.Pid, s.PID)
	}
	twin := l.agent(t, "box")
	assert.Equal(t, exitRun, twin.code(t))
	assert.Contains(t, twin.String(), fmt.Sprintf("device box has the agent that is process %d on host ",
		l.agents["box"].cmd.Process.Pid))

	ended, _ := l.begin(t)
	o := l.as(t.Context(), "second", "run", small, "--driver", "deploy", "--results", t.TempDir())
	o.fails(t, "device box is held by coordinator first (user ", "wait for it with --wait, or end that run with "+
		"--take")
	require.Eventually(t, func() bool { // an agent may be late to answer
		o = l.as(t.Context(), "second", "testbed", "status", "--interval", "1ms")
		return o.code == exitOK && regexp.MustCompile(
			`(?m)^server +running +\w+ +\d+ of 1000000 +.* coordinator first \(user `).MatchString(o.stdout)
	}, 20*time.Second, 50*time.Millisecond, o.stdout)
	o = l.as(t.Context(), "second", "run", small, "--driver", "deploy", "--results", t.TempDir(), "--take")
	require.Equal(t, exitOK, o.code, o.stderr)
	after(t, ended).fails(t, "another coordinator ended the run", "was taken by coordinator second (user ")

	ended, _ = l.begin(t)
	o = l.as(t.Context(), "second", "testbed", "stop", "--device", "server")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "device server is free; it was held by coordinator first (user ")
	after(t, ended).fails(t, "was taken by coordinator second (user ")

	ended, stop := l.begin(t)
	waiting := make(chan output, 1)
	results := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		waiting <- l.as(ctx, "second", "run", small, "--driver", "deploy", "--results", results, "--wait")
	}()
	stop()
	assert.Equal(t, exitRun, after(t, ended).code)
	o = after(t, waiting)
	assert.Equal(t, exitOK, o.code, o.stderr)
}

// An agent that gets SIGTERM says goodbye and ends, and the run is told at once.
func TestAgentThatIsTerminated(t *testing.T) {
	l := newLaboratory(t)
	ended, _ := l.begin(t)
	require.NoError(t, l.agents["server"].cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, exitOK, l.agents["server"].code(t), l.agents["server"])
	after(t, ended).fails(t, fmt.Sprintf("device server: its agent, process %d on host ",
		l.agents["server"].cmd.Process.Pid), ", was stopped")
	require.Eventually(t, func() bool { return l.status(t)["server"] == nil }, 20*time.Second, 50*time.Millisecond)
	first, err := identity.ReadFile(l.file(identity.Coordinator, "first"))
	require.NoError(t, err)
	d, err := coordinator.Dial(first.Access())
	require.NoError(t, err)
	defer d.Conn.Close()
	_, err = d.Status(t.Context(), "server")
	require.ErrorIs(t, err, coordinator.ErrNoAgent)
}
