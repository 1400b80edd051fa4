package testbed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const registerLimit = 20 * time.Second // for agents to register

// Config says what a testbed consists of.
type Config struct {
	Devices []string // names in the platform graph; an agent each
	Port    int      // of the NATS server; 0 takes a free one

	// InProcess runs the agents as goroutines with Agent's settings, whose Device,
	// URL and State are filled in. Otherwise they are child processes.
	InProcess bool
	Agent     agent.Config
	Clocks    map[string]clock.Clock // of devices in process, in place of Agent's

	// Command makes the command of a child agent that keeps its state in a folder of
	// the testbed's, and connects as its testbed file says. It must stop when its standard
	// input ends. nil: this program's `agent` command. It is called from any goroutine, once
	// per start.
	Command func(device, testbed, state string) *exec.Cmd

	// Broker makes the command of a NATS server with a configuration file, as `broker` of
	// this program is. It must stop when its standard input ends. nil: the server is embedded
	// here.
	Broker func(config string) *exec.Cmd

	// Guests are coordinators beside the testbed's own, by name: see Testbed.File.
	Guests []string

	// Users may connect besides.
	Users []*server.NkeyUser

	// Restarts is how often in a minute a child process that ends unasked is started
	// again. 0: never.
	Restarts int
}

// Testbed is a NATS server and agents on this machine. Close must be called.
type Testbed struct {
	broker  *broker
	known   map[string]*identity.Member // by name
	files   map[string]string           // by name: the testbed file
	driver  *coordinator.Driver
	own     string // name of the driver
	dir     *tempdir.Dir
	members []*member
	watch   sync.WaitGroup

	mu      sync.Mutex
	closing bool
	err     error
	lost    chan struct{}
}

// Start starts a NATS server on the loopback interface, which takes only clients with the
// keys that are made here, and an agent per device, and returns when all agents have
// registered. Errors wrap ErrSetup or coordinator.ErrAgentLost.
func Start(ctx context.Context, cfg Config) (*Testbed, error) {
	dir, err := tempdir.Make("testbed")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSetup, err)
	}
	t := &Testbed{dir: dir, lost: make(chan struct{})}
	if err = t.makeMembers(&cfg); err == nil {
		t.broker, err = t.startBroker(ctx, &cfg)
	}
	if err == nil {
		err = t.writeFiles(&cfg)
	}
	if err == nil {
		err = t.start(ctx, cfg)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Testbed) start(ctx context.Context, cfg Config) (err error) {
	if b := t.broker.child; b != nil {
		t.look(b)
	}
	if t.driver, err = coordinator.Dial(t.Access(t.own)); err != nil {
		return fmt.Errorf("%w: connect to the testbed's server: %w", ErrSetup, err)
	}
	if cfg.Command == nil && !cfg.InProcess {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("%w: which program to start agents with: %w", ErrSetup, err)
		}
		cfg.Command = func(_, testbed, state string) *exec.Cmd {
			return exec.Command(self, "agent", "--testbed", testbed, "--state", state, "--watch-stdin")
		}
	}
	for _, device := range cfg.Devices {
		var m *member
		state := filepath.Join(t.dir.Path, "state")
		if cfg.InProcess {
			c := cfg.Agent
			c.Device, c.URL, c.State, c.StopLimit = device, t.URL(), state, -1
			c.Options = append(slices.Clip(c.Options), t.known[device].Key.Option())
			if own, ok := cfg.Clocks[device]; ok {
				c.Clock = own
			}
			m = goAgent(c)
		} else if m, err = supervise(deviceName(device), cfg.Restarts,
			func() *exec.Cmd { return cfg.Command(device, t.File(device), state) }); err != nil {
			return err
		}
		t.members = append(t.members, m)
		t.look(m)
	}
	return t.registered(ctx, cfg.Devices)
}

