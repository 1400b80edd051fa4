package sim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The queues of the theory: frames come at random to stations in a row, each a unit.

const service = time.Millisecond // mean of a firing at a station

// exponential is a cost model: firings of key exp take exponentially distributed times with
// the mean service, those of const the service, others none.
type exponential struct{}

func (exponential) Cost(_ *profile.Profile, _, key string) (sim.Cost, error) {
	switch key {
	case "exp":
		return drawn{}, nil
	case "const":
		return sim.Constant(service), nil
	}
	return sim.Constant(0), nil
}

type drawn struct{}

func (drawn) Next(rng *rand.Rand) time.Duration {
	return time.Duration(rng.ExpFloat64()*float64(service) + 0.5)
}

// stations returns a plan of some instances of a chain: a source, an actor at every station
// with the given cost key, and a sink. Frames come to each instance at the given rate.
func stations(instances, lanes int, frames int64, rate float64, keys ...string) *plan.Plan {
	const room = 1 << 20 // frames never wait for it
	unit := func(name string, lanes int) plan.Unit {
		return plan.Unit{Name: name, Lanes: lanes, Threads: 1, Slowdown: 1}
	}
	dev := plan.Device{Name: "server", Role: plan.Server, Units: []plan.Unit{unit("free", instances)}}
	for i := range keys {
		dev.Units = append(dev.Units, unit(fmt.Sprint("station", i), lanes))
	}
	g := &graph.Graph{Name: "stations"}
	p := &plan.Plan{
		Name: "stations", Graph: g, Platform: plan.Platform{Name: "one", Devices: []plan.Device{dev}},
		Workload: plan.Workload{Kind: plan.Poisson, Rate: rate, Frames: frames},
	}
	port := graph.Port{LRL: 1, URL: 1, Type: graph.TokenType{Elem: "uint8", Shape: []int64{1}}}
	for i := range instances {
		for s := range len(keys) + 2 {
			a := graph.Actor{Name: fmt.Sprintf("a%d.%d", i, s), Kind: graph.StaticProcessing, Kernel: "work"}
			w := plan.Work{Instance: fmt.Sprint(i), Source: s == 0, Sink: s == len(keys)+1, CostKey: "none"}
			if s > 0 {
				port.Name = "in"
				a.In = []graph.Port{port}
				g.FIFOs = append(g.FIFOs, graph.FIFO{From: len(g.Actors) - 1, To: len(g.Actors), Capacity: room})
				p.Routes = append(p.Routes, -1)
			}
			if !w.Sink {
				port.Name = "out"
				a.Out = []graph.Port{port}
			}
			if s > 0 && !w.Sink {
				w.Unit, w.CostKey = s, keys[s-1]
			}
			g.Actors = append(g.Actors, a)
			p.Work = append(p.Work, w)
		}
	}
	return p
}

// waits returns the mean time in ms that frames wait before their stations, of those that come
// in the middle of the run: after its beginning, and before the first instance ends.
func waits(t *testing.T, p *plan.Plan) float64 {
	t.Helper()
	per := len(p.Work) / p.Platform.Devices[0].Units[0].Lanes // actors of an instance
	due := make([]arrival.Times, len(p.Work)/per)
	end := int64(math.MaxInt64)
	for i := range due {
		due[i] = arrival.Of(p.Schedule(p.Work[i*per].Instance))
		end = min(end, due[i].At(p.Workload.Frames-1))
	}
	inSystem, counted := 0.0, 0
	d := &sim.Driver{Cost: exponential{}}
	_, err := d.Stream(t.Context(), p, func(*trace.Trace) error { return nil }, func(e *trace.Event) error {
		if e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			if came := due[e.Actor/per].At(e.Frame); came > end/20 && came < end {
				inSystem += float64(e.End - came)
				counted++
			}
		}
		return nil
	})
	require.NoError(t, err)
	return inSystem/float64(counted)/1e6 - float64(per-2)*service.Seconds()*1e3
}

// erlangC returns the probability that a frame has to wait for one of c lanes, at a load of a
// (arrivals times mean service): L. Kleinrock, Queueing Systems I, 1975, section 3.5.
func erlangC(c int, a float64) float64 {
	b := 1.0 // Erlang's B, by its recursion
	for n := 1; n <= c; n++ {
		b = a * b / (float64(n) + a*b)
	}
	return b / (1 - a/float64(c)*(1-b))
}

