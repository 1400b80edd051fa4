package plan_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
)

func TestSchedule(t *testing.T) {
	p := &plan.Plan{Seed: 5, Workload: plan.Workload{Kind: plan.Camera, Period: 40 * time.Millisecond}}
	assert.Equal(t, arrival.Schedule{PeriodNs: 40e6}, p.Schedule("a"))
	p.Workload = plan.Workload{Kind: plan.Offline}
	assert.Zero(t, p.Schedule("a"))
	p.Workload = plan.Workload{Kind: plan.Poisson, Rate: 250}
	a, b := p.Schedule("a"), p.Schedule("b")
	assert.Equal(t, int64(4e6), a.PeriodNs)
	assert.True(t, a.Poisson)
	assert.NotEqual(t, a.Seed, b.Seed, "instances have frames at times of their own")
	assert.Equal(t, a, p.Schedule("a"))
	p.Seed = 6
	assert.NotEqual(t, a.Seed, p.Schedule("a").Seed)
}