// look waits for the end of a member.
func (t *Testbed) look(m *member) {
	t.watch.Go(func() {
		<-m.done
		t.ended(m)
	})
}

// ended notes that a member has ended, which only Close may make it do.
func (t *Testbed) ended(m *member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closing && t.err == nil {
		err := m.err()
		if err == nil {
			err = errors.New("it stopped")
		}
		t.err = fmt.Errorf("%w: %s: %w", coordinator.ErrAgentLost, m.name, err)
		close(t.lost)
	}
}

// registered waits until every device's agent answers.
func (t *Testbed) registered(ctx context.Context, devices []string) error {
	ctx, cancel := context.WithTimeout(ctx, registerLimit)
	defer cancel()
	for {
		present, err := coordinator.Discover(ctx, t.Conn(), 100*time.Millisecond)
		if err != nil {
			return err
		}
		var missing []string
		for _, d := range devices {
			if !present[d] {
				missing = append(missing, d)
			}
		}
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-t.lost:
			return t.Err()
		case <-ctx.Done():
			return fmt.Errorf("%w: %w; agents that have not registered: %s", ErrSetup, context.Cause(ctx),
				strings.Join(missing, ", "))
		default:
		}
	}
}

// URL returns where the NATS server is.
func (t *Testbed) URL() string { return t.broker.url }

// Conn returns the coordinator's connection; Close closes it.
func (t *Testbed) Conn() *nats.Conn { return t.driver.Conn }

// Lost is closed when an agent or the NATS server has ended unasked and is not
// started again; Err then says which and why.
func (t *Testbed) Lost() <-chan struct{} { return t.lost }

// Err returns why a member has ended unasked, with what it wrote to its standard
// error, or nil.
func (t *Testbed) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Kill ends the child process that is a device's agent, or the NATS server for an
// empty name, as kill -9 does. It is for tests of what survives that. It is an error if
// there is no such process, or none at the moment.
func (t *Testbed) Kill(device string) error {
	m, err := t.member(device)
	if err != nil {
		return err
	}
	if err := m.kill(); err != nil {
		return fmt.Errorf("%w: kill %s: %w", ErrSetup, m.name, err)
	}
	return nil
}

// Interrupt implements coordinator.Interrupter. What it ends doesn't count towards
// Config.Restarts.
func (t *Testbed) Interrupt(device string) (resume func(), err error) {
	m, err := t.member(device)
	if err != nil {
		return nil, err
	}
	if resume, err = m.hold(); err != nil {
		return nil, fmt.Errorf("%w: interrupt %s: %w", ErrSetup, m.name, err)
	}
	return resume, nil
}

// member returns the process of a device's agent, or the NATS server for an empty name.
func (t *Testbed) member(device string) (*member, error) {
	if device == "" && t.broker.child != nil {
		return t.broker.child, nil
	}
	for _, m := range t.members {
		if m.name == deviceName(device) {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w: it has no process for %q", ErrSetup, device)
}

// Driver returns a coordinator of the testbed's agents.
func (t *Testbed) Driver() *coordinator.Driver {
	d := &coordinator.Driver{Conn: t.Conn(), Name: t.driver.Name, Processes: t}
	if t.broker.srv != nil {
		d.Server = t.broker
	}
	return d
}

// Close stops the agents, kills those that have not stopped after 3 s, and
// stops the server. It leaves no process, goroutine or file. What a killed process leaves
// is removed when the next testbed starts.
func (t *Testbed) Close() {
	t.mu.Lock()
	closed := t.closing
	t.closing = true
	t.mu.Unlock()
	if closed {
		return
	}
	for _, m := range t.members {
		m.stop()
	}
	late, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	for _, m := range t.members {
		m.end(late)
	}
	if t.driver != nil {
		transport.Close(t.Conn())
	}
	if t.broker != nil {
		t.broker.close()
	}
	t.watch.Wait()
	_ = t.dir.Remove() // what is left is removed by the next testbed
}
