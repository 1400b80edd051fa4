package cli

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var gated = filepath.Join("testdata", "gated.yaml")

// priced returns a cache with a profile in which every firing of the plan takes a
// millisecond.
func priced(t *testing.T, path string) string {
	t.Helper()
	f, err := planfile.Parse(path, []byte(read(t, path)))
	require.NoError(t, err)
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	s := &lab.Stored{Created: noon, Profile: profile.Profile{Machine: "a test", Entries: map[string]profile.Entry{}}}
	for _, w := range p.Work {
		s.Profile.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{time.Millisecond}}
	}
	cache := t.TempDir()
	err = lab.SaveProfile(filepath.Join(cache, "profiles", f.Application.Name+".json"), s)
	require.NoError(t, err)
	return cache
}

func contains(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, s := range all {
		assert.Contains(t, text, s, "no %q in\n", s)
	}
}

func TestCheckWithoutCosts(t *testing.T) {
	o := edgeprune(t, "--cache", t.TempDir(), "check", gated)
	require.Equal(t, exitOK, o.code, "exit code")
	require.Empty(t, o.stderr, "exit code")
	contains(t, o.stdout, "plan gated: ok, 8 actors, 13 FIFOs, 1 dynamic part\n", "edgeprune profile",
		"detect (if atr of part 1 > 0)",
		"part 1: atr 0 to 4, set by motion; entry gate; inner detect, track; exit merge",
		"\n  gate.image->detect.image                       0..4  0      4         4800   wired\n",
		// A control token of 4 bytes; 4 images of 1200 bytes and 4 lists of 200.
		"\n  wired  4     5604\n", "costs of 8 of 8 actors are not known")
}

// Constant costs make times where none are stored, and the note says so.
func TestCheckWithConstantCosts(t *testing.T) {
	o := edgeprune(t, "--cache", t.TempDir(), "check", filepath.Join("testdata", "constant.yaml"))
	require.Equal(t, exitOK, o.code, o.stderr)
	contains(t, o.stdout, "no costs are stored, so only cost: constant makes times", "an iteration takes at least 4ms")
	assert.NotContains(t, o.stdout, "there are no times")
}

func TestCheckWithCosts(t *testing.T) {
	o := edgeprune(t, "--cache", priced(t, gated), "check", gated)
	require.Equal(t, exitOK, o.code, "exit code")
	require.Empty(t, o.stderr, "exit code")
	contains(t, o.stdout, "costs: medians of profile gated, measured 2026-01-02 12:00 UTC on a test",
		"the transport isn't calibrated",
		// camera, motion, gate, merge and sink take 2 ms, detect and track 1 ms, images 4.8 ms and 1 ms, boxes 0.8 and 1 ms.
		"an iteration takes at least 19.6ms, at best 8ms", "(link) gate.image->detect.image",
		"worst case: at most 51.02 per second, one in 19.6ms", "several actors send over link wired",
		"limited by the cycle camera -> ")
}

func TestCheckJSON(t *testing.T) {
	var got struct {
		What, Name string
		Valid      bool
		Violations []string
		Report     struct {
			FIFOs []struct {
				FIFO  string `json:"fifo"`
				Bytes int64  `json:"bytes"`
			} `json:"fifos"`
			Flows []struct {
				Worst struct {
					Period float64 `json:"period_ns"`
					Exact  bool    `json:"exact"`
				} `json:"worst_throughput"`
			} `json:"flows"`
		}
	}
	o := edgeprune(t, "--cache", priced(t, gated), "check", "--json", gated)
	err := json.Unmarshal([]byte(o.stdout), &got)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, err)
	r := got.Report
	require.True(t, got.Valid)
	assert.Equal(t, "plan", got.What)
	assert.Equal(t, "gated", got.Name)
	assert.Empty(t, got.Violations)
	require.Len(t, r.FIFOs, 13)
	assert.EqualValues(t, 900, r.FIFOs[0].Bytes)
	assert.Equal(t, 19.6e6, r.Flows[0].Worst.Period)
	assert.False(t, r.Flows[0].Worst.Exact)
}

// bad writes a plan that is wrong in two places.
func bad(t *testing.T) string {
	t.Helper()
	s := read(t, gated)
	s = strings.Replace(s, "to: merge.before, delay: 2}", "to: merge.before}", 1)
	s = strings.Replace(s, "{port: look}]", "{port: look, rate: 2}]", 1)
	return write(t, filepath.Join(t.TempDir(), "bad.yaml"), s)
}

func TestCheckListsViolations(t *testing.T) {
	path := bad(t)
	o := edgeprune(t, "--cache", t.TempDir(), "check", path)
	o.refused(t, exitInput, path+": 2 violations")
	contains(t, o.stdout, "plan gated: bad, 2 violations\n", path+":39:8: FIFO camera.look->motion.look", "rate limits",
		path+":44:8: cycle merge -> merge: add delay tokens")
	s := strings.Replace(read(t, path), "look, rate: 2}]", "look}]", 1)
	write(t, path, s)
	o = edgeprune(t, "--cache", t.TempDir(), "check", "--svg", path)
	o.refused(t, exitInput, path+": 1 violation")
	contains(t, o.stdout, "cycle merge -> merge: add delay tokens")

	s = strings.Replace(s, "role: server", "role: butler", 1)
	s = strings.Replace(s, "frames: 12", "frames: 0", 1)
	write(t, path, s)
	out := filepath.Join(t.TempDir(), "report.json")
	o = edgeprune(t, "--cache", t.TempDir(), "check", "--json", "-o", out, path)
	o.refused(t, exitInput, path+": 2 violations")
	var got struct {
		Valid      bool
		Violations []string
	}
	err := json.Unmarshal([]byte(read(t, out)), &got)
	require.NoError(t, err)
	require.False(t, got.Valid, err)
	require.Len(t, got.Violations, 2, err)
	require.Contains(t, o.stdout, `{"error":{"message":"`+path+": 2 violations; all are in "+out)
	contains(t, strings.Join(got.Violations, "\n"), path+`:48:28: bad platform: role "butler"`,
		path+":56:41: bad workload: 0 frames")
	for _, v := range got.Violations {
		require.False(t, strings.HasPrefix(v, "bad input"), "violation")
		assert.NotContains(t, v, "\n", "violation")
	}
}

