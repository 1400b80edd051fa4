package testbedtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nuid"
	"github.com/stretchr/testify/require"
)

// Hosts are machines that are none: network, time and mount namespaces of this one
// (namespaces(7)), each with an address, a boot ID and a monotonic clock of its own. They
// need Linux, root, ip(8), unshare(1) and nsenter(1).
type Hosts struct {
	prefix string
	hosts  map[string]*host
}

type host struct {
	namespace, address string
	ahead              time.Duration
	pid                string // of the process that holds its namespaces
}

// NewHosts makes hosts that reach each other; they end with the test. Their clocks are ahead
// of the machine's by that much, in whole seconds.
func NewHosts(t testing.TB, ahead map[string]time.Duration) *Hosts {
	t.Helper()
	h := &Hosts{prefix: "ep" + strings.ToLower(nuid.Next()[16:]), hosts: map[string]*host{}}
	hub := h.prefix + "-switch"
	run(t, "ip", "netns", "add", hub)
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", hub).Run() })
	run(t, "ip", "-n", hub, "link", "add", "switch", "type", "bridge")
	run(t, "ip", "-n", hub, "link", "set", "switch", "up")
	for name, by := range ahead {
		n := len(h.hosts) + 1
		x := &host{namespace: h.prefix + "-" + name, address: fmt.Sprintf("10.77.0.%d", n), ahead: by}
		h.hosts[name] = x
		run(t, "ip", "netns", "add", x.namespace)
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", x.namespace).Run() })
		port := "port" + strconv.Itoa(n)
		run(t, "ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", x.namespace)
		run(t, "ip", "-n", hub, "link", "set", port, "master", "switch", "up")
		run(t, "ip", "-n", x.namespace, "address", "add", x.address+"/24", "dev", "eth0")
		for _, link := range []string{"lo", "eth0"} {
			run(t, "ip", "-n", x.namespace, "link", "set", link, "up")
		}
		x.hold(t, n)
	}
	return h
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
}

// hold starts the process that holds the host's namespaces.
func (x *host) hold(t testing.TB, number int) {
	boot := filepath.Join(t.TempDir(), "boot_id")
	id := fmt.Sprintf("77777777-7777-4777-8777-%012d\n", number)
	require.NoError(t, os.WriteFile(boot, []byte(id), 0o644))
	seconds := strconv.Itoa(int(x.ahead / time.Second))
	cmd := exec.Command("ip", "netns", "exec", x.namespace,
		"unshare", "--mount", "--time", "--fork", "--kill-child", "--monotonic", seconds, "sh", "-c",
		`mount --bind "$0" /proc/sys/kernel/random/boot_id && echo $$ && exec sleep infinity`, boot)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "make the namespaces of a host: root only, with unshare and ip")
	x.pid = strings.TrimSpace(line)
}

// Address returns that of a host in the hosts' network.
func (h *Hosts) Address(name string) string { return h.hosts[name].address }

// Ahead returns by how much the clock of a host is ahead of this machine's.
func (h *Hosts) Ahead(name string) time.Duration { return h.hosts[name].ahead }

// Command returns a command that runs on a host.
func (h *Hosts) Command(name string, args ...string) *exec.Cmd {
	enter := []string{"--target", h.hosts[name].pid, "--mount", "--net", "--time"}
	return exec.Command("nsenter", append(enter, args...)...)
}

// Start starts a command on a host, which ends with the test. What it writes goes to the
// test's standard error.
func (h *Hosts) Start(t testing.TB, name string, args ...string) {
	t.Helper()
	cmd := h.Command(name, args...)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		end := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		defer end.Stop()
		_ = cmd.Wait()
	})
}
