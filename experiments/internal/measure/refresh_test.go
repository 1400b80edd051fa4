package measure

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/stretchr/testify/assert"
)

func TestFramesFitTheTime(t *testing.T) {
	r, _ := toy(t)
	r.Experiment.Spec.Workload = spec.Load{MinFrames: 8, MaxFrames: 40, ThroughputFrames: 40, TimeLimit: 2 * time.Second}
	for _, tt := range []struct {
		latency float64 // in s
		effort  sweep.Effort
		want    int64
	}{{1, sweep.Standard, 8}, {0.1, sweep.Standard, 20}, {0.001, sweep.Standard, 40}, {1, sweep.Complete, 40}} {
		r.Effort = tt.effort
		row := result.Row{Stored: &result.Outcome{Latency: result.Stat{Median: tt.latency}}}
		got := r.frames(&row)
		assert.Equal(t, tt.want, got, "latency %g s: %d frames", tt.latency, got)
		row.Stored.Throughput.Value = 1 / tt.latency
		got = r.throughputFrames(&row)
		assert.Equal(t, tt.want, got, "%g frames/s: %d frames", 1/tt.latency, got)
	}
}
