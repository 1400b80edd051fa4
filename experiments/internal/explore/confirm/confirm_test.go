package confirm_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/confirm"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	latency    = goal.Metric{Name: goal.Latency}
	throughput = goal.Metric{Name: goal.Throughput}
	traffic    = goal.Metric{Name: goal.Traffic}
)

// noisy is a mapping whose value of a metric scatters by a share, and with the machine's drift,
// which all share.
func noisy(name string, m goal.Metric, value, spread float64, r *rand.Rand, drift *float64, runs *int) confirm.Mapping {
	return confirm.Mapping{
		Name: name, Predicted: goal.Values{m: value}, May: true,
		Run: func(context.Context) (goal.Values, error) {
			*runs++
			return goal.Values{m: value * *drift * (1 + spread*r.NormFloat64())}, nil
		},
	}
}

// measure runs mappings with the values given, the predicted best first, on a machine that drifts.
func measure(t *testing.T, m goal.Metric, spread float64, values ...float64) (*confirm.Found, []int) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 9))
	drift := 1.0
	runs := make([]int, len(values))
	var list []confirm.Mapping
	for i, v := range values {
		list = append(list, noisy(strings.Repeat("x", i+1), m, v, spread, r, &drift, &runs[i]))
	}
	f, err := confirm.Run(t.Context(), list, m, confirm.Options{Seed: 1, Step: func(round int, _ string, n, total int) {
		drift = 1 + 0.5*float64(round%4)
		assert.LessOrEqual(t, n, total)
	}})
	require.NoError(t, err)
	return f, runs
}

func TestBest(t *testing.T) {
	f, runs := measure(t, latency, 0.01, 0.050, 0.055, 0.2)
	assert.Equal(t, confirm.Best, f.Verdict)
	assert.True(t, f.Settled)
	assert.Equal(t, 6, f.Rounds, "drift of half the value is that of both, so that six rounds do")
	assert.Equal(t, []int{6, 6, 6}, runs)
	assert.Equal(t, "x", f.Best)
	require.Len(t, f.Differences, 2)
	assert.Equal(t, "xx", f.Differences[0].Name, "the nearest first")
	assert.InDelta(t, 0.1, f.Differences[0].Share.Value, 0.02)
	assert.Regexp(t, `^x was predicted best and is measured best by latency, in 6 rounds; the next, xx, is worse by `+
		`\d+\.\d % \(`, f.Text)
	assert.Less(t, *f.Mappings[2].Measured[0].Error, 0.0, "the machine was slower than predicted")
}

// More rounds are made until it is settled, without those that are clearly worse.
func TestMoreRounds(t *testing.T) {
	f, runs := measure(t, latency, 0.03, 0.050, 0.0515, 0.2)
	assert.Equal(t, confirm.Best, f.Verdict)
	assert.Greater(t, f.Rounds, 6)
	assert.Equal(t, f.Rounds, runs[1])
	assert.Equal(t, 6, runs[2], "far behind")
}

func TestWithin(t *testing.T) {
	f, _ := measure(t, latency, 0.001, 0.0505, 0.050)
	assert.Equal(t, confirm.Within, f.Verdict)
	assert.Equal(t, "xx", f.Best)
	assert.Regexp(t, `^x was predicted best and is within 2 % of the measured best, xx, by latency, in 6 rounds: `+
		`worse by `+
		`1\.\d % \(`, f.Text)
	f, _ = measure(t, latency, 0.001, 0.0500, 0.0500)
	assert.True(t, f.Settled, "two that are equal are settled")
}

func TestBeaten(t *testing.T) {
	f, _ := measure(t, latency, 0.01, 0.060, 0.050)
	assert.Equal(t, confirm.Beaten, f.Verdict)
	assert.Regexp(t, `^x was predicted best, but xx is measured best by latency, in 6 rounds: it is worse by `, f.Text)
	f, _ = measure(t, throughput, 0.01, 20, 25)
	assert.Equal(t, confirm.Beaten, f.Verdict, "more is better")
	f, _ = measure(t, throughput, 0.01, 25, 20)
	assert.Equal(t, confirm.Best, f.Verdict)
}

