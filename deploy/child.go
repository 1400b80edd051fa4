package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
)

// stragglers is how long agents may take to stop before they are killed.
const stragglers = 3 * time.Second

// member is an agent of a testbed.
type member struct {
	device string
	stop   func()          // asks it to stop
	kill   func()          // makes a child process end; a goroutine can't be made to
	done   <-chan struct{} // closed when it has ended
	err    func() error    // why it ended; valid once done is closed
}

// goAgent runs an agent as a goroutine.
func goAgent(cfg agent.Config) *member {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		err = agent.Run(ctx, cfg)
	}()
	return &member{device: cfg.Device, stop: cancel, kill: func() {}, done: done, err: func() error { return err }}
}

// startChild runs an agent as a child process, which stops when its standard input ends.
func startChild(device string, cmd *exec.Cmd) (*member, error) {
	said := &tail{}
	cmd.Stderr = said
	// The terminal's interrupt is for the parent, which then stops its children.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: start the agent of device %s: %w", ErrTestbed, device, err)
	}
	done := make(chan struct{})
	var exit error
	go func() {
		defer close(done)
		if exit = cmd.Wait(); exit == nil {
			exit = errors.New("it exited")
		}
		if s := said.String(); s != "" {
			exit = fmt.Errorf("%w; it said:\n%s", exit, s)
		}
	}()
	return &member{
		device: device, done: done, err: func() error { return exit },
		stop: func() { closeQuietly(stdin) },
		kill: func() { _ = cmd.Process.Kill() }, // it fails only if the child has ended
	}, nil
}

func closeQuietly(c io.Closer) { _ = c.Close() }

// tail keeps the last bytes that are written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
