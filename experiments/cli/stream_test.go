package cli

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawn costs anything up to 2 ms.
type drawn struct{}

func (drawn) Cost(*profile.Profile, string, string) (sim.Cost, error) { return drawn{}, nil }

func (drawn) Next(rng *rand.Rand) time.Duration { return time.Duration(rng.Int64N(2_000_000)) }

// What a simulation finds without keeping its trace is what the trace gives.
func TestStreamedSimulationIsTheSame(t *testing.T) {
	for name, change := range map[string]func(f *planfile.File){
		"plan.yaml": func(*planfile.File) {},
		"gated.yaml": func(f *planfile.File) {
			f.Workload.Choices = []plan.Choice{{Actor: f.Application.Actors[configuring(t, f)].Name,
				Rates: map[int]float64{0: 0.4, 1: 0.6}}}
		},
	} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		for _, kind := range []plan.WorkloadKind{plan.SingleStream, plan.Offline, plan.Camera} {
			for seed := range uint64(4) {
				what := fmt.Sprintf("%s, %s, seed %d", name, kind, seed)
				f, err := planfile.Parse(name, data)
				require.NoError(t, err)
				change(f)
				f.Seed = seed
				f.Workload.Kind, f.Workload.Frames, f.Workload.Warmup, f.Workload.Period = kind, 300, int64(seed), 0
				if kind == plan.Camera {
					f.Workload.Period = 3 * time.Millisecond
				}
				watts := func(w quantity.Watts) *quantity.Watts { return &w }
				for i := range f.Platform.Devices {
					dev := &f.Platform.Devices[i]
					dev.Power = &energy.Figures{Idle: watts(2), Send: watts(1), Receive: watts(0.5),
						Units: map[string]quantity.Watts{}}
					for _, u := range dev.Units {
						dev.Power.Units[u.Name] = 5
					}
				}
				p, err := compile.Compile(f, nil)
				require.NoError(t, err, what)
				d := &sim.Driver{Cost: drawn{}}
				whole, err := d.Run(t.Context(), p)
				require.NoError(t, err, what)
				all, err := metrics.NewStreams(p)
				require.NoError(t, err, what)
				header, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, all.Add)
				require.NoError(t, err, what)
				frames, err := metrics.NewFrames(p)
				require.NoError(t, err, what)
				summed, err := d.Observe(t.Context(), p, summary.Observer{Frame: frames.Add})
				require.NoError(t, err, what)
				for _, instance := range metrics.Instances(p) {
					want, err := metrics.Measure(p, whole, instance)
					require.NoError(t, err, what)
					got, err := all.Outcome(instance, header)
					require.NoError(t, err, what)
					assert.Equal(t, want, got, what)
					got, err = frames.Outcome(instance, summed)
					require.NoError(t, err, what)
					assert.Nil(t, got.Parts, what)
					want.Parts = nil
					alike(t, &want, &got)
					assert.Equal(t, want, got, what)
				}
			}
		}
	}
}

// alike compares energies, whose sums are of other orders, and makes them equal.
func alike(t *testing.T, want, got *result.Outcome) {
	t.Helper()
	if want.Energy == nil {
		return
	}
	require.NotNil(t, got.Energy)
	require.Len(t, got.Energy.Devices, len(want.Energy.Devices))
	for i := range want.Energy.Devices {
		w, g := want.Energy.Devices[i].Joules, got.Energy.Devices[i].Joules
		if w != nil {
			require.NotNil(t, g)
			assert.InEpsilon(t, *w, *g, 1e-9)
		}
	}
	got.Energy = want.Energy
}

// configuring returns the index of the application's configuration actor.
func configuring(t *testing.T, f *planfile.File) int {
	t.Helper()
	for i := range f.Application.Actors {
		if len(f.Application.Actors[i].Configures) > 0 {
			return i
		}
	}
	t.Fatal("no configuration actor")
	return -1
}
