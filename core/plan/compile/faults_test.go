package compile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFaults(t *testing.T) {
	f := plantest.Gated(t)
	f.Faults = []planfile.FaultSpec{
		{Device: "server", At: 2 * time.Second, For: time.Second},
		{Link: "wired", At: 0, For: time.Millisecond, Detect: 5 * time.Second},
		{Device: "server", At: 3*time.Second + 1, For: time.Second},
	}
	p := plantest.Compiled(t, f)
	want := []plan.Fault{
		{Device: 1, Link: -1, At: 2 * time.Second, For: time.Second, Detect: plan.Detection},
		{Device: -1, Link: 0, At: 0, For: time.Millisecond, Detect: 5 * time.Second},
		{Device: 1, Link: -1, At: 3*time.Second + 1, For: time.Second, Detect: plan.Detection},
	}
	assert.Equal(t, want, p.Faults)
	data, err := json.Marshal(p)
	var q plan.Plan
	if err == nil {
		err = json.Unmarshal(data, &q)
	}
	require.NoError(t, err, "through JSON")
	assert.Equal(t, want, q.Faults, "through JSON")
}
