package cli

import (
	"syscall"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/require"
)

// BenchmarkLeakage is one cut of SSD-MobileNet with 200 samples: the heads run, the tensors
// cross, all that a row holds is computed. Nothing is cached. cpu-s is the processor time of the process.
func BenchmarkLeakage(b *testing.B) {
	s, models := projectSpec(b, "ssd-tracking")
	loadLibrary(b)
	app := s.Application
	app.Actors = append([]planfile.ActorSpec(nil), app.Actors...)
	dataset(b, "vehicle-renderings")
	app.Actors[0].Params = map[string]any{"dataset": "vehicle-renderings"} // 200 pictures that differ; the clip has 90
	r := leakage.Request{
		File: (&planfile.File{Application: app}).At(s.Doc()), Models: models, Samples: 200, Seed: 1,
		Detail: leakage.Everything, Codecs: []string{"none"},
		Tapper: tapper{&local.Driver{Kernels: New(Env{}).env.kernels(), Data: func(name string) (string, error) {
			return dataset(b, name), nil
		}, Models: models}},
	}
	cuts, err := leakage.Cuts(r)
	require.NoError(b, err)
	for _, name := range []string{"PP4", "PP14", "PP28"} {
		r.Cuts, err = leakage.Choose(cuts, []string{name})
		require.NoError(b, err)
		b.Run(r.Cuts[0].Name, func(b *testing.B) {
			before := processorTime(b)
			for b.Loop() {
				t, err := leakage.Of(b.Context(), r, quietProgress{})
				require.NoError(b, err)
				require.Empty(b, t.Rows[0].Failed)
				require.NotNil(b, t.Rows[0].CeilingPSNR)
			}
			b.ReportMetric((processorTime(b)-before)/float64(b.N), "cpu-s/op")
		})
	}
}

// processorTime returns the seconds that the process has computed.
func processorTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(u.Utime) + seconds(u.Stime)
}

// quietProgress is told and says nothing.
type quietProgress struct{}

func (quietProgress) Step(string, int, int, time.Duration) {}
func (quietProgress) Logf(string, ...any)                  {}
