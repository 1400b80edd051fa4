package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What was measured on the devices of a testbed is kept, listed, shown, exported and imported.
func TestProfilesOfDevices(t *testing.T) {
	loadLibrary(t)
	url, cache := openServer(t, "box", "server"), t.TempDir()
	plan := filepath.Join("testdata", "plan.yaml")
	run := func(args ...string) output { return edgeprune(t, append([]string{"--cache", cache}, args...)...) }

	o := run("profile", "list")
	assert.Equal(t, "no profile of a device is kept; make some by edgeprune profile --testbed FILE experiments/NAME\n",
		o.stdout)
	run("profile", "show", "box").refused(t, exitInput, "no such profile: none is kept")
	run("profile", plan).refused(t, exitInput, "a plan is profiled on the devices of a testbed")
	run("profile", plan, "--device", "box").refused(t, exitInput, "--device goes with --testbed or --nats only")
	run("profile", plan, "--nats", url, "--device", "bix").refused(t, exitInput, "--device bix: "+plan+
		" runs on box, server")
	run("profile").refused(t, exitInput, "expected one experiment's folder, or with --testbed a plan file; "+
		"got 0 arguments")

	o = run("profile", plan, "--nats", url, "--quick", "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	var kept []keptProfile
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &kept))
	require.Len(t, kept, 2)
	box := kept[0].Profile
	assert.Equal(t, "box", box.Device)
	assert.Len(t, box.Entries["count null uint8[64] cpu t1"].Samples, 5, "the source, of one round")
	assert.Empty(t, box.Entries["count null uint8[64] cpu t1"].Basis)
	assert.Equal(t, []profiles.Unit{{Provider: "cpu", Threads: 1}}, box.Units)
	assert.Equal(t, []profiles.Measured{{What: "plan two devices", Effort: "quick", Rounds: 1, Created: noon}},
		box.Measured)
	assert.Positive(t, box.Dispatch)
	assert.NotEmpty(t, box.Fingerprint.Runtime)
	fired := 0
	for _, e := range kept[1].Profile.Entries {
		if e.Basis == "" {
			fired++
		}
	}
	assert.Equal(t, 2, fired, "what the server has not fired is marked")

	o = run("profile", plan, "--nats", url, "--quick", "--device", "server")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.NotContains(t, o.stdout, "device box")
	assert.Contains(t, o.stdout, "pass null uint8[64] uint8[64] cpu t1")

	o = run("profile", "list")
	assert.Contains(t, o.stdout, "box@")
	assert.Contains(t, o.stdout, "2026-01-02 12:00 UTC")
	to := filepath.Join(t.TempDir(), "box.json")
	o = run("profile", "export", "box", to)
	require.Equal(t, exitOK, o.code, o.stderr)
	run("profile", "export", "box", to).refused(t, exitInput, "there is a file already", "--force")
	o = run("profile", "show", to)
	assert.Contains(t, o.stdout, "count null uint8[64] cpu t1")
	cache = t.TempDir()
	o = run("profile", "import", to)
	require.Equal(t, exitOK, o.code, o.stderr)
	o = run("profile", "show", "box", "--json")
	var got profiles.Device
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &got))
	assert.Equal(t, box, &got)

	b, err := os.ReadFile(to)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"it is truncated: its 50 bytes end within the JSON": string(b[:50]),
		"newer format": strings.Replace(string(b), `"format":1`, `"format":9`, 1),
	} {
		bad := write(t, filepath.Join(t.TempDir(), "bad.json"), text)
		run("profile", "import", bad).refused(t, exitInput, "no usable profile", name)
		run("profile", "show", bad).refused(t, exitInput, "no usable profile", name)
	}
}