func TestCheckUnreadable(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "broken.yaml"), "plan: [\n")
	o := edgeprune(t, "check", path)
	o.refused(t, exitInput, path)
	assert.Empty(t, o.stdout, "printed")
}

func TestCheckApplication(t *testing.T) {
	s := read(t, gated)
	from, to := strings.Index(s, "application:"), strings.Index(s, "platform:")
	path := write(t, filepath.Join(t.TempDir(), "app.yaml"), s[from:to])
	o := edgeprune(t, "--cache", t.TempDir(), "check", path)
	require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
	contains(t, o.stdout, "application gated: ok, 7 actors", "not mapped", "bytes on one device")
}

// A kernel that nobody has registered is a violation beside the others, with the one that
// was meant.
func TestCheckMisspeltKernel(t *testing.T) {
	s := strings.Replace(read(t, bad(t)), "kernel: sink", "kernel: sinc", 1)
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), strings.Replace(s, "kernel: count", "kernel: foreign", 1))
	o := edgeprune(t, "--cache", t.TempDir(), "check", path)
	o.refused(t, exitInput, path+": 4 violations")
	contains(t, o.stdout, `unknown kernel "sinc"; did you mean "sink"?; known are `,
		`unknown kernel "foreign"; known are `, "rate limits", "cycle merge -> merge")
	from, to := strings.Index(s, "application:"), strings.Index(s, "platform:")
	path = write(t, filepath.Join(t.TempDir(), "app.yaml"), s[from:to])
	edgeprune(t, "--cache", t.TempDir(), "check", path, "--json").refused(t, exitInput, "3 violations")
	edgeprune(t, "run", path).refused(t, exitInput)
	experiment := strings.Replace(
		read(t, filepath.Join("..", "vehicle-classification", "experiment.yaml")), "kernel: sink", "kernel: sinc", 1)
	path = write(t, filepath.Join(t.TempDir(), "vehicle-classification", "experiment.yaml"), experiment)
	o = edgeprune(t, "check", filepath.Dir(path))
	o.refused(t, exitInput, "1 violation")
	contains(t, o.stdout, `did you mean "sink"?`)
	edgeprune(t, "run", filepath.Dir(path), "--results", t.TempDir()).refused(t, exitInput, `did you mean "sink"?`)
}

func TestCheckExperiment(t *testing.T) {
	o := edgeprune(t, "check", filepath.Join("..", "ssd-tracking"))
	require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
	contains(t, o.stdout, "experiment ssd-tracking: ok, 20 actors", "plans of the sweep compile",
		"\n  wired slow  184896  184896\n")
}

func TestCheckDraws(t *testing.T) {
	o := edgeprune(t, "--cache", t.TempDir(), "check", "--dot", gated)
	assert.Equal(t, exitOK, o.code)
	require.True(t, strings.HasPrefix(o.stdout, `digraph "gated" {`))
	assert.True(t, strings.HasSuffix(o.stdout, "}\n"))
	out := filepath.Join(t.TempDir(), "graph.svg")
	o = edgeprune(t, "--cache", t.TempDir(), "check", gated, "--svg", "-o", out)
	require.Equal(t, exitOK, o.code)
	require.Empty(t, o.stdout)
	f, err := os.Open(out)
	require.NoError(t, err)
	defer f.Close()
	for d := xml.NewDecoder(f); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkAnalyzeSSD analyses SSD-MobileNet with every segment an actor of its
// own, half of them behind a link.
func BenchmarkAnalyzeSSD(b *testing.B) {
	s, models := projectSpec(b, "ssd-tracking")
	f := &planfile.File{
		Plan: "segments", Application: s.Application, Workload: plan.Workload{Kind: plan.Offline, Frames: 1},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: "near", Role: plan.Endpoint, Units: []plan.Unit{{Name: "a"}, {Name: "b"}}},
				{Name: "far", Role: plan.Server, Units: []plan.Unit{{Name: "a"}, {Name: "b"}}}},
			Links: []plan.Link{{Name: "link", Between: []string{"near", "far"}, BandwidthBytesPerSec: 1e7,
				Latency: time.Millisecond}},
		},
	}
	chain, err := compile.Chain(f, models)
	require.NoError(b, err)
	var mapping []planfile.Assign
	for i, c := range chain { // neighbours on different units aren't fused
		unit := []string{"near.a", "near.b", "far.a", "far.b"}[i%2+2*(2*i/len(chain))]
		mapping = append(mapping, planfile.Assign{Unit: unit, Actors: []string{c.Name}})
	}
	f.Instances = []planfile.Instance{{Mapping: mapping}}
	p, err := compile.Compile(f, models)
	require.NoError(b, err)
	d := &sim.Driver{Cost: sim.Constant(time.Millisecond)}
	for b.Loop() {
		m, err := d.Mapping(p)
		require.NoError(b, err)
		r, err := analysis.Analyze(p.Graph, m)
		require.NoError(b, err, "%v: %d of %d actors", err, r.Actors, len(chain))
		require.Equal(b, len(chain), r.Actors, "%v: %d of %d actors", err, r.Actors, len(chain))
		require.True(b, r.Flows[0].Timed, "%v: %d of %d actors", err, r.Actors, len(chain))
	}
}
