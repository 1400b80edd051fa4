package sim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/require"
)

// senders returns a plan of endpoints that send tokens of a size each to a server over one medium,
// on which all of them together take the part rho of the time. Tokens come at random to each,
// equally often.
func senders(frames int64, sizes []int64, capacity, rho float64) *plan.Plan {
	mean := 0.0
	for _, n := range sizes {
		mean += float64(n) / float64(len(sizes))
	}
	g := &graph.Graph{Name: "senders"}
	unit := plan.Unit{Name: "cpu", Lanes: 1, Threads: 1, Slowdown: 1}
	p := &plan.Plan{
		Name: "senders", Graph: g, Workload: plan.Workload{
			Kind: plan.Poisson, Rate: rho * capacity / mean / float64(len(sizes)), Frames: frames,
		},
	}
	pf := &p.Platform
	pf.Devices = []plan.Device{{Name: "server", Role: plan.Server, Units: []plan.Unit{unit}}}
	pf.Devices[0].Units[0].Lanes = len(sizes)
	pf.Media = []plan.Medium{{
		Name: "air", CapacityBytesPerSec: quantity.BytesPerSec(capacity), MessageBytes: plan.MessageBytes,
	}}
	for i, n := range sizes {
		name := fmt.Sprint("e", i)
		pf.Devices = append(pf.Devices, plan.Device{Name: name, Role: plan.Endpoint, Units: []plan.Unit{unit}})
		pf.Links = append(pf.Links, plan.Link{
			Name: fmt.Sprint("l", i), Between: []string{name, "server"}, Duplex: plan.Full, Medium: "air",
		})
		port := graph.Port{Name: "p", LRL: 1, URL: 1, Type: graph.TokenType{Elem: "uint8", Shape: []int64{n}}}
		g.FIFOs = append(g.FIFOs, graph.FIFO{From: len(g.Actors), To: len(g.Actors) + 1, Capacity: 1 << 20})
		g.Actors = append(g.Actors,
			graph.Actor{Name: fmt.Sprint("s", i), Kind: graph.StaticProcessing, Kernel: "work", Out: []graph.Port{port}},
			graph.Actor{Name: fmt.Sprint("r", i), Kind: graph.StaticProcessing, Kernel: "work", In: []graph.Port{port}})
		p.Routes = append(p.Routes, i)
		p.Work = append(p.Work, plan.Work{Instance: name, Device: i + 1, Source: true, CostKey: "none"},
			plan.Work{Instance: name, Sink: true, CostKey: "none"})
	}
	return p
}

// sojourn returns the mean time in ms from a token's coming to its arrival, of those that come
// after the run's beginning and before the first endpoint has sent all of its own.
func sojourn(t *testing.T, p *plan.Plan) float64 {
	t.Helper()
	due := make([]arrival.Times, len(p.Routes))
	end := int64(math.MaxInt64)
	for i := range due {
		due[i] = arrival.Of(p.Schedule(p.Work[2*i].Instance))
		end = min(end, due[i].At(p.Workload.Frames-1))
	}
	sum, n := 0.0, 0
	d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
	_, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, func(e *trace.Event) error {
		if e.Kind == trace.Recv {
			if came := due[e.FIFO].At(e.Frame); came > end/20 && came < end {
				sum += float64(e.End - came)
				n++
			}
		}
		return nil
	})
	require.NoError(t, err)
	return sum / float64(n) / 1e6
}

// TestSharingAgainstTheory compares how long tokens are on a medium with M/G/1 processor sharing,
// where that depends on the mean size alone: E[S]/(1-rho), L. Kleinrock, Queueing Systems II, 1976,
// section 4.4. There are many endpoints, so that a token hardly ever waits for the one before it
// of its own endpoint. Sizes are an endpoint's, so that the mix of all is what is distributed.
func TestSharingAgainstTheory(t *testing.T) {
	const endpoints, capacity, rho = 1000, 1e6, 0.7
	exp, two := make([]int64, endpoints), make([]int64, endpoints)
	for i := range endpoints { // quantiles of an exponential distribution of mean 1000; a few large ones among small ones
		exp[i] = max(int64(-1000*math.Log(1-(float64(i)+0.5)/endpoints)), 1)
		two[i] = 600
		if i%10 == 0 {
			two[i] = 4600
		}
	}
	fmt.Printf("%-52s %9s %18s %10s\n", "mean time on a medium in ms; load 0.7", "theory", "simulated, 99 %", "off by")
	for _, c := range []struct {
		what  string
		sizes []int64
	}{{"M/M/1 processor sharing, 1000 endpoints", exp}, {"M/G/1 processor sharing, 90 % small, 10 % large", two}} {
		mean := 0.0
		for _, n := range c.sizes {
			mean += float64(n) / endpoints
		}
		var runs []float64
		for seed := range uint64(14) {
			p := senders(80, c.sizes, capacity, rho)
			p.Seed = seed + 1
			runs = append(runs, sojourn(t, p))
		}
		within(t, c.what, runs, mean/capacity*1e3/(1-rho))
	}
}
