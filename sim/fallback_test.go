package sim_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// offloaded returns a single stream whose pass runs on a server, over a link of 100
// ns, with an endpoint of half the speed that goes on alone 50 ns after it has lost the
// server. What pass costs there is not in the profile.
func offloaded(frames int64, faults ...plan.Fault) (*plan.Plan, []int) {
	b := enginetest.NewBuilder("offloaded", frames, 1, 1)
	c := b.Chain(1, 2, 0, 1, 0)
	b.FIFO(c[2], c[0], 1, 1, 1)
	p := b.Plan()
	p.Platform.Devices[0].Units[0].Slowdown = 2
	p.Platform.Links[0].Latency = 100
	p.Fallbacks = []plan.Takeover{{Device: 0, Peer: 1, After: 50}}
	p.Faults = faults
	return p, c
}

func TestGoesOnAlone(t *testing.T) {
	p, c := offloaded(20, plan.Fault{Device: 1, Link: -1, At: 300, For: 1000, Detect: 100})
	prof := costs()
	prof.Entries[p.CostKey(c[1], p.UnitOf(c[0]))] = profile.Entry{Samples: prof.Entries[enginetest.Pass].Samples}
	tr := simulate(t, &sim.Driver{Profile: prof}, p)
	assert.Equal(t, 1, tr.Restarts, "%d restarts, want 1", tr.Restarts)
	// With the server a frame takes 20 + 100 + 30 + 100 + 10 = 260 ns. It dies at 300, is
	// lost from 400 and replaced from 450 on, when frame 1 is to be made again. Alone a
	// frame takes 20 + 60 + 10 = 90 ns.
	want := []span{{250, 260}}
	for n := range int64(12) {
		want = append(want, span{510 + 90*n, 520 + 90*n})
	}
	// The server is back at 1300, which the endpoint hears at once. Its question is there at
	// 1400 and the answer here at 1500, when frame 12 leaves pass; then both tell where
	// they are, in 200 ns. From 1700 on the server gets frames 12, as the endpoint told
	// before that sink had it, and 13.
	for n := range int64(7) {
		want = append(want, span{1960 + 260*n, 1970 + 260*n})
	}
	expect(t, "sink", of(tr, trace.Firing, c[2]), want...)
	for _, e := range of(tr, trace.Firing, c[1]) {
		assert.Equal(t, (e.Device == "d0"), e.Start >= 400 && e.Start < 1500, "pass fired on %s at %d ns", e.Device, e.Start)
	}
}

// TestWaits has the same faults without a fallback.
func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault plan.Fault
		first int64 // end of frame 1
	}{
		// Frame 1 is lost on its way. At 1300 both tell where they are; at 1400 the endpoint
		// sends again, and 100 + 30 + 100 + 10 ns later the result is there.
		{"link", plan.Fault{Device: -1, Link: 0, At: 300, For: 1000, Detect: 2000}, 1640},
		// The server greets at 1300, learns at 1500 where it has to go on, and its answer
		// makes the endpoint send at 1600.
		{"server", plan.Fault{Device: 1, Link: -1, At: 300, For: 1000, Detect: 2000}, 1840},
		// The endpoint learns at 1500 that the server has frame 1, and count fires for it again
		// meanwhile. At 1600 the server sends the result again.
		{"endpoint", plan.Fault{Device: 0, Link: -1, At: 300, For: 1000, Detect: 2000}, 1710},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, a := offloaded(3, c.fault)
			p.Fallbacks = nil
			tr := simulate(t, &sim.Driver{Profile: costs()}, p)
			expect(t, "sink", of(tr, trace.Firing, a[2]), span{250, 260}, span{c.first - 10, c.first},
				span{c.first + 250, c.first + 260})
		})
	}
}

func TestFallbackNeedsItsCosts(t *testing.T) {
	p, _ := offloaded(1, plan.Fault{Device: 1, Link: -1, For: 1})
	_, err := (&sim.Driver{Profile: costs()}).Run(t.Context(), p)
	require.ErrorIs(t, err, profile.ErrMissing)
	assert.Contains(t, err.Error(), "on d0, when d1 is lost: cost of actor pass1")
	p.Faults = nil
	_, err = (&sim.Driver{Profile: costs()}).Run(t.Context(), p)
	assert.NoError(t, err, "nothing is lost")
}
