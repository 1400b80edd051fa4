package hoststest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Possible returns nil where hosts can be made, else an error that says why not. It wraps
// ErrImpossible.
var Possible = sync.OnceValue(func() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("%w: they need Linux, this is %s", ErrImpossible, runtime.GOOS)
	}
	if uid := os.Geteuid(); uid != 0 {
		return fmt.Errorf("%w: they need root, this is user %d", ErrImpossible, uid)
	}
	for tool, pkg := range map[string]string{
		"ip": "iproute2", "tc": "iproute2", "unshare": "util-linux", "nsenter": "util-linux", "mount": "mount",
	} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%w: %s is missing, which Debian's package %s has", ErrImpossible, tool, pkg)
		}
	}
	name := fmt.Sprintf("%s%d-%s-try", prefix, os.Getpid(), started(os.Getpid()))
	defer func() { _ = exec.Command("ip", "netns", "del", name).Run() }()
	for _, try := range [][]string{
		{"ip", "netns", "add", name},
		{"ip", "-n", name, "link", "add", "name", "one", "type", "veth", "peer", "name", "two"},
		{"ip", "-n", name, "link", "add", "name", "switch", "type", "bridge"},
		{"tc", "-n", name, "qdisc", "add", "dev", "one", "root", "tbf", "rate", "2mbit", "burst", "16kb", "latency", "200ms"},
		{"ip", "netns", "exec", name, "unshare", "--mount", "--time", "--fork", "--monotonic", "1000", "mount", "--bind",
			"/proc/sys/kernel/random/boot_id", "/proc/sys/kernel/random/boot_id"},
	} {
		if out, err := exec.Command(try[0], try[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s: %w: %s", ErrImpossible, strings.Join(try, " "), err, strings.TrimSpace(string(out)))
		}
	}
	return nil
})

// required makes tests fail where no hosts can be made, if it is not empty.
const required = "EDGEPRUNE_HOSTS_REQUIRED"

// tunPossible returns nil where this process can move a host's packets.
func tunPossible() error {
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: the kernel has no netem for links with latency, and TAP devices can't be made: %w",
			ErrImpossible, err)
	}
	return f.Close()
}

// need leaves a test out, and says why, where no such hosts can be made.
func need(t testing.TB, specs ...Spec) {
	t.Helper()
	err := Possible()
	if late := func(s Spec) bool { return s.Link.late() }; err == nil && slices.ContainsFunc(specs, late) && !netem() {
		err = tunPossible()
	}
	if err != nil {
		require.Empty(t, os.Getenv(required), err)
		t.Skipf("left out: %v", err)
	}
}
