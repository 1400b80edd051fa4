//go:build hosts

package hosts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/require"
)

// The programs that hosts run, built by TestMain.
var program, broker string

func TestMain(m *testing.M) { os.Exit(withPrograms(m.Run)) }

func withPrograms(tests func() int) int {
	dir, err := os.MkdirTemp("", "edgeprune-hosts-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program, broker = filepath.Join(dir, "edgeprune"), filepath.Join(dir, "nats-server")
	if hoststest.Possible() == nil {
		for path, what := range map[string]string{
			program: "github.com/edgeprune/edgeprune", broker: "github.com/nats-io/nats-server/v2",
		} {
			if out, err := exec.Command("go", "build", "-o", path, what).CombinedOutput(); err != nil {
				panic(fmt.Sprintf("build %s: %v: %s", what, err, out))
			}
		}
	}
	return tests()
}

const (
	port    = "4222"
	monitor = "8222"
	// soon is what a condition may take on a loaded machine.
	soon = time.Minute
)

// site is a testbed on hosts: a NATS server on "hub", agents on hosts that have the names of
// their devices, coordinators anywhere.
type site struct {
	*hoststest.Hosts
	dir string
	url string // of the server on hub
	lab string // folder of the keys; "": the server asks for none
}

// newSite makes hosts, which have nothing to run yet.
func newSite(t *testing.T, specs map[string]hoststest.Spec) *site {
	t.Helper()
	h := hoststest.New(t, specs)
	return &site{Hosts: h, dir: t.TempDir(), url: h.URL("hub", port)}
}

// provide makes keys for agents of devices, and for a coordinator on every host.
func (s *site) provide(t *testing.T, devices ...string) {
	t.Helper()
	s.lab = filepath.Join(s.dir, "lab")
	args := []string{"testbed", "init", s.lab, "--server", "hub=" + s.Address("hub"), "--port", port}
	for _, d := range devices {
		args = append(args, "--device", d)
	}
	for _, host := range s.Names() {
		args = append(args, "--coordinator", "at-"+host)
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// access is how a program connects to the server on hub as a member of the testbed.
func (s *site) access(member string) []string {
	if s.lab == "" {
		return []string{"--nats", s.url}
	}
	return []string{"--testbed", filepath.Join(s.lab, member, "testbed.yaml")}
}

// serve starts the NATS server on hub, as it is configured by provide or by args, and waits
// until it takes connections.
func (s *site) serve(t *testing.T, args ...string) *hoststest.Process {
	t.Helper()
	command := []string{broker, "-m", monitor, "-a", "0.0.0.0", "-js", "-sd", s.store()}
	if s.lab != "" { // the configuration's paths are relative to its folder
		command = []string{"env", "-C", filepath.Join(s.lab, "server"), broker, "-m", monitor, "-c", "nats-server.conf"}
	}
	return s.ready(t, "hub", append(command, args...)...)
}

// store is the folder of hub's JetStream.
func (s *site) store() string {
	if s.lab != "" {
		return filepath.Join(s.lab, "server", "jetstream")
	}
	return filepath.Join(s.dir, "jetstream")
}

// ready starts a NATS server on a host and waits until it takes connections.
func (s *site) ready(t *testing.T, host string, command ...string) *hoststest.Process {
	t.Helper()
	p := s.Start(t, host, command...)
	said := func() bool { return strings.Contains(p.Output(), "Server is ready") }
	require.Eventually(t, func() bool { return said() || p.Ended() }, soon, 20*time.Millisecond, "no server on %s", host)
	require.True(t, said(), p.Output())
	return p
}

// state is the folder of an agent's --state.
func (s *site) state(device string) string { return filepath.Join(s.dir, "state", device) }

// agent starts that of a device on the host of that name.
func (s *site) agent(t *testing.T, device string, args ...string) *hoststest.Process {
	t.Helper()
	return s.agentOn(t, device, device, args...)
}

// agentOn starts that of a device on a host.
func (s *site) agentOn(t *testing.T, host, device string, args ...string) *hoststest.Process {
	t.Helper()
	command := append([]string{program, "agent", "--name", device}, s.access("device-"+device)...)
	return s.Start(t, host, append(append(command, "--wait", "60s", "--state", s.state(device)), args...)...)
}

// connection is what a NATS server tells of a client.
type connection struct {
	Name    string `json:"name"`
	InBytes int64  `json:"in_bytes"` // that it has sent
}

// connections asks the NATS server of a host who its clients are; nil if it doesn't answer.
func (s *site) connections(host string) []connection {
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return s.Dial(ctx, host, address)
		},
	}}
	answer, err := client.Get("http://127.0.0.1:" + monitor + "/connz?limit=1000")
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	var all struct{ Connections []connection }
	data, err := io.ReadAll(answer.Body)
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all.Connections
}

// sent returns how many bytes a device's agent has sent to a host's server over all its
// connections; -1: it has none.
func (s *site) sent(host, device string) int64 {
	bytes := int64(-1)
	for _, c := range s.connections(host) {
		if c.Name == wire.ConnectionName(device) || c.Name == wire.DataConnectionName(device) {
			bytes = max(bytes, 0) + c.InBytes
		}
	}
	return bytes
}

// present waits until the agents of devices are connected to a host's server.
func (s *site) present(t *testing.T, host string, devices ...string) {
	t.Helper()
	for _, d := range devices {
		require.Eventually(t, func() bool { return s.sent(host, d) > 0 }, soon, 50*time.Millisecond,
			"no agent of %s at the server on %s", d, host)
	}
}

// coordinate starts a run of a plan on the agents, from a host. Its results lie below a folder
// of the name; args must have --driver.
func (s *site) coordinate(t *testing.T, host, plan, name string, args ...string) *hoststest.Process {
	t.Helper()
	command := append([]string{program, "run", plan}, s.access("coordinator-at-"+host)...)
	return s.Start(t, host, append(append(command, "--json", "--results", filepath.Join(s.dir, "results", name)),
		args...)...)
}

// runs returns what a process of run has found, once it is over.
func runs(p *hoststest.Process) ([]result.PlanRun, error) {
	<-p.Done()
	if p.Code() != 0 {
		return nil, fmt.Errorf("exit code %d: %s", p.Code(), p.Output())
	}
	var all []result.PlanRun
	if err := json.Unmarshal([]byte(p.Answer()), &all); err != nil {
		return nil, fmt.Errorf("%w: %s", err, p.Answer())
	}
	return all, nil
}
