package studycmd_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

const failing = studytest.Plan + `faults:
  - {device: server, mtbf: 30s, mttr: 2s}
  - {link: wifi, crash: {kind: weibull, shape: 2, scale: 60s}, repair: {kind: constant, mean: 1s}}
`

// value returns that of a metric in a row.
func value(t *testing.T, row runner.Row, name string) float64 {
	t.Helper()
	m, ok := study.MetricOf(name)
	require.True(t, ok)
	v, ok := row.Value(m)
	require.True(t, ok, "%s of %+v", name, row)
	return v
}

// How often something fails and for how long are factors by their paths, and what comes of it is
// told: how long what failed was up, how late frames were, and how long it took until the next result.
func TestFailures(t *testing.T) {
	x := studiedOn(t, failing, `vary:
  - {key: "faults[0].mtbf", values: [20s, 100h]}
  - {key: "faults[1].crash.scale", values: [20s, 100h]}
  - {key: workload.deadline, values: [500ms]}
`)
	x.base.YAML = replaced(t, failing, "single-stream, frames: 10", "camera, period: 1s, deadline: 1s, frames: 1000")
	rows := x.run(t, runner.Nowhere{}, 2)
	require.Len(t, rows, 4)
	for _, r := range rows {
		require.Empty(t, r.Failed)
	}
	both, server, link, none := rows[0], rows[1], rows[2], rows[3]
	assert.InDelta(t, 20./22, value(t, server, "availability"), 0.06)
	assert.InDelta(t, 17.7/18.7, value(t, link, "availability"), 0.03)
	assert.Less(t, value(t, both, "availability"), 0.97)
	assert.InDelta(t, 1, value(t, none, "availability"), 1e-9)
	recovery, _ := study.MetricOf("recovery_time")
	_, ok := none.Value(recovery)
	assert.False(t, ok, "nothing failed, so that nothing recovered")
	// A repair takes 2 s, and the next frame half a second on average.
	assert.InDelta(t, 2.5, value(t, server, "recovery_time"), 1.2)
	assert.InDelta(t, 0, value(t, none, "late"), 1e-9)
	assert.InDelta(t, 2./22, value(t, server, "late"), 0.06, "frames that come while the server is down wait for it")
	assert.Equal(t, csvOf(t, x, rows), csvOf(t, x, x.run(t, runner.Nowhere{}, 1)), "again")
}

// A unit's cost model is a factor by its path.
func TestCostsAsFactor(t *testing.T) {
	x := studied(t, `vary:
  - {key: "platform.devices[cam].units[cpu].cost", values: [median, constant=5ms, constant=50ms]}
`)
	rows := x.run(t, runner.Nowhere{}, 2)
	var took []float64
	for _, r := range rows {
		require.Empty(t, r.Failed)
		took = append(took, value(t, r, "endpoint_time"))
	}
	assert.Less(t, took[0], took[1])
	assert.InDelta(t, took[1]+2*0.045, took[2], 1e-6, "of one actor, on a unit that is slowed by 2")
}

// What was fitted, and how well that fits, stands with the case.
func TestFittedIsSaid(t *testing.T) {
	x := studied(t, `vary: [{key: "platform.devices[cam].units[cpu].cost", values: [median, lognormal]}]`)
	rows := x.run(t, runner.Nowhere{}, 1)
	assert.Empty(t, rows[0].Fitted)
	assert.Equal(t, []string{"the cost of camera on cam: log-normal with median 1ms and sigma 0.000: Kolmogorov-Smirnov " +
		"distance 0.000, 1 samples"}, rows[1].Fitted)
}

func TestBadFactors(t *testing.T) {
	base := &factor.Base{File: parsed(t, failing)}
	for key, c := range map[string][2]string{
		"faults[2].mtbf": {"1s", "no such key: faults[2].mtbf: faults has 2 items, counted from 0"},
		"faults[0].rate": {"1s", `no such key: faults[0].rate: faults[0] has no key "rate"; it has at, crash, detect, ` +
			`device, for, link, mtbf, mttr, repair, until`},
		"faults[0].mtbf": {"30", `not a value of the key: faults[0].mtbf: bad quantity: expected a duration with its ` +
			`unit, such as 30ms, 30s or 30us; found "30"`},
		"faults[1].crash.shape": {"NaN", `not a value of the key: faults[1].crash.shape is a finite number such as 0.5; ` +
			`found "NaN"`},
		"platform.devices[cam].units[cpu].cost": {"dear", `not a value of the key: platform.devices[cam].units[cpu].cost: ` +
			`no cost model "dear"; expected median, mean, empirical, constant=DURATION, lognormal, shifted-lognormal or phases`},
	} {
		f, err := factor.New(base, key, "")
		if err == nil {
			_, err = f.Level(base, c[0])
		}
		assert.EqualError(t, err, c[1], key)
	}
}

func replaced(t *testing.T, text, from, to string) []byte {
	t.Helper()
	require.Contains(t, text, from)
	return []byte(strings.Replace(text, from, to, 1))
}

func parsed(t *testing.T, text string) *planfile.File {
	t.Helper()
	f, err := planfile.Parse("plan.yaml", []byte(text))
	require.NoError(t, err)
	return f
}
