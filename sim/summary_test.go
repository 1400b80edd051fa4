package sim_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// added adds up a trace as Summarize does a run, in the plainest way.
type added struct {
	firings   int64
	end       time.Duration
	busy      map[trace.Unit]time.Duration
	sent      map[int]time.Duration // by FIFO: occupying the sender
	waits     map[int]float64       // by FIFO: of tokens, from having come to being taken
	sends     map[int]float64       // by FIFO: of tokens, for the link
	latencies []time.Duration
}

// addUp adds up a trace of a plan with the source 0 and the sink given, whose rates are static,
// and whose firings take their unit dispatch before they start.
func addUp(p *plan.Plan, t *trace.Trace, sink int, dispatch int64) added {
	a := added{
		busy: map[trace.Unit]time.Duration{}, sent: map[int]time.Duration{},
		waits: map[int]float64{}, sends: map[int]float64{},
	}
	begun, ended := make([][]int64, len(p.Work)), make([][]int64, len(p.Work))
	came, made := map[int][]int64{}, map[int][]int64{}
	for _, e := range t.Events {
		switch e.Kind {
		case trace.Firing:
			a.firings++
			a.end = max(a.end, time.Duration(e.End))
			a.busy[trace.Unit{Device: e.Device, Name: e.Unit}] += time.Duration(e.End - e.Start)
			begun[e.Actor], ended[e.Actor] = append(begun[e.Actor], e.Start-dispatch), append(ended[e.Actor], e.End)
		case trace.Send:
			a.sent[e.FIFO] += time.Duration(e.End - e.Start)
			made[e.FIFO] = append(made[e.FIFO], e.Start)
		case trace.Recv:
			came[e.FIFO] = append(came[e.FIFO], e.End)
		case trace.Ack, trace.Capture, trace.Drop:
		}
	}
	for i, q := range p.Graph.FIFOs {
		_, rate := p.Graph.Rate(i)
		crosses := p.Work[q.From].Device != p.Work[q.To].Device
		for token := range int(p.Workload.Frames)*rate + q.Delay {
			from, to := int64(0), int64(a.end) // a delay token is there from the beginning, the last ones to the end
			if token >= q.Delay {
				from = ended[q.From][(token-q.Delay)/rate]
				if crosses {
					a.sends[i] += float64(made[i][token-q.Delay] - from)
					from = came[i][token-q.Delay]
				}
			}
			if n := token / rate; n < len(begun[q.To]) {
				to = begun[q.To][n]
			}
			a.waits[i] += float64(to - min(from, to)) // it may arrive after the last firing
		}
	}
	for n := range begun[0] {
		if int64(n) >= p.Workload.Warmup {
			a.latencies = append(a.latencies, time.Duration(ended[sink][n]-begun[0][n]-dispatch))
		}
	}
	return a
}

// TestSummaryIsThatOfTheTrace compares what is added up in a run with what its trace says.
func TestSummaryIsThatOfTheTrace(t *testing.T) {
	for seed := range uint64(60) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 6)), 60)
		p.Workload.Warmup = int64(seed % 3)
		d := &sim.Driver{Profile: prof}
		want := addUp(p, simulate(t, d, p), len(p.Work)-1, int64(prof.Transport.Dispatch))
		got, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		assert.Equal(t, want.firings, got.Firings, "seed %d", seed)
		assert.Equal(t, want.end, got.End, "seed %d", seed)
		for _, u := range got.Units {
			busy := want.busy[trace.Unit{Device: u.Device, Name: u.Unit}]
			assert.Equal(t, busy, u.Busy, "seed %d, %s.%s", seed, u.Device, u.Unit)
			assert.InDelta(t, float64(busy)/float64(want.end)/float64(len(p.Work)), u.Utilisation, 1e-9, "seed %d", seed)
		}
		for _, f := range got.FIFOs {
			name := p.Graph.FIFOName(f.FIFO)
			assert.InDelta(t, want.waits[f.FIFO]/float64(want.end), *f.Queue, 1e-9, "seed %d, %s", seed, name)
			assert.GreaterOrEqual(t, *f.Queue, -1e-9, "seed %d, %s", seed, name)
			assert.InDelta(t, want.sends[f.FIFO]/float64(want.end), f.SendQueue, 1e-9, "seed %d, %s", seed, name)
			assert.Equal(t, want.sent[f.FIFO], f.Busy, "seed %d, %s", seed, name)
		}
		slices.Sort(want.latencies)
		l := got.Latency
		require.Equal(t, int64(len(want.latencies)), l.N(), "seed %d", seed)
		assert.Equal(t, want.latencies[0], l.Min(), "seed %d", seed)
		assert.Equal(t, want.latencies[len(want.latencies)-1], l.Max(), "seed %d", seed)
		for _, q := range []float64{0.5, 0.95, 0.99} {
			exact := want.latencies[int(q*float64(len(want.latencies)-1))]
			assert.InEpsilon(t, exact, l.Quantile(q), quantile.SketchError+1e-9, "seed %d, quantile %g", seed, q)
		}
	}
}