func TestNotSettled(t *testing.T) {
	f, runs := measure(t, latency, 0.3, 0.050, 0.0505)
	assert.Equal(t, confirm.Open, f.Verdict)
	assert.False(t, f.Settled)
	assert.Equal(t, []int{20, 20}, runs)
	assert.Regexp(t, `^who is best is not settled by latency, in 20 rounds: x was predicted best`, f.Text)
}

// What always is the same, or nothing at all, is settled.
func TestTraffic(t *testing.T) {
	run := func(v float64) func(context.Context) (goal.Values, error) {
		return func(context.Context) (goal.Values, error) { return goal.Values{traffic: v}, nil }
	}
	f, err := confirm.Run(t.Context(), []confirm.Mapping{
		{Name: "none", Predicted: goal.Values{traffic: 0}, May: true, Run: run(0)}, {Name: "some", May: true, Run: run(1000)},
	}, traffic, confirm.Options{})
	require.NoError(t, err)
	assert.Equal(t, confirm.Best, f.Verdict)
	assert.Equal(t, 6, f.Rounds)
}

// A mapping that may not be best doesn't keep the others from being settled, and one that fails is
// left out.
func TestLeftOut(t *testing.T) {
	calls := 0
	run := func(v float64) func(context.Context) (goal.Values, error) {
		return func(context.Context) (goal.Values, error) { return goal.Values{latency: v}, nil }
	}
	f, err := confirm.Run(t.Context(), []confirm.Mapping{
		{Name: "cut", May: true, Run: run(0.05)}, {Name: "raw", Run: run(0.01)}, {Name: "other", May: true, Run: run(0.08)},
		{Name: "broken", May: true, Run: func(context.Context) (goal.Values, error) {
			calls++
			return nil, errors.New("no memory")
		}},
	}, latency, confirm.Options{})
	require.NoError(t, err)
	assert.Equal(t, confirm.Best, f.Verdict)
	assert.Equal(t, "cut was predicted best and is measured best by latency, in 6 rounds; the next, other, is worse by "+
		"60.0 % (60.0 to 60.0 %)", f.Text)
	assert.Equal(t, 1, calls)
	assert.Equal(t, "no memory", f.Mappings[3].Failed)
	assert.Zero(t, f.Mappings[3].Rounds)

	f, err = confirm.Run(t.Context(), []confirm.Mapping{
		{Name: "broken", May: true, Run: func(context.Context) (goal.Values, error) { return nil, errors.New("no memory") }},
		{Name: "cut", May: true, Run: run(0.05)},
	}, latency, confirm.Options{})
	require.NoError(t, err)
	assert.Equal(t, "broken was predicted best, and could not be measured", f.Text)
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := confirm.Run(ctx, []confirm.Mapping{{Name: "cut", May: true, Run: func(context.Context) (goal.Values, error) {
		cancel()
		return goal.Values{latency: 1}, nil
	}}}, latency, confirm.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// Of two that are equally good, chance makes one the better in at most one of twenty confirmations,
// however often it is looked at.
func TestChance(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	wrong, drift, runs := 0, 1.0, 0
	const tries = 1000
	for range tries {
		f, err := confirm.Run(t.Context(), []confirm.Mapping{
			noisy("a", latency, 1, 0.2, r, &drift, &runs), noisy("b", latency, 1, 0.2, r, &drift, &runs),
		}, latency, confirm.Options{})
		require.NoError(t, err)
		if f.Verdict == confirm.Best || f.Verdict == confirm.Beaten {
			wrong++
		}
	}
	assert.Less(t, float64(wrong)/tries, 0.05)
}

// A round counts as 1 at most: what is far worse is not said to be worse by just that.
func TestFarWorse(t *testing.T) {
	run := func(v float64) func(context.Context) (goal.Values, error) {
		return func(context.Context) (goal.Values, error) { return goal.Values{latency: v}, nil }
	}
	f, err := confirm.Run(t.Context(), []confirm.Mapping{
		{Name: "cut", May: true, Run: run(1)}, {Name: "whole", May: true, Run: run(2.5)},
	}, latency, confirm.Options{})
	require.NoError(t, err)
	assert.Equal(t, "cut was predicted best and is measured best by latency, in 6 rounds; the next, whole, is worse by "+
		"100 % or more in every round", f.Text)
}
