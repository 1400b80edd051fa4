package cli

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetricsThatCanNotBeServed(t *testing.T) {
	agent := func(address string) output {
		return edgeprune(t, "agent", "--name", "a", "--nats", "nats://127.0.0.1:1", "--state", t.TempDir(),
			"--metrics", address)
	}
	agent("everywhere").refused(t, exitInput, `--metrics: metrics can't be served at "everywhere": expected a port, as `+
		"9464, which is one of the loopback interface, or HOST:PORT, as 0.0.0.0:9464, which whoever reaches this machine "+
		"can read")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	busy := "--metrics: metrics can't be served at " + l.Addr().String() +
		": another program listens there; give another port, or 0 for a free one"
	agent(l.Addr().String()).refused(t, exitInput, busy)
	run := []string{"run", "testdata/plan.yaml", "--metrics", l.Addr().String()}
	edgeprune(t, append(run, "--driver", "deploy")...).refused(t, exitInput, busy)
	edgeprune(t, append(run, "--driver", "sim")...).refused(t, exitInput,
		"--metrics does not go with --driver sim, which deploys nothing")
}

// A testbed with keys is seen by top, and by who asks an agent for its metrics.
func TestSeeingATestbed(t *testing.T) {
	l := newLaboratory(t)
	o := l.as(t.Context(), "second", "top", "--once", "--interval", "1s")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Regexp(t, `(?m)^box +free`, o.stdout)
	assert.Regexp(t, `(?m)^server +free`, o.stdout)

	url := regexp.MustCompile(`msg=metrics url=(http://127.0.0.1:\d+/metrics)`)
	require.Eventually(t, func() bool { return url.MatchString(l.agents["box"].String()) }, 10*time.Second,
		10*time.Millisecond, "%s", l.agents["box"])
	answer, err := http.Get(url.FindStringSubmatch(l.agents["box"].String())[1])
	require.NoError(t, err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Contains(t, string(b), `edgeprune_agent_info{device="box",`)
	assert.Contains(t, string(b), `edgeprune_agent_state{state="free"} 1`)
}
