package compile_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is how every line of an error begins; what it is about follows.
var place = regexp.MustCompile(`^bad input: [a-z-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .{20,}`)

// sentinels are what an error in a plan may wrap beside yamlfile.ErrInput.
var sentinels = []error{
	planfile.ErrActor, planfile.ErrPlatform, planfile.ErrMapping, planfile.ErrWorkload, planfile.ErrCodec,
	planfile.ErrFault, compile.ErrNoModel,
	graph.ErrTokenType, graph.ErrName, graph.ErrRate, graph.ErrAsymmetric, graph.ErrType, graph.ErrUnconnected,
	graph.ErrCapacity, graph.ErrDeadlock,
	graph.ErrKind, graph.ErrControl, graph.ErrDPG, graph.ErrDelay, graph.ErrBound,
}

// Every plan in testdata/bad gives the error in the .err file beside it: one
// line for each violation.
func TestBadInput(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "bad", "*.yaml"))
	require.NoError(t, err, "no files in testdata/bad")
	require.NotEmpty(t, files, "no files in testdata/bad")
	models := plantest.Models(t)
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			f, err := planfile.Parse(name, data)
			parsed := err == nil
			if parsed {
				_, err = compile.Compile(f, models)
			}
			require.Error(t, err, "no error")
			golden.Check(t, strings.TrimSuffix(file, ".yaml")+".err", err.Error()+"\n")
			for line := range strings.SplitSeq(err.Error(), "\n") {
				assert.True(t, place.MatchString(line), "no place, or says nothing")
			}
			known := false
			for _, s := range sentinels {
				known = known || errors.Is(err, s)
			}
			require.ErrorIs(t, err, yamlfile.ErrInput, "%v wraps no sentinel", err)
			if parsed {
				assert.True(t, known, "%v wraps no sentinel", err)
			}
		})
	}
}

// A plan made by a program has no places, and its errors say so by leaving them out.
func TestBadInputWithoutFile(t *testing.T) {
	f := &planfile.File{Workload: plan.Workload{Kind: plan.Offline, Frames: 1}}
	_, err := compile.Compile(f, nil)
	require.ErrorIs(t, err, planfile.ErrPlatform)
	assert.True(t, strings.HasPrefix(err.Error(), "bad input: bad platform: it has no devices\n"))
}

// Whatever is in the file, reading and compiling it gives a plan or an error
// marked as the user's, and a plan holds together.
func FuzzParse(f *testing.F) {
	f.Add([]byte(plantest.GoodYAML))
	f.Add([]byte(plantest.GatedYAML))
	for _, name := range []string{"cycle.yaml", "several.yaml", "unknown-key.yaml", "parts-unmapped-name.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", "bad", name))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("plan: x\nplatform: {devices: [&a {name: b, units: [{name: c}]}, *a]}\n"))
	f.Add([]byte("- 1\n"))
	f.Add(
		[]byte(
			"application: {actors: [{name: a, kernel: k, out: [{port: o, type: 'float32[65536,65536,65536]', rate: [0, " +
				"99999999999]}]}]}\n",
		),
	)
	models := plantest.Models(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := planfile.Parse("fuzz.yaml", data)
		if err == nil {
			if g, err := compile.Graph(file, models); err == nil && graph.Validate(g) != nil {
				t.Fatalf("invalid graph: %v", graph.Validate(g))
			} else if err != nil && !errors.Is(err, yamlfile.ErrInput) {
				t.Fatalf("%v isn't marked as bad input", err)
			}
			var p *plan.Plan
			if p, err = compile.Compile(file, models); err == nil {
				require.Len(t, p.Work, len(p.Graph.Actors), "%d actors, %d works, %d FIFOs, %d routes", len(p.Graph.Actors),
					len(p.Work), len(p.Graph.FIFOs), len(p.Routes))
				require.Len(t, p.Routes, len(p.Graph.FIFOs), "%d actors, %d works, %d FIFOs, %d routes", len(p.Graph.Actors),
					len(p.Work), len(p.Graph.FIFOs), len(p.Routes))
				require.NotEmpty(t, p.Slices(), "%d actors, %d works, %d FIFOs, %d routes", len(p.Graph.Actors), len(p.Work),
					len(p.Graph.FIFOs), len(p.Routes))
				for _, s := range p.Slices() {
					n := s.FIFOBytes()
					require.GreaterOrEqual(t, n, int64(0), "%s needs %d bytes", s.Device, n)
					require.LessOrEqual(t, n, int64(len(s.FIFOs))*graph.MaxFIFOBytes, "%s needs %d bytes", s.Device, n)
				}
				return
			}
		}
		require.ErrorIs(t, err, yamlfile.ErrInput, "%v isn't marked as bad input", err)
	})
}
