package testbed

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

const (
	stopLimit    = 3 * time.Second // how long members may take to stop before they are killed
	restartDelay = 100 * time.Millisecond
	// restartSpan is what a limit of restarts is about.
	restartSpan = time.Minute
)

// member is an agent or a NATS server of a testbed.
type member struct {
	name string
	stop func()       // asks it to stop
	kill func() error // makes a child process end; a goroutine can't be made to
	// hold makes a child process end, and keeps it from being started again until release is called
	hold func() (release func(), err error)
	done <-chan struct{} // closed when it has ended, and will not be started again
	err  func() error    // why it ended; valid once done is closed
}

// end stops a member, and kills it if it has not stopped when late ends.
func (m *member) end(late context.Context) {
	m.stop()
	select {
	case <-m.done:
	case <-late.Done():
		_ = m.kill() // it fails only if the child has ended
		<-m.done
	}
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
	return &member{name: deviceName(cfg.Device), stop: cancel, kill: func() error { return errGoroutine }, done: done,
		hold: func() (func(), error) { return nil, errGoroutine },
		err:  func() error { return err }}
}

func deviceName(device string) string { return "device " + device }

// child is a child process that is started again when it ends unasked.
type child struct {
	command  func() *exec.Cmd
	limit    int // of restarts in restartSpan
	stopping chan struct{}
	once     sync.Once

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer
	said  *tail

	begun []time.Time   // of restarts
	held  chan struct{} // closed when it may be started again; nil: it may
}

// supervise starts a child process, which stops when its standard input ends.
func supervise(name string, limit int, command func() *exec.Cmd) (*member, error) {
	c := &child{command: command, limit: limit, stopping: make(chan struct{})}
	if err := c.start(); err != nil {
		return nil, fmt.Errorf("%w: start %s: %w", ErrSetup, name, err)
	}
	done := make(chan struct{})
	var exit error
	go func() {
		defer close(done)
		exit = c.watch()
	}()
	return &member{name: name, done: done, err: func() error { return exit }, stop: c.stop, kill: c.kill,
		hold: c.hold}, nil
}

func (c *child) start() error {
	cmd, said := c.command(), &tail{}
	cmd.Stderr = said
	// The terminal's interrupt is for the parent, which then stops its children.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd, c.stdin, c.said = cmd, stdin, said
	select {
	case <-c.stopping: // meanwhile
		_ = stdin.Close()
	default:
	}
	return nil
}

// watch waits for the process, and starts it again as long as it may.
func (c *child) watch() error {
	for {
		exit := c.cmd.Wait()
		if exit == nil {
			exit = errors.New("it exited")
		}
		if s := c.said.String(); s != "" {
			exit = fmt.Errorf("%w; it said:\n%s", exit, s)
		}
		if held := c.isHeld(); held != nil {
			select {
			case <-c.stopping:
				return exit
			case <-held:
			}
			c.letGo()
			if err := c.start(); err != nil {
				return fmt.Errorf("start it again: %w", err)
			}
			continue
		}
		now := time.Now()
		for len(c.begun) > 0 && now.Sub(c.begun[0]) > restartSpan {
			c.begun = c.begun[1:]
		}
		if len(c.begun) >= c.limit {
			if c.limit > 0 {
				exit = fmt.Errorf("it ended %d times within %v: %w", c.limit+1, restartSpan, exit)
			}
			return exit
		}
		c.begun = append(c.begun, now)
		select {
		case <-c.stopping:
			return exit
		case <-time.After(restartDelay):
		}
		if err := c.start(); err != nil {
			return fmt.Errorf("start it again: %w", err)
		}
	}
}

func (c *child) stop() {
	c.once.Do(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.stopping)
		_ = c.stdin.Close()
	})
}

func (c *child) kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmd.Process.Kill()
}

func (c *child) hold() (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		return nil, errHeld
	}
	if err := c.cmd.Process.Kill(); err != nil {
		return nil, err
	}
	held := make(chan struct{})
	c.held = held // until watch starts the process again
	return sync.OnceFunc(func() { close(held) }), nil
}

func (c *child) letGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = nil
}

func (c *child) isHeld() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held
}

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
