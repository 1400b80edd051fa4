package benchmarks

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/identity/provision"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

const (
	bedTime     = 20 * time.Second // for a server or agents to be there
	coordinates = "coordinator"
)

// bedConfig says how a bed is secured, whether its agents' clocks have different names, so
// that they probe each other, and whether they seal tokens.
type bedConfig struct {
	name                    string
	tls, keys, probes, seal bool
}

// bed is a NATS server in this process and an agent each for endpoint and server in a process
// of its own.
type bed struct {
	bedConfig
	srv    *natsserver.Server
	driver *coordinator.Driver
}

// newBed starts a bed, whose keys and certificates are those that `testbed init` makes.
func newBed(b *testing.B, c bedConfig) *bed {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "bed")
	made, err := (&provision.Testbed{Server: "hub", Hosts: []string{"127.0.0.1"}, Port: 4222,
		Devices: []string{endpoint, server}}).Init(dir, time.Now())
	require.NoError(b, err)
	files := map[string]*identity.File{}
	for _, folder := range append(made.Devices, made.Coordinators...) {
		f, err := identity.ReadFile(filepath.Join(folder, identity.FileName))
		require.NoError(b, err)
		files[f.Name] = f
	}
	s := &bed{bedConfig: c, srv: c.serve(b, made.Server, files)}
	port := s.srv.Addr().(*net.TCPAddr).Port
	for name, f := range files {
		f.Server = fmt.Sprintf("nats://127.0.0.1:%d", port)
		if c.tls {
			f.Server = strings.Replace(f.Server, "nats", "tls", 1)
		} else {
			f.TLSCA = ""
		}
		if !c.keys {
			f.Nkey = ""
		}
		if f.Role == identity.Device {
			s.startAgent(b, f, name)
		}
	}
	s.driver, err = coordinator.Dial(files[coordinates].Access())
	require.NoError(b, err)
	b.Cleanup(func() { transport.Close(s.driver.Conn) })
	s.driver.Server = s
	require.Eventually(b, func() bool {
		present, err := coordinator.Discover(b.Context(), s.driver.Conn, 100*time.Millisecond)
		return err == nil && present[endpoint] && present[server]
	}, bedTime, 10*time.Millisecond)
	return s
}

// serve starts the server with what lies in its folder.
func (c *bedConfig) serve(b *testing.B, dir string, files map[string]*identity.File) *natsserver.Server {
	b.Helper()
	o := &natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: filepath.Join(dir, "jetstream"), MaxPayload: provision.MaxPayloadBytes}
	if c.tls {
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server-key.pem"))
		require.NoError(b, err)
		o.TLS, o.TLSConfig = true, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if c.keys {
		for _, f := range files {
			key, err := identity.ReadKey(f.Nkey)
			require.NoError(b, err)
			o.Nkeys = append(o.Nkeys, (&identity.Member{Role: f.Role, Name: f.Name, Key: key}).User())
		}
	}
	srv, err := natsserver.NewServer(o)
	require.NoError(b, err)
	srv.Start()
	b.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	require.True(b, srv.ReadyForConnections(bedTime))
	return srv
}

// startAgent starts the agent that a testbed file is about.
func (s *bed) startAgent(b *testing.B, f *identity.File, device string) {
	b.Helper()
	text := fmt.Sprintf("name: %s\nrole: %s\nserver: %s\nnkey: %q\ntls_ca: %q\ndevices: []\n", f.Name, f.Role, f.Server,
		f.Nkey, f.TLSCA)
	path := filepath.Join(b.TempDir(), device+".yaml")
	require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
	env := []string{childAgent + "=" + device, childBed + "=" + path}
	if s.probes {
		env = append(env, childClock+"=clock of "+device)
	}
	cmd := self(env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { stop(b, stdin, cmd) })
}

// Traffic implements coordinator.Server.
func (s *bed) Traffic() (map[string]coordinator.Traffic, error) { return testbed.Traffic(s.srv) }

// carried returns the bytes, by device, of all messages from and to its agent so far, as the
// server counts them: without subjects.
func (s *bed) carried(b *testing.B) map[string]int64 {
	b.Helper()
	all, err := s.Traffic()
	require.NoError(b, err)
	sum := map[string]int64{}
	for _, device := range []string{endpoint, server} {
		for _, name := range []string{wire.ConnectionName(device), wire.DataConnectionName(device)} {
			require.Contains(b, all, name)
			sum[device] += all[name].FromClient + all[name].ToClient
		}
	}
	return sum
}

// namedClock is the machine's clock by another name.
type namedClock struct {
	clock.Clock
	id string
}

// ID returns the name.
func (c namedClock) ID() string { return c.id }