// within fails unless a value lies in the 99 % interval of the mean of independent runs, and
// that is narrow. It prints a line of the table.
func within(t *testing.T, what string, runs []float64, want float64) {
	t.Helper()
	mean, sd := stat.MeanStdDev(runs, nil)
	n := float64(len(runs))
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.995) * sd / math.Sqrt(n)
	fmt.Printf("%-52s %9.4f %9.4f ± %.4f %8.2f %%\n", what, want, mean, half, 100*(mean/want-1))
	assert.InDelta(t, want, mean, half, "%s: outside the 99 %% interval", what)
	assert.Less(t, half/want, 0.05, "%s: the interval is wide", what)
}

// TestQueuesAgainstTheory compares mean waits with what queueing theory says, each within the
// 99 % interval of independent runs with the seeds 1, 2, ...
func TestQueuesAgainstTheory(t *testing.T) {
	const rho = 0.7
	one := func(frames int64, keys ...string) *plan.Plan {
		return stations(1, 1, frames, rho*1e9/float64(service), keys...)
	}
	s := service.Seconds() * 1e3
	mm1 := rho / (1 - rho) * s
	fmt.Printf("%-52s %9s %18s %10s\n", "mean wait in ms; load 0.7 (M/M/4: 0.8)", "theory", "simulated, 99 %", "off by")
	for _, c := range []struct {
		what string
		plan *plan.Plan
		runs int
		want float64
	}{
		{"M/D/1", one(20_000, "const"), 16, mm1 / 2},
		{"M/M/1", one(20_000, "exp"), 16, mm1},
		{"M/M/4, frames of 400 endpoints", stations(400, 4, 150, 8, "exp"), 28, erlangC(4, 3.2) * s / (4 - 3.2)},
		{"tandem of 3 M/M/1 (Jackson)", one(20_000, "exp", "exp", "exp"), 16, 3 * mm1},
		{"tandem M/D/1, D: nothing waits at the second", one(20_000, "const", "const"), 16, mm1 / 2},
	} {
		var runs []float64
		for seed := range c.runs {
			c.plan.Seed = uint64(seed) + 1
			runs = append(runs, waits(t, c.plan))
		}
		within(t, c.what, runs, c.want)
	}
}

// TestQueueLengthAgainstTheory compares the mean number of frames that wait, as a summary adds
// it up, and the utilisation, with those of M/M/1.
func TestQueueLengthAgainstTheory(t *testing.T) {
	const rho = 0.7
	var queue, busy []float64
	for seed := range uint64(16) {
		p := stations(1, 1, 20_000, rho*1e9/float64(service), "exp")
		p.Seed = seed + 1
		s, err := (&sim.Driver{Cost: exponential{}}).Summarize(t.Context(), p)
		require.NoError(t, err)
		queue, busy = append(queue, *s.FIFOs[0].Queue), append(busy, s.Units[1].Utilisation)
	}
	within(t, "M/M/1: frames that wait", queue, rho*rho/(1-rho))
	within(t, "M/M/1: utilisation", busy, rho)
}

// TestPeriodsAgainstTheory compares the period of random plans in the steady state with the
// maximum cycle mean of their graphs. Nothing is random in a run.
func TestPeriodsAgainstTheory(t *testing.T) {
	const frames, plans = 2000, 20
	worst := 0.0
	for seed := range uint64(plans) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 8)), frames)
		d := &sim.Driver{Profile: prof}
		m, err := d.Mapping(p)
		require.NoError(t, err)
		r, err := analysis.Analyze(p.Graph, m)
		require.NoError(t, err)
		ends := of(simulate(t, d, p), trace.Firing, len(p.Work)-1)
		got := float64(ends[frames-1].End-ends[frames/2-1].End) / (frames / 2)
		worst = max(worst, math.Abs(got/r.Flows[0].Worst.Period-1))
	}
	fmt.Printf("period of %d random plans, maximum cycle mean: off by %.4f %% at most\n", plans, 100*worst)
	assert.Less(t, worst, 1e-3)
}
