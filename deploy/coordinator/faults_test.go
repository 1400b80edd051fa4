package coordinator_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// interrupting counts how often agents came back.
type interrupting struct {
	*testbed.Testbed
	done atomic.Int64
}

func (i *interrupting) Interrupt(device string) (func(), error) {
	resume, err := i.Testbed.Interrupt(device)
	if err != nil {
		return nil, err
	}
	return func() {
		resume()
		i.done.Add(1)
	}, nil
}

// failing returns a plan whose devices both fail at random times in the first seconds, and how
// often its seed has them do that, by device.
func failing() (p *plan.Plan, expected map[string]int) {
	p, expected = thereAndBack(), map[string]int{}
	p.Seed = 3
	for d := range 2 {
		p.Faults = append(p.Faults, plan.Fault{Device: d, Link: -1, Detect: plan.Detection, Random: &failure.Process{
			Crash:  failure.Times{Kind: failure.Weibull, Shape: 2, Mean: time.Second},
			Repair: failure.Times{Kind: failure.Exponential, Mean: 200 * time.Millisecond}, Until: 3 * time.Second,
		}})
		o := p.Outages(&p.Faults[d])
		for _, _, ok := o.Next(); ok; _, _, ok = o.Next() {
			expected[p.Platform.Devices[d].Name]++
		}
	}
	return p, expected
}

// Faults at the random times of a plan's seed happen in a deployment as often as in a simulation, and
// every frame comes out once, in order and as it must be.
func TestRandomFaultsLoseNothing(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Restarting(testbedtest.Works, "d0", "d1"))
	require.NoError(t, err)
	defer tb.Close()
	p, expected := failing()
	require.GreaterOrEqual(t, expected["d0"], 1)
	require.GreaterOrEqual(t, expected["d1"], 1)
	counted := &interrupting{Testbed: tb}
	d := tb.Driver()
	d.Processes = counted
	tr := runWhile(t, d, p, nil, func(ctx context.Context) error {
		for counted.done.Load() < int64(expected["d0"]+expected["d1"]) {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
		return nil
	})
	happened := map[string]int{}
	for _, o := range tr.Outages {
		happened[o.Device]++
		assert.Greater(t, o.ToNs, o.FromNs)
		assert.Less(t, o.FromNs, tr.EndNs)
	}
	assert.Equal(t, expected, happened)
	assert.GreaterOrEqual(t, tr.Restarts, 1)
	require.Equal(t, begun(tr), int64(len(tr.Results)))
	total := uint64(0)
	for i, r := range tr.Results {
		total += uint64(i)
		require.Equal(t, int64(i), r.Frame)
		require.Equal(t, []float32{float32(total >> 16), float32(total & 0xffff)}, r.Values, "result %d", i)
	}
	tb.Close()
	cmds.CheckGone(t)
}

// Faults need agents that this program has started, and patience.
func TestFaultsThatNobodyCarriesOut(t *testing.T) {
	p, _ := failing()
	const says = "not possible in a deployment: plan there and back has faults of devices: only agents that this " +
		"program has started can be ended and started again, and only with patience; run it on this machine with " +
		"--patience 60s, or use --driver sim"
	_, err := (&coordinator.Driver{Patience: time.Minute}).Run(t.Context(), p)
	require.ErrorIs(t, err, coordinator.ErrUnsupported)
	assert.EqualError(t, err, says)
	_, err = (&coordinator.Driver{Processes: &testbed.Testbed{}}).Run(t.Context(), p)
	assert.EqualError(t, err, says)
}
