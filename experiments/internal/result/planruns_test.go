package result

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of a plan's runs says how far simulation and measurement are apart, where there are both, by instance.
func TestTableOfRunsHasTheErrors(t *testing.T) {
	sim := PlanRun{Driver: "sim", Instance: "a", Outcome: *outcome(0.11, 0.4)}
	real := PlanRun{Driver: "deploy", Instance: "a", Outcome: *outcome(0.1, 0.4)}
	other := PlanRun{Driver: "deploy", Instance: "b", Outcome: *outcome(0.1, 0.4)}
	var b bytes.Buffer
	require.NoError(t, (&PlanRuns{Runs: []PlanRun{sim, real, other}}).WriteTable(&b))
	assert.Contains(t, b.String(), "\nerror of the simulation a, endpoint time: +10.0 %")
	assert.NotContains(t, b.String(), "error of the simulation b")
	b.Reset()
	require.NoError(t, (&PlanRuns{Runs: []PlanRun{real, other}}).WriteTable(&b))
	assert.NotContains(t, b.String(), "error")
}
