package result

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What many instances say of the server that they share stands in the table once, and the instances that the table
// leaves out are left out of the lines below it.
func TestFaultsOfASharedDeviceStandOnce(t *testing.T) {
	up, down := 9*time.Second, time.Second
	server := Target{Name: "device server", Observed: failure.Observed{
		Availability: 0.9, Crashes: 2, MTBF: &up, MTTR: &down,
	}}
	late := 0.25
	var p PlanRuns
	for i := range mostShown + 5 {
		o := outcome(0.1, 0.4)
		o.Late, o.Failures = &late, &Failures{Targets: []Target{server}, Unrecovered: 1}
		p.Runs = append(p.Runs, PlanRun{Driver: "sim", Instance: fmt.Sprintf("c-%d", i+1), Outcome: *o})
	}
	var b bytes.Buffer
	require.NoError(t, p.WriteTable(&b))
	text := b.String()
	assert.Equal(t, 1, strings.Count(text, "sim: device server was up for 90.00 % of the time, failed 2 times, "+
		"9s after it was up on average, and was down for 1s\n"), text)
	assert.Equal(t, 1, strings.Count(text, "device server"), text)
	assert.Equal(t, mostShown, strings.Count(text, "25.00 % of the frames were later than the deadline"))
	assert.Equal(t, mostShown, strings.Count(text, "no result that needed what had failed came"))
	assert.Contains(t, text, "and 5 instances more, in summary.csv")
}
