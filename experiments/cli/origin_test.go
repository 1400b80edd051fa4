package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A simulated row is computed from this machine's profile and its loopback, whatever agents
// are measured beside it, and says so; of a plan that slows devices it is emulated, too.
func TestOriginOfRows(t *testing.T) {
	dataset(t, "onnxruntime")
	url := openServer(t, "box", "server")
	plan := filepath.Join("testdata", "plan.yaml")
	// A server without users takes any. What names it has no password, in any file.
	results, secret, shown := t.TempDir(), strings.Replace(url, "//", "//me:secret@", 1),
		strings.Replace(url, "//", "//me:xxxxx@", 1)
	o := edgeprune(t, "run", plan, "--driver", "both", "--nats", secret, "--json", "--results", results)
	require.Equal(t, exitOK, o.code, o.stderr)
	kept := filesIn(t, results)
	assert.NotEmpty(t, kept)
	for name, text := range kept {
		assert.NotContains(t, text, "secret", name)
	}
	assert.NotContains(t, o.stdout+o.stderr, "secret")
	var runs []result.PlanRun
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &runs))
	require.Len(t, runs, 2)
	simulated, measured := runs[0], runs[1]
	assert.True(t, simulated.Emulated)
	assert.True(t, measured.Emulated)
	assert.Contains(t, simulated.Origin.Profile, "this machine, ")
	assert.Equal(t, "loopback of this machine", simulated.Origin.Link)
	assert.Equal(t, "the devices box, server at "+shown, measured.Origin.Profile)
	assert.Equal(t, "between the agents at "+shown, measured.Origin.Link)
	assert.Equal(t, simulated.Origin, simulated.Outcome.Origin)
}

// Records of runs have the command line without passwords.
func TestCommandOfRecords(t *testing.T) {
	for line, want := range map[string]string{
		"run p.yaml --nats nats://me:pw@box --driver sim": "run p.yaml --nats nats://me:xxxxx@box --driver sim",
		"run -nats=nats://token@box p.yaml":               "run -nats=nats://xxxxx@box p.yaml",
		"run --nats --nats me@box":                        "run --nats --nats me@box",
		"run a@b --results c:d@e":                         "run a@b --results c:d@e",
		"run p.yaml --nats":                               "run p.yaml --nats",
	} {
		assert.Equal(t, want, strings.Join(New(Env{Args: strings.Fields(line)}).command(), " "))
	}
}
