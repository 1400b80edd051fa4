//go:build hosts

package hosts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowly leaves a test out among the quick ones.
func slowly(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: it takes a while; just hosts runs it")
	}
}

// A slow link is no fault: tokens of 739 kB over 2 Mbit/s take 3 s each, and the run goes on
// without patience.
func TestSlowLink(t *testing.T) {
	slowly(t)
	text := strings.NewReplacer("float32[100,6]", "uint8[739000]", "frames: 200", "frames: 6",
		", bandwidth_bytes_per_sec: 48e3", "").Replace(counted)
	f, err := planfile.Parse("slow.yaml", []byte(text))
	require.NoError(t, err)
	k := newTask(t, f, nil)
	b := newTestbed(t)
	b.Shape(t, "endpoint", mbit)
	k.check(t, b.coordinate(t, "laptop", k.path, "slow", "--driver", "deploy"))
}

// A coordinator that is killed leaves its agents to the next one.
func TestDeadCoordinator(t *testing.T) {
	k := countedTask(t)
	b := newTestbed(t)
	first := b.coordinate(t, "laptop", k.path, "first", "--driver", "deploy")
	require.True(t, b.begun(t, k, first), first.Output())
	first.Kill()
	begin := time.Now()
	err := errors.New("not tried")
	for time.Since(begin) < soon && err != nil {
		err = k.verify(b.coordinate(t, "hub", k.path, "second", "--driver", "deploy"))
	}
	require.NoError(t, err, "the devices are not free")
	t.Logf("the next run was over %v after the first coordinator was killed", time.Since(begin).Round(time.Second))
}

// A second coordinator is told who has the devices, and the first one's run is whole.
func TestSecondCoordinator(t *testing.T) {
	k := countedTask(t)
	b := newTestbed(t)
	first := b.coordinate(t, "laptop", k.path, "first", "--driver", "deploy")
	require.True(t, b.begun(t, k, first), first.Output())
	second := b.coordinate(t, "hub", k.path, "second", "--driver", "deploy")
	<-second.Done()
	line, _, _ := second.Said(time.Time{}, "edgeprune: ")
	assert.NotZero(t, second.Code())
	host, err := os.Hostname()
	require.NoError(t, err)
	for _, says := range []string{"device endpoint", host, "since "} {
		assert.Contains(t, line, says)
	}
	k.check(t, first)
	t.Log(line)
}

// An agent that comes late is waited for with patience.
func TestLateAgent(t *testing.T) {
	slowly(t)
	k := countedTask(t)
	b := newTestbed(t)
	b.server.Kill()
	run := b.coordinate(t, "laptop", k.path, "late", "--driver", "deploy", "--patience", "60s")
	time.Sleep(3 * time.Second) // in which the coordinator looks for it
	b.server = b.agent(t, "server")
	k.check(t, run)
}

// An agent that is asked to end does so within 5 s, in the middle of a run as well.
func TestAskedToEnd(t *testing.T) {
	slowly(t)
	k := countedTask(t)
	b := newTestbed(t)
	run := b.coordinate(t, "laptop", k.path, "ended", "--driver", "deploy", "--patience", "60s")
	require.True(t, b.begun(t, k, run), run.Output())
	begin := time.Now()
	require.NoError(t, b.server.Signal(syscall.SIGTERM))
	<-b.server.Done()
	assert.Less(t, time.Since(begin), 5*time.Second)
	b.server = b.agent(t, "server")
	k.check(t, run)
}

// The server's password becomes another one: agents and the run end at once, and say so.
func TestPasswordChanges(t *testing.T) {
	k := countedTask(t)
	b := &testbed{site: newSite(t, map[string]hoststest.Spec{"hub": {}, "endpoint": {}, "server": {}, "laptop": {}})}
	config := filepath.Join(b.dir, "nats.conf")
	password := func(word string) {
		text := fmt.Sprintf("authorization {user: u, password: %s}\n", word)
		require.NoError(t, os.WriteFile(config, []byte(text), 0o644))
	}
	password("right")
	b.nats = b.serve(t, "-c", config)
	b.url = strings.Replace(b.url, "//", "//u:right@", 1)
	b.endpoint, b.server = b.agent(t, "endpoint"), b.agent(t, "server")
	b.present(t, "hub", "endpoint", "server")
	run := b.coordinate(t, "laptop", k.path, "password", "--driver", "deploy", "--patience", "60s")
	require.True(t, b.begun(t, k, run), run.Output())
	password("wrong")
	require.NoError(t, b.nats.Signal(syscall.SIGHUP))
	for _, p := range []*hoststest.Process{run, b.endpoint, b.server} {
		select {
		case <-p.Done():
		case <-time.After(soon):
			require.Fail(t, "it goes on without a connection", p.Output())
		}
		assert.Equal(t, 1, p.Code())
		assert.Contains(t, p.Output(), "Authorization Violation")
		assert.NotContains(t, p.Output(), "right")
	}
}
