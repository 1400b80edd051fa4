package studycmd_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/studycmd"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/sim"
)

// BenchmarkStudy simulates cases of ssd-tracking on one core: a single stream of 40 frames,
// cut at a place of its own on a link of its own in every case. It reports cases per second.
func BenchmarkStudy(b *testing.B) {
	one, err := studycmd.Cases(b.Context(), "testdata/bench.yaml", func(string) (
		func(*profile.Profile) driver.Summarizer, error,
	) {
		return func(p *profile.Profile) driver.Summarizer { return &sim.Driver{Profile: p} }, nil
	})
	require.NoError(b, err)
	for i := range one.N { // compiles what cases have in common
		require.NoError(b, one.Run(b.Context(), i))
	}
	b.ReportAllocs()
	before := processorTime(b)
	i := 0
	for b.Loop() {
		if err := one.Run(b.Context(), i%one.N); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
	b.ReportMetric(float64(b.N)/(processorTime(b)-before).Seconds(), "cases/processor-s")
}

// processorTime is what the process has used, which others on the machine don't change.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	require.NoError(b, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
