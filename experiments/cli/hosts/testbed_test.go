//go:build hosts

package hosts

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// testbed is a site with what a plan of an endpoint and a server needs: a NATS server on hub,
// agents on endpoint and server, and laptop for the coordinator; all with keys. Their clocks
// are days apart.
type testbed struct {
	*site
	nats, endpoint, server *hoststest.Process
}

func newTestbed(t *testing.T) *testbed {
	t.Helper()
	b := &testbed{site: newSite(t, map[string]hoststest.Spec{
		"hub": {Ahead: time.Hour}, "endpoint": {Ahead: 2 * day}, "server": {Ahead: day}, "laptop": {Ahead: 3 * day},
	})}
	b.provide(t, "endpoint", "server")
	for _, device := range []string{"endpoint", "server"} {
		b.Folder(t, device, b.state(device), stateBytes)
	}
	b.Folder(t, "hub", b.store(), storeBytes)
	b.nats = b.serve(t)
	b.endpoint, b.server = b.agent(t, "endpoint"), b.agent(t, "server")
	b.present(t, "hub", "endpoint", "server")
	return b
}

const (
	stateBytes = 256 << 20
	storeBytes = 512 << 20
)

// restartAgent kills that of a device and starts it again.
func (b *testbed) restartAgent(t *testing.T, device string) {
	t.Helper()
	p := map[string]**hoststest.Process{"endpoint": &b.endpoint, "server": &b.server}[device]
	(*p).Kill()
	*p = b.agent(t, device)
}

// restartNATS kills the NATS server and starts it again, without what it has stored if it is
// to be empty.
func (b *testbed) restartNATS(t *testing.T, empty bool) {
	t.Helper()
	b.nats.Kill()
	if empty {
		out, err := b.Command("hub", "find", b.store(), "-mindepth", "1", "-delete").CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	b.nats = b.serve(t)
}

// fill takes all room of a folder of a host's own; the function that it returns frees it.
func (b *testbed) fill(t *testing.T, host, folder string) (free func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	_ = b.Command(host, "dd", "if=/dev/zero", "bs=64k", "of="+path).Run() // until there is no room
	return func() {
		out, err := b.Command(host, "rm", path).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// begun waits until the endpoint has sent a few tokens of a run; false: the run is over.
func (b *testbed) begun(t *testing.T, k *task, run *hoststest.Process) bool {
	t.Helper()
	return b.until(t, run, func() bool { return b.sent("hub", "endpoint") > 5*k.token })
}

// goesOn waits until the endpoint sends tokens; false: the run is over.
func (b *testbed) goesOn(t *testing.T, k *task, run *hoststest.Process) bool {
	t.Helper()
	before := int64(-1)
	return b.until(t, run, func() bool {
		now := b.sent("hub", "endpoint")
		if before < 0 || now < before { // another connection
			before = now
		}
		return before >= 0 && now > before+2*k.token
	})
}

// until waits for a condition; false: the run is over.
func (b *testbed) until(t *testing.T, run *hoststest.Process, condition func() bool) bool {
	t.Helper()
	over := false
	require.Eventually(t, func() bool {
		over = run.Ended()
		return over || condition()
	}, 2*soon, 50*time.Millisecond, "nothing happens in the run")
	return !over
}

// stop stops a process until the function that it returns is called.
func stop(t *testing.T, p *hoststest.Process) (goOn func()) {
	t.Helper()
	require.NoError(t, p.Signal(syscall.SIGSTOP))
	return func() { require.NoError(t, p.Signal(syscall.SIGCONT)) }
}

// end ends what runs on the hosts, before the test does.
func (b *testbed) end(t *testing.T) {
	t.Helper()
	for _, p := range []*hoststest.Process{b.endpoint, b.server, b.nats} {
		p.Kill()
	}
}