// A camera's frames begin at their scheduled times, though the source is late.
func TestSummaryOfACamera(t *testing.T) {
	f := plantest.Good(t)
	f.Faults = nil
	f.Workload.Kind, f.Workload.Frames, f.Workload.Period = plan.Camera, 50, time.Millisecond
	p := plantest.Compiled(t, f)
	d := &sim.Driver{Cost: sim.Constant(2 * time.Millisecond)}
	tr := simulate(t, d, p)
	last := time.Duration(0)
	for _, e := range tr.Events {
		if e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			last = max(last, time.Duration(e.End)-time.Duration(e.Frame)*p.Workload.Period)
		}
	}
	s, err := d.Summarize(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, last, s.Latency.Max())
	require.Len(t, s.Instances, 1)
	assert.Equal(t, s.Latency.Mean(), s.Instances[0].Latency.Mean())
}

// What dynamic actors skip takes no time, and is no firing.
func TestSummaryOfSkippedFrames(t *testing.T) {
	p := gatedPlan(t)
	prof := &profile.Profile{Entries: map[string]profile.Entry{}, Transport: profile.Transport{Dispatch: 3}}
	for _, w := range p.Work {
		prof.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{100}}
	}
	d := &sim.Driver{Profile: prof}
	var firings int64
	var busy time.Duration
	for _, e := range simulate(t, d, p).Events {
		if e.Kind == trace.Firing {
			firings++
			busy += time.Duration(e.End - e.Start)
		}
	}
	s, err := d.Summarize(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, firings, s.Firings)
	require.Len(t, s.Units, 1)
	assert.Equal(t, firings, s.Units[0].Firings)
	assert.Equal(t, busy, s.Units[0].Busy)
}

// The memory of a run that is summed up does not grow with its frames, whoever takes these, nor
// where frames are dropped or parts of the graph skipped.
func TestSummaryIsFlat(t *testing.T) {
	good := func() *plan.Plan {
		f := plantest.Good(t)
		f.Faults = nil
		return plantest.Compiled(t, f)
	}
	for name, p := range map[string]*plan.Plan{"static": good(), "dynamic": gatedPlan(t), "dropping": good()} {
		if name == "dropping" {
			p.Workload.Kind, p.Workload.Period, p.Workload.Drop = plan.Camera, 100*time.Microsecond, admission.Newest
		}
		for _, taken := range []bool{false, true} {
			allocated := func(frames int64) uint64 {
				q := *p
				q.Workload.Frames = frames
				var o summary.Observer
				if taken {
					o.Frame = func(*summary.Frame) error { return nil }
				}
				d := &sim.Driver{Cost: sim.Constant(time.Millisecond)}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := d.Observe(t.Context(), &q, o)
				runtime.ReadMemStats(&after)
				require.NoError(t, err, name)
				return after.TotalAlloc - before.TotalAlloc
			}
			few, many := allocated(100), allocated(10_000)
			assert.Less(t, many, few+64<<10, "%s, %v: %d bytes for 100 frames, %d for 10,000", name, taken, few, many)
		}
	}
}
