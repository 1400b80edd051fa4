package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// broken lets every link of a plan fail at random, and lose what it sends.
func broken(p *plan.Plan, loss plan.Loss) {
	for i := range p.Platform.Links {
		p.Platform.Links[i].Loss = loss
		p.Faults = append(p.Faults, plan.Fault{Device: -1, Link: i, Detect: time.Millisecond, Random: &failure.Process{
			Crash:  failure.Times{Kind: failure.Exponential, Mean: 200 * time.Millisecond},
			Repair: failure.Times{Kind: failure.Constant, Mean: 5 * time.Millisecond},
		}})
	}
}

// Tokens that wait for a medium when their link fails have not crossed, and neither has what would
// have been lost of them.
func TestLossesFaultsAndMedium(t *testing.T) {
	for _, duplex := range []plan.Duplex{plan.Full, plan.Half} {
		p := cell(2, 300)
		broken(p, plan.Loss{Rate: 0.3, Timeout: 20 * time.Millisecond})
		for i := range p.Platform.Links {
			p.Platform.Links[i].Duplex = duplex
		}
		d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
		s, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		lost := int64(0)
		for _, l := range s.Links {
			lost += l.LostTokens
			assert.GreaterOrEqual(t, l.Busy, time.Duration(0))
			assert.LessOrEqual(t, l.Busy, s.End)
		}
		require.Positive(t, lost, "faults lose tokens")
		tr := simulate(t, d, p)
		require.NotEmpty(t, tr.Crossed)
	}
}

// While a token waits for a timeout, the link is not busy, and it is not when a fault ends that
// wait, either.
func TestLostTokensLeaveALinkFree(t *testing.T) {
	for _, medium := range []bool{false, true} {
		p := cell(2, 300)
		for i := range p.Platform.Links {
			l := &p.Platform.Links[i]
			l.BandwidthBytesPerSec, l.Latency = 1e6, time.Millisecond
			if !medium {
				l.Medium = ""
			}
		}
		broken(p, plan.Loss{Model: plan.TCPLoss, Rate: 0.15, Timeout: 50 * time.Millisecond})
		s, err := (&sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}).Summarize(t.Context(), p)
		require.NoError(t, err)
		require.NotEmpty(t, s.Links)
		for _, l := range s.Links {
			assert.Positive(t, l.LostTokens)
			assert.Positive(t, l.Busy, "medium: %v", medium)
			assert.LessOrEqual(t, l.Busy, s.End)
		}
	}
}

// A run whose times can't be told in ns is refused, and does not go on with wrong ones.
func TestEndlessTimes(t *testing.T) {
	p := cell(1, 300)
	_, err := (&sim.Driver{Cost: sim.Constant(100 * plan.MaxLinkTime), Link: sim.Ideal{}}).Run(t.Context(), p)
	require.ErrorIs(t, err, sim.ErrPlan)
	require.ErrorContains(t, err, "it goes on for more than 292 years, since ")
	d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
	p.Faults = []plan.Fault{{Device: 0, Link: -1, At: 200 * plan.MaxLinkTime, For: 200 * plan.MaxLinkTime}}
	_, err = d.Run(t.Context(), p)
	require.ErrorContains(t, err, "give it a device or a link, a time and a duration")
	p.Faults, p.Workload.Kind, p.Workload.Period = nil, plan.Camera, 200*plan.MaxLinkTime
	_, err = d.Run(t.Context(), p)
	require.EqualError(t, err, "simulate plan endpoints: plan can't be simulated: its 300 frames, one every 1756800h0m0s "+
		"on average, come over more than 100 years; expected fewer, or a shorter time between them")
	l := &p.Platform.Links[0]
	l.BandwidthBytesPerSec = 1e-12
	assert.Equal(t, plan.MaxTokenTime, l.Serialisation(8))
}
