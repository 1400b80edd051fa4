//go:build hosts

package hosts

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Without patience a fault ends the run within 5 s, with one error that names the device, or
// the server, and the cause.
func TestFaultsWithoutPatience(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: it asserts times, which a loaded machine can't hold; just hosts runs it")
	}
	k := countedTask(t)
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tENDED AFTER\tERROR")
	for _, f := range []struct {
		kind  string
		begin func(t *testing.T, b *testbed)
		says  []string
	}{
		{"link of endpoint down", func(t *testing.T, b *testbed) { b.Unplug(t, "endpoint") },
			[]string{"device endpoint has been silent"}},
		{"link of server down", func(t *testing.T, b *testbed) { b.Unplug(t, "server") },
			[]string{"device server has been silent"}},
		{"link of hub down", func(t *testing.T, b *testbed) { b.Unplug(t, "hub") }, []string{"silent"}},
		{"agent of endpoint stopped", func(t *testing.T, b *testbed) { stop(t, b.endpoint) },
			[]string{"device endpoint has been silent"}},
		{"agent of server killed", func(t *testing.T, b *testbed) { b.server.Kill() }, []string{"device server"}},
		{"agent of server asked to end", func(t *testing.T, b *testbed) {
			require.NoError(t, b.server.Signal(syscall.SIGTERM))
		}, []string{"device server"}},
		{"agent of server killed and started again", func(t *testing.T, b *testbed) { b.restartAgent(t, "server") },
			[]string{"device server"}},
		{"NATS server killed", func(t *testing.T, b *testbed) { b.nats.Kill() },
			[]string{"lost its connection to the NATS server"}},
	} {
		t.Run(f.kind, func(t *testing.T) {
			b := newTestbed(t)
			run := b.coordinate(t, "laptop", k.path, "impatient", "--driver", "deploy")
			require.True(t, b.begun(t, k, run), run.Output())
			begin := time.Now()
			f.begin(t, b)
			select {
			case <-run.Done():
			case <-time.After(2 * soon):
				require.Fail(t, "the run goes on", run.Output())
			}
			took := time.Since(begin)
			line, _, ok := run.Said(begin, "edgeprune: ")
			fmt.Fprintf(w, "%s\t%v\t%s\n", f.kind, took.Round(10*time.Millisecond), line)
			assert.True(t, ok, run.Output())
			assert.Equal(t, 1, run.Code())
			for _, text := range f.says {
				assert.Contains(t, line, text)
			}
			assert.Less(t, took, 5*time.Second)
		})
	}
	require.NoError(t, w.Flush())
	t.Logf("\n%s", text.String())
}
