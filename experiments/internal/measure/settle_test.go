package measure

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// unsteady makes every second frame of short runs take four times as long, so that the
// interval of their median spans both.
func unsteady(few int64) func(*plan.Plan, *trace.Trace) {
	return func(p *plan.Plan, tr *trace.Trace) {
		if p.Workload.Kind != plan.SingleStream || p.Workload.Frames > few {
			return
		}
		var late int64 // ns by which what follows is delayed
		for i := range tr.Events {
			e := &tr.Events[i]
			length := e.End - e.Start
			e.Start += late
			if e.Kind == trace.Firing && e.Frame%2 == 1 {
				late += 3 * length
				length *= 4
			}
			e.End = e.Start + length
		}
	}
}

// A row whose interval is too wide gets more frames, and those of its longest run stand.
func TestUnsettledRowGetsMoreFrames(t *testing.T) {
	r, d := toy(t)
	r.Experiment.Spec.Workload.MinFrames, r.Experiment.Spec.Workload.MaxFrames = 8, 8
	r.Experiment.Spec.Quality.Frames = 100 // results of so many are known
	d.Spoil = unsteady(10)
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	for i := range s.Rows {
		row := &s.Rows[i]
		if row.Measured == nil {
			continue
		}
		assert.GreaterOrEqual(t, row.Measured.Latency.N, 16, row.Title())
		assert.True(t, row.Settled(result.EndpointTime), row.Title())
		assert.True(t, row.Settled(result.Latency), row.Title())
	}
}

// The time limit bounds how many frames a row gets; then it stays as it is, not settled.
func TestUnsettledRowWithinTheTime(t *testing.T) {
	r, d := toy(t)
	r.Effort = sweep.Quick
	w := &r.Experiment.Spec.Workload
	w.MinFrames, w.MaxFrames, w.TimeLimit = 8, 8, time.Millisecond
	d.Spoil = unsteady(1000)
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	count := 0
	for i := range s.Rows {
		if row := &s.Rows[i]; row.Measured != nil {
			count++
			assert.Equal(t, 8, row.Measured.Latency.N, row.Title())
			assert.False(t, row.Settled(result.EndpointTime) && row.Settled(result.Latency), row.Title())
		}
	}
	require.NotZero(t, count)
	runs := 0
	for _, ran := range d.Ran {
		if strings.HasSuffix(ran, "single-stream") && !strings.HasPrefix(ran, "toy/together") {
			runs++
		}
	}
	assert.Equal(t, count, runs)
}
