package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// registerLimit is how long agents may take to register.
const registerLimit = 20 * time.Second

// TestbedConfig says what a testbed consists of.
type TestbedConfig struct {
	Devices []string // names in the platform graph; an agent each
	Port    int      // of the embedded NATS server; 0 takes a free one

	// InProcess runs the agents as goroutines with Agent's settings, whose Device and
	// URL are filled in. Otherwise they are child processes.
	InProcess bool
	Agent     agent.Config

	// Command makes the command of a child agent, which must stop when its standard
	// input ends. nil: this program's `agent` command.
	Command func(device, url string) *exec.Cmd
}

// Testbed is a NATS server and agents on this machine. Close must be called.
type Testbed struct {
	broker  *broker
	conn    *nats.Conn
	members []*member
	watch   sync.WaitGroup

	mu      sync.Mutex
	closing bool
	err     error
	lost    chan struct{}
}

// NewTestbed starts a NATS server on the loopback interface and an agent per
// device, and returns when all agents have registered. Errors wrap ErrTestbed or ErrAgentLost.
func NewTestbed(ctx context.Context, cfg TestbedConfig) (*Testbed, error) {
	b, err := startBroker(cfg.Port)
	if err != nil {
		return nil, err
	}
	t := &Testbed{broker: b, lost: make(chan struct{})}
	if err := t.start(ctx, cfg); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Testbed) start(ctx context.Context, cfg TestbedConfig) (err error) {
	if t.conn, err = nats.Connect(t.URL(), nats.Name("edgeprune coordinator")); err != nil {
		return fmt.Errorf("%w: connect to the embedded server: %w", ErrTestbed, err)
	}
	if cfg.Command == nil && !cfg.InProcess {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("%w: which program to start agents with: %w", ErrTestbed, err)
		}
		cfg.Command = func(device, url string) *exec.Cmd {
			return exec.Command(self, "agent", "--name", device, "--nats", url, "--watch-stdin")
		}
	}
	for _, device := range cfg.Devices {
		var m *member
		if cfg.InProcess {
			c := cfg.Agent
			c.Device, c.URL = device, t.URL()
			m = goAgent(c)
		} else if m, err = startChild(device, cfg.Command(device, t.URL())); err != nil {
			return err
		}
		t.members = append(t.members, m)
		t.watch.Go(func() {
			<-m.done
			t.ended(m)
		})
	}
	return t.registered(ctx, cfg.Devices)
}

// ended notes that an agent has ended, which only Close may make it do.
func (t *Testbed) ended(m *member) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closing && t.err == nil {
		err := m.err()
		if err == nil {
			err = errors.New("it stopped")
		}
		t.err = fmt.Errorf("%w: device %s: %w", ErrAgentLost, m.device, err)
		close(t.lost)
	}
}

// registered waits until every device's agent answers.
func (t *Testbed) registered(ctx context.Context, devices []string) error {
	ctx, cancel := context.WithTimeout(ctx, registerLimit)
	defer cancel()
	for {
		present, err := Discover(ctx, t.conn, 100*time.Millisecond)
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
			return fmt.Errorf("%w: %w; agents that have not registered: %s", ErrTestbed, context.Cause(ctx), strings.Join(missing, ", "))
		default:
		}
	}
}

// Discover returns the devices whose agents answer within wait.
func Discover(ctx context.Context, nc *nats.Conn, wait time.Duration) (map[string]bool, error) {
	subject, err := micro.ControlSubject(micro.PingVerb, wire.Service, "")
	if err != nil {
		return nil, err
	}
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err == nil {
		defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
		err = nc.PublishRequest(subject, inbox, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("deploy: look for agents: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	present := make(map[string]bool)
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return present, nil // the time is over
		}
		var ping micro.Ping
		if json.Unmarshal(msg.Data, &ping) == nil {
			present[ping.Metadata[wire.Device]] = true
		}
	}
}

// URL returns where the NATS server is.
func (t *Testbed) URL() string { return t.broker.url() }

// Conn returns the coordinator's connection; Close closes it.
func (t *Testbed) Conn() *nats.Conn { return t.conn }

// Lost is closed when an agent has ended unasked; Err then says which and why.
func (t *Testbed) Lost() <-chan struct{} { return t.lost }

// Err returns why an agent has ended unasked, with what it wrote to its standard
// error, or nil.
func (t *Testbed) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// Driver returns a coordinator of the testbed's agents.
func (t *Testbed) Driver() *Driver { return &Driver{Conn: t.conn, Testbed: t} }

// Close stops the agents, kills those that have not stopped after 3 s, and
// stops the server. It leaves no process, goroutine or file.
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
	late, cancel := context.WithTimeout(context.Background(), stragglers)
	defer cancel()
	for _, m := range t.members {
		select {
		case <-m.done:
		case <-late.Done():
			m.kill()
			<-m.done
		}
	}
	t.watch.Wait()
	if t.conn != nil {
		closedConn := make(chan struct{})
		t.conn.SetClosedHandler(func(*nats.Conn) { close(closedConn) })
		t.conn.Close()
		<-closedConn
	}
	t.broker.close()
}
