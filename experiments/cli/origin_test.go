package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A simulated row is computed from this machine's profile and its loopback, whatever agents
// are measured beside it, and says so; of a plan that slows devices it is emulated, too.
func TestOriginOfRows(t *testing.T) {
	dataset(t, "onnxruntime")
	tb, err := testbed.Start(t.Context(), testbed.Config{
		Devices: []string{"box", "server"}, InProcess: true, Agent: agent.Config{Kernels: builtin.Registry()},
	})
	require.NoError(t, err)
	defer tb.Close()
	plan := filepath.Join("testdata", "plan.yaml")
	o := edgeprune(t, "run", plan, "--driver", "both", "--nats", tb.URL(), "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	var runs []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &runs))
	require.Len(t, runs, 2)
	simulated, measured := runs[0], runs[1]
	assert.True(t, simulated.Emulated)
	assert.True(t, measured.Emulated)
	assert.Contains(t, simulated.Origin.Profile, "this machine, ")
	assert.Equal(t, "loopback of this machine", simulated.Origin.Link)
	assert.Equal(t, "the devices box, server at "+tb.URL(), measured.Origin.Profile)
	assert.Equal(t, "between the agents at "+tb.URL(), measured.Origin.Link)
	assert.Equal(t, simulated.Origin, simulated.Outcome.Origin)
}
