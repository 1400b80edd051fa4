package cli

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A swept parameter is simulated with the choices that the kernels make in one
// process, which also give the quality.
func TestSimulatedSweep(t *testing.T) {
	cache, results := cacheOf(t, "early-exit"), t.TempDir()
	o := edgeprune(t, "--cache", cache, "run", filepath.Join("..", "early-exit"), "--driver", "sim", "--quick", "--json",
		"--results", results)
	require.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stderr)
	var s result.Sweep
	err := json.Unmarshal([]byte(o.stdout), &s)
	require.NoError(t, err)
	share, bytes := 0.0, int64(0)
	for _, row := range s.Rows[3:] { // behind the baselines, by threshold
		assert.GreaterOrEqual(t, row.Stored.Share(), share,
			"%s: the server is asked in %g of the frames, %d bytes, quality %v; before", row.Label, row.Stored.Share(),
			row.Stored.BoundaryBytes, row.Quality)
		assert.GreaterOrEqual(t, row.Stored.BoundaryBytes, bytes,
			"%s: the server is asked in %g of the frames, %d bytes, quality %v; before", row.Label, row.Stored.Share(),
			row.Stored.BoundaryBytes, row.Quality)
		assert.GreaterOrEqual(t, row.Quality["accuracy"], 0.9,
			"%s: the server is asked in %g of the frames, %d bytes, quality %v; before", row.Label, row.Stored.Share(),
			row.Stored.BoundaryBytes, row.Quality)
		share, bytes = row.Stored.Share(), row.Stored.BoundaryBytes
	}
	first := s.Rows[3].Stored
	assert.Equal(t, 0.0, first.Share(), "threshold 0: %g of the frames and %d bytes; always on", first.Share(),
		first.BoundaryBytes)
	assert.EqualValues(t, 4, first.BoundaryBytes, "threshold 0: %g of the frames and %d bytes; always on", first.Share(),
		first.BoundaryBytes)
	assert.Equal(t, 1.0, share, "threshold 0: %g of the frames and %d bytes; always on", first.Share(),
		first.BoundaryBytes)
	assert.EqualValues(t, 32*48*48+64+4, bytes, "threshold 0: %g of the frames and %d bytes; always on", first.Share(),
		first.BoundaryBytes)
	out := filepath.Join(results, "early-exit", noon.Format("20060102-150405.000"))
	for _, name := range []string{
		"summary.csv", "report.html", "figures/parameter.svg", "figures/parameter.png", "figures/quality-traffic.svg",
	} {
		read(t, filepath.Join(out, name))
	}
	contains(t, read(t, filepath.Join(out, "table.txt")), "confidence.threshold or baseline", "threshold 2 (always on)",
		"less traffic than always on")
}

// Deployed, frames that are sure stay on the endpoint, and results are those of one
// process bit for bit: else the run fails.
func TestDeployedSweep(t *testing.T) {
	for _, name := range []string{"early-exit", "gated-tracking"} {
		t.Run(name, func(t *testing.T) {
			loadLibrary(t)
			s, models := projectSpec(t, name)
			s.Workload.MaxFrames, s.Workload.MinFrames, s.Quality.Frames = 8, 4, 0
			data := func(n string) (string, error) { return dataset(t, n), nil }
			truth, err := quality.Open(s.Quality.Kind, dataset(t, s.Quality.Dataset))
			require.NoError(t, err)
			tb, err := testbed.Start(t.Context(), testbed.Config{
				Devices: s.DeviceNames(), InProcess: true,
				Agent: agent.Config{Kernels: builtin.Registry(), Data: data, Files: cached(t)},
			})
			require.NoError(t, err)
			defer tb.Close()
			x, err := sweep.New(s, models)
			require.NoError(t, err)
			plans, err := sweep.ProfilePlans(s, models)
			require.NoError(t, err)
			prof := madeUp(plans...)
			driver := tb.Driver()
			driver.Models = models
			r := &measure.Runner{
				Experiment: x, Dir: t.TempDir(), Effort: sweep.Quick, Truth: truth,
				Now: time.Now, Progress: New(Env{Stderr: t.Output(), Now: time.Now}).progress(),
				Oracle: &local.Driver{Kernels: builtin.Registry(), Data: data, Models: models}, Sim: &sim.Driver{Profile: prof},
				Deploy:     driver,
				WholeModel: func(plan.Unit) (time.Duration, error) { return time.Hour, nil }, // nothing is slowed
			}
			simulator, err := simulatorOf(x.Statistic())
			require.NoError(t, err)
			r.Predict = &lab.Predictor{Profile: prof, Simulate: simulator}
			profiled := 0
			r.Refresh = func(ctx context.Context, p *plan.Plan, standIns ...*plan.Plan) (profile.Costs, error) {
				profiled++
				costs, err := lab.ProfileInSitu(ctx, driver, lab.OneMachine, p, prof, standIns...)
				if err == nil {
					x.Share(costs[""], plans, p)
				}
				return costs, err
			}
			found, err := r.Run(t.Context())
			require.NoError(t, err)
			measured := 0
			for _, row := range found.Rows {
				if row.Measured == nil {
					continue
				}
				measured++
				if row.Measured.BoundaryBytes != row.Stored.BoundaryBytes {
					assert.Equal(t, "jpeg", row.Codec, "%s: measured %d bytes in %g of the frames, simulated %d", row.FullLabel(),
						row.Measured.BoundaryBytes, row.Measured.Share(), row.Stored.BoundaryBytes)
				}
				assert.Equal(t, row.Stored.Share(), row.Measured.Share(), "%s: measured %d bytes in %g of the frames, simulated %d",
					row.FullLabel(), row.Measured.BoundaryBytes, row.Measured.Share(), row.Stored.BoundaryBytes)
				e, ok := row.Error()
				require.True(t, ok, "%s has no error", row.FullLabel())
				assert.False(t, math.IsNaN(e), "%s has no error", row.FullLabel())
			}
			assert.GreaterOrEqual(t, measured, 5, "%d rows measured, %d profiled", measured, profiled)
			assert.Equal(t, measured, profiled, "%d rows measured, %d profiled", measured, profiled)
		})
	}
}
