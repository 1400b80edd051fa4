package design_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

// based is a design of a plan with baselines.
func based(t *testing.T, plan, rest string) *design.Design {
	t.Helper()
	s, err := study.Parse("study.yaml", []byte("study: s\nbase: {plan: plan.yaml}\n"+rest))
	require.NoError(t, err)
	parse := func() (*planfile.File, error) { return planfile.Parse("plan.yaml", []byte(plan)) }
	f, err := parse()
	require.NoError(t, err)
	d, err := design.New(s, &factor.Base{File: f, Actors: []string{"camera", "shrink", "detect", "sink"}}, parse)
	require.NoError(t, err)
	return d
}

// Baselines are cases behind the others: one for each combination of what they don't decide.
func TestBaselines(t *testing.T) {
	d := based(t, studytest.Plan, "vary: [{key: cut, values: [shrink, detect]}, {key: latency, values: [1ms, 2ms]}, "+
		"{key: codec, values: [none, int8]}]\n")
	points, err := d.Points()
	require.NoError(t, err)
	var texts []string
	for _, p := range points {
		texts = append(texts, strings.TrimSuffix(strings.ReplaceAll(p.Key(), "\x00", "|"), "|"))
	}
	assert.Len(t, d.Regular(points), 8)
	assert.Equal(t, []string{
		"sink|1ms|none|all on endpoint", "sink|2ms|none|all on endpoint",
		"camera|1ms|none|all on server, raw", "camera|2ms|none|all on server, raw",
		"camera|1ms|jpeg|all on server, JPEG", "camera|2ms|jpeg|all on server, JPEG",
	}, texts[8:])
	assert.Equal(t, "shrink|1ms|none|", texts[0])
	assert.Equal(t, "all on endpoint", d.Baseline(points[8]))
	d.Drop("all on endpoint")
	again, err := d.Points()
	require.NoError(t, err)
	assert.Len(t, again, 12)
	assert.Equal(t, []string{"all on server, raw", "all on server, JPEG"}, d.Baselines())
	for i, p := range points { // as workers read them
		for k, l := range p {
			_, err := d.LevelOf(k, l.Text)
			require.NoError(t, err, texts[i])
		}
	}
	_, err = d.LevelOf(3, "all in the cloud")
	assert.EqualError(t, err, `not a value of the factor: there is no baseline "all in the cloud"`)
}

func TestWithoutBaselines(t *testing.T) {
	const rest = "vary: [{key: latency, values: [1ms, 2ms]}]\n"
	d := based(t, studytest.Plan, rest+"baselines: false\n")
	assert.Empty(t, d.Baselines())
	require.NoError(t, d.NoBaselines)
	d = based(t, strings.Replace(studytest.Plan, "- mapping: [{unit: cam.cpu, through: camera}, {unit: server.cpu}]",
		"- mapping: [{unit: cam.cpu, actors: [camera]}, {unit: server.cpu}]", 1), rest)
	assert.Empty(t, d.Baselines())
	assert.EqualError(t, d.NoBaselines, "nothing to vary: no instance's mapping begins with {unit: device.unit, through: "+
		"actor}, which is the cut")
	_, err := study.Parse("study.yaml", []byte("study: s\nbase: {plan: plan.yaml}\nvary: [{key: cut, name: baseline, "+
		"values: all}]\n"))
	assert.EqualError(t, err, "bad input: study.yaml:3:9: bad factor: the name baseline is that of the baselines' "+
		"column; give it another name")
}
