//go:build hosts

package hosts

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
)

// fault is one that lies between machines, or takes one of them.
type fault struct {
	kind  string
	quick bool          // it is among the quick tests
	last  time.Duration // until it is over
	// begin makes it happen and returns what ends it
	begin func(t *testing.T, b *testbed) (end func())
}

// mbit is a link of 2 Mbit/s.
var mbit = hoststest.Both(hoststest.Direction{BytesPerSec: 250e3})

// faults lists those that a run with patience outlives.
func faults() []fault {
	down := func(host string, last time.Duration) fault {
		quick := last == 5*time.Second && host == "endpoint"
		return fault{"link of " + host + " down " + last.String(), quick, last, func(t *testing.T, b *testbed) func() {
			b.Unplug(t, host)
			return func() { b.Plug(t, host) }
		}}
	}
	none := func() {}
	again := func(device string) fault {
		kind := "agent of " + device + " killed and started again"
		return fault{kind, device == "server", 0, func(t *testing.T, b *testbed) func() {
			b.restartAgent(t, device)
			return none
		}}
	}
	nats := func(kind string, empty bool) fault {
		return fault{kind, empty, 0, func(t *testing.T, b *testbed) func() {
			b.restartNATS(t, empty)
			return none
		}}
	}
	stopped := func(who string, process func(*testbed) *hoststest.Process) fault {
		return fault{who + " stopped for 5s", false, 5 * time.Second, func(t *testing.T, b *testbed) func() {
			return stop(t, process(b))
		}}
	}
	full := func(who, host string, folder func(*testbed) string) fault {
		return fault{"full disk at " + who, false, 3 * time.Second, func(t *testing.T, b *testbed) func() {
			return b.fill(t, host, folder(b))
		}}
	}
	return []fault{
		down("endpoint", 5*time.Second), down("endpoint", 15*time.Second), down("server", 5*time.Second),
		down("hub", 5*time.Second), down("laptop", 5*time.Second),
		{"link of endpoint at 2 Mbit/s for 5s", false, 5 * time.Second, func(t *testing.T, b *testbed) func() {
			b.Shape(t, "endpoint", mbit)
			return func() { b.Shape(t, "endpoint", hoststest.Link{}) }
		}},
		stopped("agent of endpoint", func(b *testbed) *hoststest.Process { return b.endpoint }),
		stopped("agent of server", func(b *testbed) *hoststest.Process { return b.server }),
		stopped("NATS server", func(b *testbed) *hoststest.Process { return b.nats }),
		again("endpoint"), again("server"),
		nats("NATS server killed and started again", false),
		nats("NATS server killed and started again with an empty store", true),
		full("the endpoint's --state", "endpoint", func(b *testbed) string { return b.state("endpoint") }),
		full("the server's --state", "server", func(b *testbed) string { return b.state("server") }),
		full("the store of the NATS server", "hub", func(b *testbed) string { return b.store() }),
	}
}

// With patience a run outlives a fault: every frame comes out once, in order and as it must be.
func TestFaultsWithPatience(t *testing.T) {
	k := countedTask(t)
	for _, f := range faults() {
		t.Run(f.kind, func(t *testing.T) {
			if testing.Short() && !f.quick {
				t.Skip("left out: it takes a while; just hosts runs it")
			}
			b := newTestbed(t)
			run := b.coordinate(t, "laptop", k.path, "patient", "--driver", "deploy", "--patience", "60s")
			if !b.begun(t, k, run) {
				t.Fatalf("the run was over before the fault: %s", run.Output())
			}
			begin := time.Now()
			end := f.begin(t, b)
			time.Sleep(f.last)
			end()
			k.check(t, run)
			t.Logf("%s: %d frames once, in order and as they must be, %v after the fault began", f.kind, len(k.want),
				time.Since(begin).Round(100*time.Millisecond))
		})
	}
}
