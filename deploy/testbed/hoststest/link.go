package hoststest

import (
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Direction is one of a link; 0 leaves what it stands for as the machine has it.
type Direction struct {
	BytesPerSec float64
	Latency     time.Duration
}

// Link is that of a host to the switch. What crosses from one host to another takes two.
type Link struct {
	Up, Down Direction // from the host, to the host
}

// Both returns a link that is the same in both directions.
func Both(d Direction) Link { return Link{Up: d, Down: d} }

func (l Link) late() bool { return l.Up.Latency > 0 || l.Down.Latency > 0 }

// queued is how much a limited direction holds before it drops packets, as time at its
// bandwidth.
const queued = 200 * time.Millisecond

// netem reports whether the kernel delays packets by itself.
var netem = sync.OnceValue(func() bool {
	return exec.Command("modprobe", "-q", "sch_netem").Run() == nil ||
		exec.Command("unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms").Run() == nil
})

// connect makes a host's eth0 and its port of the switch: a pair of the kernel's or, where
// packets are to be delayed and the kernel can't, two ends that this process moves packets
// between.
func (h *Hosts) connect(t testing.TB, x *host) {
	t.Helper()
	if x.spec.Link.late() && !netem() {
		x.wire = newWire(t, h.hub, x.port, x.namespace, "eth0")
	} else {
		run(t, "ip", "-n", h.hub, "link", "add", x.port, "type", "veth", "peer", "name", "eth0", "netns", x.namespace)
	}
	run(t, "ip", "-n", h.hub, "link", "set", x.port, "master", "switch", "up")
}

// Shape gives a host's link bandwidths and latencies. A latency may only be given to a host
// that was made with one, unless the kernel has netem.
func (h *Hosts) Shape(t testing.TB, name string, l Link) {
	t.Helper()
	x := h.host(name)
	if x.wire != nil {
		x.wire.up.shape.Store(&l.Up)
		x.wire.down.shape.Store(&l.Down)
		return
	}
	require.True(t, !l.late() || netem(),
		"the kernel has no netem: make host %s with a latency, which may then be changed", name)
	shape(t, x.namespace, "eth0", l.Up)
	shape(t, h.hub, x.port, l.Down)
}

// shape limits what leaves an interface.
func shape(t testing.TB, namespace, device string, d Direction) {
	t.Helper()
	// Nothing to delete is no error.
	_ = exec.Command("tc", "-n", namespace, "qdisc", "del", "dev", device, "root").Run()
	rate := fmt.Sprintf("%.0fbit", 8*d.BytesPerSec)
	args := []string{"-n", namespace, "qdisc", "add", "dev", device, "root"}
	switch {
	case d.Latency > 0 && d.BytesPerSec > 0:
		args = append(args, "netem", "delay", d.Latency.String(), "rate", rate, "limit", "10000")
	case d.Latency > 0:
		args = append(args, "netem", "delay", d.Latency.String(), "limit", "10000")
	case d.BytesPerSec > 0:
		burst := fmt.Sprintf("%.0f", max(16<<10, d.BytesPerSec/100)) // a kernel's tick may be 10 ms
		args = append(args, "tbf", "rate", rate, "burst", burst, "latency", queued.String())
	default:
		return
	}
	run(t, "tc", args...)
}

// Unplug takes a host's link down: what crosses it is lost, and nobody is told.
func (h *Hosts) Unplug(t testing.TB, name string) { h.set(t, name, "down") }

// Plug takes a host's link up again.
func (h *Hosts) Plug(t testing.TB, name string) { h.set(t, name, "up") }

func (h *Hosts) set(t testing.TB, name, state string) {
	t.Helper()
	run(t, "ip", "-n", h.hub, "link", "set", h.host(name).port, state)
}
