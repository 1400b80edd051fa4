package lab

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func noStep(int, int) {}

// drifting is a machine on which all computations take as many times longer as there were
// rounds, and its reference computation, which takes 1 ms in the first.
type drifting struct {
	slow int64
	ran  []*plan.Plan
}

func (d *drifting) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	d.ran = append(d.ran, p)
	t, err := (&exptest.Driver{Name: "deploy"}).Run(ctx, p)
	for i := range t.Events {
		t.Events[i].Kernel *= d.slow
	}
	return t, err
}

func (d *drifting) reference(context.Context) (time.Duration, error) {
	return time.Duration(d.slow) * time.Millisecond, nil
}

// plansOf returns the plans of every turn.
func plansOf(turns []sweep.Turn) [][]*plan.Plan {
	var plans [][]*plan.Plan
	for _, t := range turns {
		plans = append(plans, t.Plans)
	}
	return plans
}

func toyRounds(t *testing.T) (*Rounds, *drifting, []*plan.Plan) {
	t.Helper()
	x, err := sweep.New(exptest.Spec(t, "toy"), exptest.Model(t))
	require.NoError(t, err)
	plans, err := sweep.ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	turns, err := x.Turns()
	require.NoError(t, err)
	d := &drifting{slow: 1}
	r := &Rounds{Driver: d, Owner: OneMachine, Reference: d.reference, Base: exptest.Profile(plans), Turns: plansOf(turns)}
	return r, d, plans
}

// Codecs take turns, so that a round costs one run a cut; after three rounds every firing
// was measured in the processes that run it, each round at another time.
func TestRoundsSpreadSamplesOverTime(t *testing.T) {
	r, d, plans := toyRounds(t)
	before := len(r.Base.Entries)
	for round := range int64(3) {
		d.slow = round + 1
		require.NoError(t, r.Round(t.Context(), noStep))
		assert.LessOrEqual(t, len(d.ran), len(r.Turns)*int(round+1), "one run a turn at most")
	}
	assert.Equal(t, 3, r.Made())
	p := r.Profile()
	require.NoError(t, sweep.Covers(p, plans))
	head := plans[len(plans)-1].Work[0].CostKey // of the source, in every plan
	for key, e := range p.Entries {
		then, ok := e.Reference()
		assert.True(t, ok, "%s has no reference beside its samples", key)
		assert.Positive(t, then)
	}
	e := p.Entries[head]
	assert.Equal(t, time.Millisecond, e.References[0])
	assert.Equal(t, 3*time.Millisecond, e.References[len(e.References)-1])
	assert.Equal(t, 3*e.Samples[0], e.Samples[len(e.Samples)-1])

	// Corrected for its drift, the machine shows the same cost in every round.
	c, ok := e.Corrected(2 * time.Millisecond)
	require.True(t, ok)
	for _, s := range c.Samples {
		assert.Equal(t, 2*e.Samples[0], s)
	}
	assert.Len(t, r.Base.Entries, before)
	_, ok = r.Base.Entries[head].Reference()
	assert.False(t, ok, "the base was changed")
}

// Rounds after the first run the turns that matter, and what is known of the others stays.
func TestRoundsOfSomeTurnsAgain(t *testing.T) {
	r, d, plans := toyRounds(t)
	require.Greater(t, len(r.Turns), 2)
	r.Again = []int{1}
	require.NoError(t, r.Round(t.Context(), noStep))
	first := len(d.ran)
	var steps []int
	require.NoError(t, r.Round(t.Context(), func(n, total int) { steps = append(steps, n, total) }))
	assert.Equal(t, []int{1, 1}, steps)
	require.Len(t, d.ran, first+1)
	assert.Equal(t, r.Turns[1][2%len(r.Turns[1])].Name, d.ran[first].Name)
	require.NoError(t, sweep.Covers(r.Profile(), plans))
}

func TestRoundsOfAParameter(t *testing.T) {
	x, err := sweep.New(exptest.Spec(t, "gated"), exptest.Model(t))
	require.NoError(t, err)
	plans, err := sweep.ProfilePlans(x.Spec, x.Models)
	require.NoError(t, err)
	turns, err := x.Turns()
	require.NoError(t, err)
	d := &drifting{slow: 1}
	r := &Rounds{
		Driver: d, Owner: OneMachine, Reference: d.reference, Base: exptest.Profile(plans), Turns: plansOf(turns),
		Share: func(e map[string]profile.Entry) { x.Share(e, plans, nil) },
	}
	require.NoError(t, r.Round(t.Context(), noStep))
	always, never := 0, 0
	for _, p := range d.ran {
		switch p.Graph.Actors[1].Params["threshold"] {
		case x.Spec.Sweep.Always:
			always++
		case x.Spec.Sweep.Never:
			never++
		}
	}
	assert.Positive(t, always)
	assert.Positive(t, never)
	profile := r.Profile()
	for _, p := range plans {
		_, ok := profile.Entries[p.Work[1].CostKey].Reference()
		assert.True(t, ok, "%s: the swept actor has a cost of its own", p.Name)
	}
}

func TestRoundsFail(t *testing.T) {
	r, _, _ := toyRounds(t)
	failed := errors.New("failed")
	r.Driver = &exptest.Driver{Name: "deploy", Fail: func(*plan.Plan) error { return failed }}
	require.ErrorIs(t, r.Round(t.Context(), noStep), failed)
	r.Reference = func(context.Context) (time.Duration, error) { return 0, failed }
	require.ErrorIs(t, r.Round(t.Context(), noStep), failed)
	assert.Zero(t, r.Made())
}

func TestPredictor(t *testing.T) {
	stored := &profile.Profile{Entries: map[string]profile.Entry{
		"a": {Samples: []time.Duration{100}, References: []time.Duration{10}}, "b": {Samples: []time.Duration{7}},
	}}
	var over *profile.Profile
	p := &Predictor{Profile: stored, Simulate: func(q *profile.Profile) driver.Driver { over = q; return nil }}
	cost := func(key string) time.Duration { return over.Entries[key].Median() }

	p.Stored()
	assert.Equal(t, time.Duration(100), cost("a"))
	p.Fresh(profile.Costs{"": {"a": {Samples: []time.Duration{1}}}})
	assert.Equal(t, time.Duration(1), cost("a"))
	assert.Equal(t, time.Duration(7), cost("b"))
	p.Corrected(15)
	assert.Equal(t, time.Duration(150), cost("a"))
	assert.Equal(t, time.Duration(7), cost("b"), "nothing is known of its drift")
	assert.Equal(t, time.Duration(100), stored.Entries["a"].Median(), "the stored profile changed")

	then, ok := p.Then(&plan.Plan{Work: []plan.Work{{CostKey: "a"}, {CostKey: "b"}}})
	assert.True(t, ok)
	assert.Equal(t, time.Duration(10), then)
	_, ok = p.Then(&plan.Plan{Work: []plan.Work{{CostKey: "b"}}})
	assert.False(t, ok)
}

func TestTypicalTransport(t *testing.T) {
	one := profile.Transport{PerMessage: 10, PerByte: 0.1, SendPerMessage: 5, SendPerByte: 0.2, Dispatch: 3}
	disturbed := profile.Transport{PerMessage: 90, PerByte: 0.9, SendPerMessage: 50, SendPerByte: 0.8, Dispatch: 30}
	assert.Equal(t, one, Typical([]profile.Transport{one, disturbed, one}))
}
