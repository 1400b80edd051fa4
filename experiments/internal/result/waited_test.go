package result

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A run in which firings waited for records says so wherever its times stand.
func TestFiringsThatWaitedForRecordsAreShown(t *testing.T) {
	const text = "device d0: firings waited 12ms in all for records of the run to be sent"
	o := outcome(0.1, 0.2)
	runs := PlanRuns{Plan: "p", Runs: []PlanRun{{Driver: "deploy", Outcome: *o}}}
	var b bytes.Buffer
	require.NoError(t, runs.WriteTable(&b))
	assert.NotContains(t, b.String(), "disturbed")
	runs.Runs[0].Outcome.Waited = []string{text}
	require.NoError(t, runs.WriteTable(&b))
	assert.Contains(t, b.String(), "disturbed: deploy: "+text)

	s := tableSweep()
	for i := range s.Rows {
		if s.Rows[i].Measured != nil {
			s.Rows[i].Measured.Waited = []string{text}
			break
		}
	}
	b.Reset()
	require.NoError(t, WriteTable(&b, s))
	assert.Contains(t, b.String(), "disturbed: ")
	assert.Contains(t, b.String(), text)
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.Len(t, sum.Waited, 1)
}
