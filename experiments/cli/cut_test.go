package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fewPictures returns a folder with the first n pictures of a data set.
func fewPictures(t *testing.T, dir string, n int) string {
	t.Helper()
	pictures, err := filepath.Glob(filepath.Join(dir, "*.png"))
	require.NoError(t, err, "%d pictures in %s, want %d; run: edgeprune datasets get", len(pictures), dir, n)
	require.GreaterOrEqual(t, len(pictures), n, "%d pictures in %s, want %d; run: edgeprune datasets get", len(pictures),
		dir, n)
	slices.Sort(pictures)
	few := t.TempDir()
	for _, p := range pictures[:n] {
		require.NoError(t, os.Symlink(p, filepath.Join(few, filepath.Base(p))))
	}
	return few
}

// cutAt writes the plan with the first pp actors of the chain on the endpoint.
func cutAt(t *testing.T, s *spec.Spec, models compile.Models, pp int, frames int64) *plan.Plan {
	t.Helper()
	e := s.Endpoints[0]
	f := &planfile.File{
		Plan: fmt.Sprintf("%s PP%d", s.Experiment, pp), Application: s.Application, Seed: s.Seed,
		Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: e.Name, Role: plan.Endpoint, Units: []plan.Unit{e.Unit}}, s.Server},
			Links:   []plan.Link{{Name: "link", Between: []string{e.Name, s.Server.Name}}},
		},
	}
	chain, err := compile.Chain(f, models)
	require.NoError(t, err)
	mapping := []planfile.Assign{{Unit: e.Name + "." + e.Unit.Name}}
	if pp < len(chain) {
		mapping[0].Through = chain[pp-1].Name
		mapping = append(mapping, planfile.Assign{Unit: s.Server.Name + "." + s.Server.Units[0].Name})
	}
	f.Instances = []planfile.Instance{{Mapping: mapping}}
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	return p
}

// worst returns the largest relative difference of two runs' records.
func worst(got, want []trace.Result) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("%d results, want %d", len(got), len(want))
	}
	most := 0.0
	for i := range want {
		if got[i].Frame != want[i].Frame || len(got[i].Values) != len(want[i].Values) {
			return 0, fmt.Errorf("frame %d has %d values; want frame %d with %d", got[i].Frame, len(got[i].Values),
				want[i].Frame, len(want[i].Values))
		}
		for j, w := range want[i].Values {
			g := got[i].Values[j]
			if g == w {
				continue
			}
			most = max(most, math.Abs(float64(g)-float64(w))/math.Abs(float64(w)))
		}
	}
	return most, nil
}

// Wherever the network is cut, its detections and classes are those of the
// whole network.
func TestEveryCutGivesTheSameResults(t *testing.T) {
	loadLibrary(t)
	for _, tt := range []struct {
		experiment string
		frames     int
		found      int // values in all results, at least
	}{
		{"vehicle-classification", 24, 24 * 4}, {"ssd-tracking", 3, 3 * 6},
	} {
		t.Run(tt.experiment, func(t *testing.T) {
			s, models := projectSpec(t, tt.experiment)
			truthDir := dataset(t, s.Quality.Dataset)
			truth, err := quality.Open(s.Quality.Kind, truthDir)
			require.NoError(t, err)
			pictures := fewPictures(t, truthDir, tt.frames)
			oracle := &local.Driver{Kernels: builtin.Registry(), Data: func(string) (string, error) { return pictures, nil },
				Models: models}
			chain, err := compile.Chain(&planfile.File{Application: s.Application}, models)
			require.NoError(t, err)
			run := func(pp int) ([]trace.Result, map[string]float64) {
				r, _, err := oracle.Results(t.Context(), cutAt(t, s, models, pp, int64(tt.frames)))
				require.NoError(t, err, "PP%d", pp)
				q, err := truth.Score(r)
				require.NoError(t, err, "PP%d", pp)
				return r, q
			}
			whole, quality := run(len(chain))
			values := 0
			for _, r := range whole {
				values += len(r.Values)
			}
			require.GreaterOrEqual(t, values, tt.found, "the whole network gives %d values, want at least", values)
			most, at := 0.0, "none"
			for pp := 1; pp < len(chain); pp++ {
				got, q := run(pp)
				d, err := worst(got, whole)
				require.NoError(t, err, "PP%d, behind %s: differs by", pp, chain[pp-1].Name)
				assert.LessOrEqual(t, d, cut.Tolerance(0), "PP%d, behind %s: differs by", pp, chain[pp-1].Name)
				assert.Equal(t, fmt.Sprint(quality), fmt.Sprint(q), "PP%d, behind %s: quality", pp, chain[pp-1].Name)
				if d > most {
					most, at = d, chain[pp-1].Name
				}
			}
			t.Logf("%d partition points, %d frames, %d values: quality %v, worst relative difference %.2g (behind %s)",
				len(chain)-1, tt.frames, values, quality, most, at)
		})
	}
}
