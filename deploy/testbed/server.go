package testbed

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/identity/provision"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	readyLimit = 10 * time.Second // for a server to take connections
	lowPort    = 20000            // ports from here on are no system's choice for outgoing connections
	ports      = 10000
)

// Serve runs a NATS server with a configuration file until ctx ends. What JetStream stores is
// there again for the next one. Errors wrap ErrSetup.
func Serve(ctx context.Context, config string) error {
	o, err := server.ProcessConfigFile(config)
	if err != nil {
		return fmt.Errorf("%w: NATS server: %w", ErrSetup, err)
	}
	srv, err := serve(o)
	if err != nil {
		return err
	}
	<-ctx.Done()
	shutdown(srv)
	return nil
}

func serve(o *server.Options) (*server.Server, error) {
	o.NoLog, o.NoSigs = true, true
	srv, err := server.NewServer(o)
	if err == nil {
		srv.Start()
		if srv.ReadyForConnections(readyLimit) {
			return srv, nil
		}
		shutdown(srv)
		err = fmt.Errorf("not ready within %v", readyLimit)
	}
	return nil, fmt.Errorf("%w: NATS server on port %d: %w", ErrSetup, o.Port, err)
}

func shutdown(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// broker is a NATS server on the loopback interface: srv in this process or child
// in one of its own.
type broker struct {
	srv   *server.Server
	child *member
	url   string
}

// startBroker starts a server that takes the testbed's members; port 0 takes a free one.
func (t *Testbed) startBroker(ctx context.Context, cfg *Config) (*broker, error) {
	c := provision.ServerConfig{Host: "127.0.0.1", Name: "edgeprune",
		Store: filepath.Join(t.dir.Path, "nats"), Members: slices.Collect(maps.Values(t.known)), Others: cfg.Users}
	port := cfg.Port
	if port != 0 {
		if err := probe(port); err != nil {
			return nil, fmt.Errorf("%w: NATS port %d can't be used: %w; give another one, or 0 for any", ErrSetup, port, err)
		}
	}
	if cfg.Broker == nil {
		if c.Port = port; port == 0 {
			c.Port = server.RANDOM_PORT
		}
		srv, err := serve(c.Options())
		if err != nil {
			return nil, err
		}
		return &broker{srv: srv, url: srv.ClientURL()}, nil
	}
	for n := 0; port == 0 && n < ports; n++ {
		if p := lowPort + (os.Getpid()+n)%ports; probe(p) == nil {
			port = p
		}
	}
	c.Port = port
	config, err := c.Encode()
	path := filepath.Join(t.dir.Path, provision.ConfigFile)
	if err == nil {
		err = identity.WriteNew(path, config)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSetup, err)
	}
	b := &broker{url: "nats://" + c.Listen()}
	b.child, err = supervise("the NATS server", cfg.Restarts, func() *exec.Cmd { return cfg.Broker(path) })
	if err != nil {
		return nil, err
	}
	if err := b.ready(ctx, t.known[t.own].Key.Option()); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// probe reports whether a port of the loopback interface is free.
func probe(port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return l.Close()
}

// ready waits until the child takes connections.
func (b *broker) ready(ctx context.Context, key nats.Option) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	for {
		nc, err := nats.Connect(b.url, key)
		if err == nil {
			nc.Close()
			return nil
		}
		select {
		case <-b.child.done:
			return fmt.Errorf("%w: %w", ErrSetup, b.child.err())
		case <-ctx.Done():
			return fmt.Errorf("%w: no NATS server at %s: %w", ErrSetup, b.url, err)
		case <-time.After(restartDelay):
		}
	}
}

// Traffic implements coordinator.Server, for a server in this process.
func (b *broker) Traffic() (map[string]coordinator.Traffic, error) {
	return Traffic(b.srv)
}

// Traffic returns what a server counts of its connections: see coordinator.Server.
func Traffic(srv *server.Server) (map[string]coordinator.Traffic, error) {
	list, err := srv.Connz(&server.ConnzOptions{Limit: math.MaxInt32})
	if err != nil {
		return nil, fmt.Errorf("%w: counters of the NATS server: %w", ErrSetup, err)
	}
	all, several := map[string]coordinator.Traffic{}, map[string]bool{}
	for _, c := range list.Conns {
		_, known := all[c.Name]
		several[c.Name] = known || several[c.Name]
		all[c.Name] = coordinator.Traffic{Connection: c.Cid, FromClient: c.InBytes, ToClient: c.OutBytes}
	}
	maps.DeleteFunc(all, func(name string, _ coordinator.Traffic) bool { return several[name] })
	return all, nil
}

func (b *broker) close() {
	if b.srv != nil {
		shutdown(b.srv)
		return
	}
	late, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	b.child.end(late)
}
