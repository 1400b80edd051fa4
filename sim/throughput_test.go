package sim_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mapped draws a plan with a lane for every actor and constant costs of their
// own. Over every direction of a link one actor at most sends; actor 0 is the
// source and the last one the sink.
func mapped(rng *rand.Rand, frames int64) (*plan.Plan, *profile.Profile) {
	for {
		n := 3 + rng.IntN(6)
		lanes := make([]int, 1+rng.IntN(3))
		for i := range lanes {
			lanes[i] = n
		}
		b := enginetest.NewBuilder("mapped", frames, lanes...)
		p := b.Plan()
		prof := &profile.Profile{Entries: map[string]profile.Entry{}, Transport: profile.Transport{
			PerMessage: time.Duration(rng.IntN(300)), PerByte: rng.Float64() * 20, SendPerMessage: time.Duration(rng.IntN(200)),
			SendPerByte: rng.Float64() * 20, Dispatch: time.Duration(rng.IntN(20)),
		}}
		for i := range p.Platform.Links {
			l := &p.Platform.Links[i]
			l.Latency, l.BandwidthBytesPerSec = time.Duration(rng.IntN(500)), []quantity.BytesPerSec{0, 1e8}[rng.IntN(2)]
		}
		for a := range n {
			kernel := enginetest.Pass
			switch a {
			case 0:
				kernel = enginetest.Count
			case n - 1:
				kernel = enginetest.Sink
			}
			b.Actor(kernel, rng.IntN(len(lanes)))
			p.Work[a].CostKey = p.Graph.Actors[a].Name
			prof.Entries[p.Work[a].CostKey] = profile.Entry{Samples: []time.Duration{time.Duration(1 + rng.IntN(1000))}}
		}
		for i := range n + rng.IntN(n) {
			from, to := rng.IntN(n-1), 1+rng.IntN(n-1)
			switch {
			case i < n-1:
				from, to = rng.IntN(i+1), i+1 // joined
			case i == n-1:
				from, to = n-1, 0 // a window of frames
			}
			rate, delay := 1+rng.IntN(3), 0
			if from >= to {
				delay = rate * (1 + rng.IntN(4))
			}
			room := rng.IntN(4)
			if p.Work[from].Device != p.Work[to].Device {
				room += rate
			}
			b.FIFO(from, to, rate, delay, max(delay, rate)+room)
		}
		if graph.Validate(p.Graph) == nil && oneSender(p) {
			return p, prof
		}
	}
}

func oneSender(p *plan.Plan) bool {
	sender := map[[2]int]int{}
	for _, q := range p.Graph.FIFOs {
		conn := [2]int{p.Work[q.From].Device, p.Work[q.To].Device}
		if first, ok := sender[conn]; ok && first != q.From && conn[0] != conn[1] {
			return false
		}
		sender[conn] = q.From
	}
	return true
}

// TestThroughputIsTheMaximumCycleMean runs 500 random mapped graphs with constant
// costs: the simulator's steady state is what the analysis says, within 0.1 %.
func TestThroughputIsTheMaximumCycleMean(t *testing.T) {
	const frames = 4000
	links := 0
	for seed := range uint64(500) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 7)), frames)
		d := &sim.Driver{Profile: prof}
		m, err := d.Mapping(p)
		require.NoError(t, err, "seed %d", seed)
		r, err := analysis.Analyze(p.Graph, m)
		require.NoError(t, err, "seed %d", seed)
		w := r.Flows[0].Worst
		assert.True(t, w.Exact, "seed %d: not exact because %s", seed, w.Why)
		for _, c := range m.Cross {
			if c.Link >= 0 {
				links++
				break
			}
		}
		ends := of(simulate(t, d, p), trace.Firing, len(p.Work)-1)
		got := float64(ends[frames-1].End-ends[frames/2-1].End) / (frames / 2)
		diff := got/w.Period - 1
		assert.LessOrEqual(t, diff, 1e-3, "seed %d: %g ns per frame simulated, %g analysed (%s of %v)", seed, got, w.Period,
			w.Limit, w.On)
		assert.GreaterOrEqual(t, diff, -1e-3, "seed %d: %g ns per frame simulated, %g analysed (%s of %v)", seed, got,
			w.Period, w.Limit, w.On)
	}
	assert.GreaterOrEqual(t, links, 200, "only %d of 500 plans cross a link", links)
}
