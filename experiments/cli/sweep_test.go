package cli

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/experiments/internal/lab"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/edgeprune/edgeprune/sim"
)

// A swept parameter is simulated with the choices that the kernels make in one
// process, which also give the quality.
func TestSimulatedSweep(t *testing.T) {
	cache, results := cacheOf(t, "early-exit"), t.TempDir()
	o := edgeprune(t, "--cache", cache, "run", filepath.Join("..", "early-exit"), "--driver", "sim", "--quick", "--json", "--results", results)
	if o.code != exitOK {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	contains(t, o.stdout, "confidence.threshold or baseline", "threshold 2 (always on)", "less traffic than always on", "parameter.png", "quality-traffic.svg")
	var s result.Sweep
	if err := json.Unmarshal([]byte(o.stdout[strings.Index(o.stdout, "\n{")+1:]), &s); err != nil {
		t.Fatal(err)
	}
	share, bytes := 0.0, int64(0)
	for _, row := range s.Rows[3:] { // behind the baselines, by threshold
		if row.Stored.Share() < share || row.Stored.BoundaryBytes < bytes || row.Quality["accuracy"] < 0.9 {
			t.Errorf("%s: the server is asked in %g of the frames, %d bytes, quality %v; before %g and %d", row.Label, row.Stored.Share(), row.Stored.BoundaryBytes, row.Quality, share, bytes)
		}
		share, bytes = row.Stored.Share(), row.Stored.BoundaryBytes
	}
	if first := s.Rows[3].Stored; first.Share() != 0 || first.BoundaryBytes != 4 || share != 1 || bytes != 32*48*48+64+4 {
		t.Errorf("threshold 0: %g of the frames and %d bytes; always on: %g and %d", first.Share(), first.BoundaryBytes, share, bytes)
	}
	for _, name := range []string{"summary.csv", "table.txt", "report.html", "figures/parameter.svg"} {
		read(t, filepath.Join(results, "early-exit", noon.Format("20060102-150405.000"), name))
	}
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
			if err != nil {
				t.Fatal(err)
			}
			tb, err := testbed.Start(t.Context(), testbed.Config{
				Devices: specDevices(s), InProcess: true, Agent: agent.Config{Kernels: kernel.Builtin(), Data: data},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer tb.Close()
			x, err := sweep.New(s, models)
			if err != nil {
				t.Fatal(err)
			}
			plans, err := sweep.ProfilePlans(s, models)
			if err != nil {
				t.Fatal(err)
			}
			prof := madeUp(plans...)
			driver := tb.Driver()
			driver.Models = models
			r := &measure.Runner{
				Experiment: x, Dir: t.TempDir(), Effort: sweep.Quick, Truth: truth,
				Now: time.Now, Progress: (&App{env: Env{Stderr: t.Output(), Now: time.Now}}).progress(),
				Referee: &local.Driver{Kernels: kernel.Builtin(), Data: data, Models: models}, Sim: &sim.Driver{Profile: prof}, Deploy: driver,
				WholeModel: func(plan.Unit) (time.Duration, error) { return time.Hour, nil }, // nothing is slowed
			}
			simulator, err := simulatorOf(x.Statistic())
			if err != nil {
				t.Fatal(err)
			}
			r.Predict = &lab.Predictor{Profile: prof, Simulate: simulator}
			profiled := 0
			r.Refresh = func(ctx context.Context, p *plan.Plan, standIns ...*plan.Plan) (map[string]profile.Entry, error) {
				profiled++
				entries, err := lab.ProfileInSitu(ctx, driver, p, prof, standIns...)
				if err == nil {
					x.Share(entries, plans, p)
				}
				return entries, err
			}
			found, err := r.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			measured := 0
			for _, row := range found.Rows {
				if row.Measured == nil {
					continue
				}
				measured++
				if row.Measured.BoundaryBytes != row.Stored.BoundaryBytes && row.Codec != "jpeg" || row.Measured.Share() != row.Stored.Share() {
					t.Errorf("%s: measured %d bytes in %g of the frames, simulated %d in %g", row.FullLabel(),
						row.Measured.BoundaryBytes, row.Measured.Share(), row.Stored.BoundaryBytes, row.Stored.Share())
				}
				if e, ok := row.Error(); !ok || math.IsNaN(e) {
					t.Errorf("%s has no error", row.FullLabel())
				}
			}
			if measured < 5 || profiled != measured {
				t.Errorf("%d rows measured, %d profiled", measured, profiled)
			}
		})
	}
}
