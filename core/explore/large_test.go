package explore_test

import (
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/stretchr/testify/require"
)

// network returns a problem in the shape of a network: a chain of blocks, of which some have
// branches, on devices of rising speed.
func network(tasks, devices int, seed uint64) *explore.Problem {
	rng := rand.New(rand.NewPCG(seed, 2))
	p := &explore.Problem{Channels: devices * devices}
	for d := range devices {
		p.Units = append(p.Units, explore.Unit{Name: "u", Device: d, Watts: float64(5 + 10*d)})
		p.Devices = append(p.Devices, explore.Device{Name: "d", Endpoint: d == 0, Idle: 2, Send: 1})
	}
	var ends []int // whose tokens the next task takes
	for t := 0; t < tasks; t++ {
		task := explore.Task{MemoryBytes: 1e5}
		work := 1e5 * (1 + rng.Float64()*20)
		for d := range devices {
			task.Nanos = append(task.Nanos, work/float64(int(1)<<(2*d)))
		}
		p.Tasks = append(p.Tasks, task)
		p.Nets = append(p.Nets, explore.Net{
			From: t, Bytes: 1e4 * (1 + rng.Float64()*50), Raw: t == 0, Leakage: rng.Float64(),
		})
		switch {
		case t == 0:
		case len(ends) > 1 && rng.IntN(2) == 0, t == tasks-1: // branches join
			for _, e := range ends {
				p.Nets[e].To = append(p.Nets[e].To, t)
			}
			ends = nil
		default:
			e := rng.IntN(len(ends))
			p.Nets[ends[e]].To = append(p.Nets[ends[e]].To, t)
			if len(ends) >= 3 || rng.IntN(4) > 0 { // goes on
				ends[e] = t
				continue
			}
		}
		ends = append(ends, t)
	}
	for d := 1; d < devices; d++ {
		p.Tasks[0].Nanos[d] = -1
	}
	p.Hop = func(net, from, to int) (explore.Hop, bool) {
		occupancy := p.Nets[net].Bytes / 12.5e6 * 1e9
		return explore.Hop{Channel: from*devices + to, Occupancy: occupancy, Flight: 1e6, Sending: occupancy}, true
	}
	return p
}

func benchmarkFind(b *testing.B, p *explore.Problem, m explore.Metric) {
	g := explore.Goal{Objectives: []explore.Objective{{Metric: m, Device: -1}}}
	for b.Loop() {
		a, err := explore.Find(b.Context(), p, g, explore.Options{Gap: 0.001})
		require.NoError(b, err)
		require.NotEmpty(b, a.Front)
		b.ReportMetric(a.Front[0].Values.Of(g.Objectives[0])/a.Bound, "found/bound")
		b.Log(a.Method, a.Proven, a.Front[0].Values.Of(g.Objectives[0]), a.Bound)
	}
}

func BenchmarkThreeDevices(b *testing.B) {
	for _, m := range []explore.Metric{explore.Latency, explore.EndpointTime, explore.Period, explore.Energy} {
		b.Run(string(m), func(b *testing.B) { benchmarkFind(b, network(60, 3, 1), m) })
	}
}

func BenchmarkThousandTasks(b *testing.B) {
	for _, m := range []explore.Metric{explore.Latency, explore.EndpointTime, explore.Period, explore.Energy} {
		b.Run(string(m), func(b *testing.B) { benchmarkFind(b, network(1000, 2, 1), m) })
	}
}
