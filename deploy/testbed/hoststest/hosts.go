package hoststest

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Spec says what a host is like. The zero value has the machine's clock and an unlimited link.
type Spec struct {
	Ahead time.Duration // of its monotonic clock before the machine's, in whole seconds
	Link  Link          // to the switch
}

// Hosts reach each other through a switch; its methods may be called from any goroutine.
type Hosts struct {
	hub   string // the network namespace of the switch
	hosts map[string]*host
}

type host struct {
	namespace, address, port string // port: of the switch
	spec                     Spec
	pid                      string // of the process that holds its namespaces
	wire                     *wire  // nil: a kernel's link
}

// made counts the Hosts of this process.
var made atomic.Int64

// New makes hosts that end with the test. Where none can be made it leaves the test out and
// says why.
func New(t testing.TB, specs map[string]Spec) *Hosts {
	t.Helper()
	need(t, slices.Collect(maps.Values(specs))...)
	require.NoError(t, clean())
	pid := os.Getpid()
	all := fmt.Sprintf("%s%d-%s-%d-", prefix, pid, started(pid), made.Add(1))
	h := &Hosts{hub: all + "switch", hosts: map[string]*host{}}
	namespace(t, h.hub)
	run(t, "ip", "-n", h.hub, "link", "add", "switch", "type", "bridge")
	run(t, "ip", "-n", h.hub, "link", "set", "switch", "up")
	for i, name := range slices.Sorted(maps.Keys(specs)) {
		number := strconv.Itoa(i + 1)
		x := &host{namespace: all + name, address: "10.77.0." + number, port: "port" + number, spec: specs[name]}
		h.hosts[name] = x
		namespace(t, x.namespace)
		h.connect(t, x)
		run(t, "ip", "-n", x.namespace, "address", "add", x.address+"/24", "dev", "eth0")
		for _, link := range []string{"lo", "eth0"} {
			run(t, "ip", "-n", x.namespace, "link", "set", link, "up")
		}
		x.hold(t, i+1)
		h.Shape(t, name, x.spec.Link)
	}
	return h
}

// namespace makes a network namespace that ends with the test.
func namespace(t testing.TB, name string) {
	t.Helper()
	run(t, "ip", "netns", "add", name)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
}

// hold starts the process that holds the host's namespaces.
func (x *host) hold(t testing.TB, number int) {
	t.Helper()
	boot := filepath.Join(t.TempDir(), "boot_id")
	id := fmt.Sprintf("77777777-7777-4777-8777-%012d\n", number)
	require.NoError(t, os.WriteFile(boot, []byte(id), 0o644))
	seconds := strconv.Itoa(int(x.spec.Ahead / time.Second))
	cmd := exec.Command("ip", "netns", "exec", x.namespace,
		"unshare", "--mount", "--time", "--fork", "--kill-child", "--monotonic", seconds, "sh", "-c",
		`mount --bind "$0" /proc/sys/kernel/random/boot_id && echo $$ && exec sleep infinity`, boot)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "make the namespaces of a host")
	x.pid = strings.TrimSpace(line)
}

// host returns a host that must have been made.
func (h *Hosts) host(name string) *host {
	x := h.hosts[name]
	if x == nil {
		panic("hoststest: there is no host " + name)
	}
	return x
}

// Names returns those of the hosts, sorted.
func (h *Hosts) Names() []string { return slices.Sorted(maps.Keys(h.hosts)) }

// Address returns that of a host in the hosts' network.
func (h *Hosts) Address(name string) string { return h.host(name).address }

// URL returns that of a NATS server at a port of a host.
func (h *Hosts) URL(name, port string) string {
	return "nats://" + net.JoinHostPort(h.Address(name), port)
}

// Ahead returns by how much the clock of a host is ahead of this machine's.
func (h *Hosts) Ahead(name string) time.Duration { return h.host(name).spec.Ahead }
