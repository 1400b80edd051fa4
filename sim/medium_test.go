package sim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cell returns a plan of endpoints that each send a token of 8 bytes a frame to a server, over
// one medium of 8 kB/s: a token alone takes 1 ms.
func cell(endpoints int, frames int64) *plan.Plan {
	p := star(endpoints, frames)
	p.Platform.Media = []plan.Medium{{Name: "air", CapacityBytesPerSec: 8000, MessageBytes: 1500}}
	for i := range p.Platform.Links {
		p.Platform.Links[i].Medium = "air"
	}
	return p
}

const ms = int64(time.Millisecond)

// sends returns when tokens of FIFO f occupied their sender, and when they arrived.
func sends(t *testing.T, tr *trace.Trace, f int) (sent []span, arrived []int64) {
	t.Helper()
	for _, e := range of(tr, trace.Send, f) {
		sent = append(sent, span{e.Start, e.End})
	}
	for _, e := range of(tr, trace.Recv, f) {
		arrived = append(arrived, e.Start)
	}
	return sent, arrived
}

func TestTokensShareAMedium(t *testing.T) {
	free := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
	for name, c := range map[string]struct {
		edit    func(p *plan.Plan)
		sent    [][]span // by endpoint
		arrived [][]int64
	}{
		"alike": {
			func(*plan.Plan) {}, [][]span{{{0, 2 * ms}, {2 * ms, 4 * ms}}, {{0, 2 * ms}, {2 * ms, 4 * ms}}},
			[][]int64{{2 * ms, 4 * ms}, {2 * ms, 4 * ms}},
		},
		"one with a slow link, the other with latency": {
			func(p *plan.Plan) {
				p.Platform.Links[0].BandwidthBytesPerSec = 2000
				p.Platform.Links[1].Latency = 5 * time.Millisecond
			}, [][]span{{{0, 4 * ms}, {4 * ms, 8 * ms}}, {{0, 4 * ms / 3}, {4 * ms / 3, 8 * ms / 3}}},
			[][]int64{{4 * ms, 8 * ms}, {4*ms/3 + 5*ms, 8*ms/3 + 5*ms}},
		},
		"stations contend": {
			func(p *plan.Plan) {
				p.Platform.Media[0].Contention, p.Platform.Media[0].PerStation = plan.Linear, 0.5
			}, [][]span{{{0, 3 * ms}, {3 * ms, 6 * ms}}, {{0, 3 * ms}, {3 * ms, 6 * ms}}},
			[][]int64{{3 * ms, 6 * ms}, {3 * ms, 6 * ms}},
		},
		"messages take time": {
			func(p *plan.Plan) {
				p.Platform.Media[0].MessageBytes, p.Platform.Media[0].PerMessage = 4, time.Millisecond/2
			}, [][]span{{{0, 4 * ms}, {4 * ms, 8 * ms}}, {{0, 4 * ms}, {4 * ms, 8 * ms}}},
			[][]int64{{4 * ms, 8 * ms}, {4 * ms, 8 * ms}},
		},
	} {
		p := cell(2, 2)
		c.edit(p)
		tr := simulate(t, free, p)
		for i := range c.sent {
			sent, arrived := sends(t, tr, crossingFIFO(p, i))
			for k := range c.sent[i] {
				assert.InDelta(t, c.sent[i][k].start, sent[k].start, 2, "%s: endpoint %d, token %d begins", name, i, k)
				assert.InDelta(t, c.sent[i][k].end, sent[k].end, 2, "%s: endpoint %d, token %d has left", name, i, k)
				assert.InDelta(t, c.arrived[i][k], arrived[k], 2, "%s: endpoint %d, token %d arrives", name, i, k)
			}
		}
	}
}

// crossingFIFO returns the FIFO of a star's endpoint that crosses its link.
func crossingFIFO(p *plan.Plan, endpoint int) int {
	for f, r := range p.Routes {
		if r == endpoint {
			return f
		}
	}
	return -1
}

// TestHalfDuplexOnAMedium has a token each way: one direction at a time crosses, or both share.
func TestHalfDuplexOnAMedium(t *testing.T) {
	for duplex, ends := range map[plan.Duplex][]int64{plan.Full: {2 * ms, 2 * ms}, plan.Half: {ms, 2 * ms}} {
		b := enginetest.NewBuilder("both ways", 1, 2, 2)
		there, back := b.Actor(enginetest.Count, 0), b.Actor(enginetest.Count, 1)
		near, far := b.Actor(enginetest.Sink, 0), b.Actor(enginetest.Sink, 1)
		b.FIFO(there, far, 1, 0, 1)
		b.FIFO(back, near, 1, 0, 1)
		p := b.Plan()
		p.Platform.Links[0].Duplex, p.Platform.Links[0].Medium = duplex, "air"
		p.Platform.Media = []plan.Medium{{Name: "air", CapacityBytesPerSec: 8000, MessageBytes: 1500}}
		tr := simulate(t, &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}, p)
		_, first := sends(t, tr, 0)
		_, second := sends(t, tr, 1)
		assert.ElementsMatch(t, ends, []int64{first[0], second[0]}, "%s", duplex)
	}
}

// TestMediumAloneIsALink compares plans whose links lie on media of their own, of the links'
// bandwidth, with the same plans without media.
func TestMediumAloneIsALink(t *testing.T) {
	crossed := 0
	for seed := range uint64(60) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 21)), 30)
		for i := range p.Platform.Links {
			p.Platform.Links[i].BandwidthBytesPerSec = 1e8
		}
		d := &sim.Driver{Profile: prof, Link: sim.Ideal{}}
		want, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		for i := range p.Platform.Links {
			l := &p.Platform.Links[i]
			l.Medium = fmt.Sprint("m", i)
			// Each direction passes at most at the link's bandwidth, and both at a time do.
			m := plan.Medium{Name: l.Medium, CapacityBytesPerSec: 2e8, MessageBytes: 1500}
			p.Platform.Media = append(p.Platform.Media, m)
		}
		got, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		assert.InEpsilon(t, want.End, got.End, 1e-9, "seed %d", seed)
		for _, m := range got.Media {
			crossed += int(m.Tokens)
		}
	}
	assert.Positive(t, crossed)
}

// TestFaultsLeaveTheMedium lets a link fail, or an endpoint die, while its token crosses: the
// other token gets the whole medium.
func TestFaultsLeaveTheMedium(t *testing.T) {
	for name, fault := range map[string]plan.Fault{
		"link": {Device: -1, Link: 1}, "endpoint": {Device: 2, Link: -1},
	} {
		p := cell(2, 1)
		fault.At, fault.For, fault.Detect = time.Millisecond, 10*time.Millisecond, time.Hour
		p.Faults = []plan.Fault{fault}
		tr := simulate(t, &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}, p)
		require.Equal(t, 1, tr.Restarts)
		sent, arrived := sends(t, tr, crossingFIFO(p, 0))
		assert.Equal(t, []span{{0, 3 * ms / 2}}, sent, "%s: half of it by 1 ms, the rest by 1.5 ms", name)
		assert.Equal(t, []int64{3 * ms / 2}, arrived, name)
		sent, arrived = sends(t, tr, crossingFIFO(p, 1))
		assert.Equal(t, []span{{0, ms}, {11 * ms, 12 * ms}}, sent, "%s: cut off, and sent again", name)
		assert.Equal(t, []int64{12 * ms}, arrived, name)
		again, err := (&sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}).Summarize(t.Context(), p)
		require.NoError(t, err, "tokens sent are received or lost")
		assert.Equal(t, int64(2), again.Media[0].Tokens)
	}
}

// Tokens that wait for a medium when their link fails, or the server dies, have not crossed it.
func TestFaultsOfLinesOnALossyMedium(t *testing.T) {
	for name, fault := range map[string]plan.Fault{
		"link": {Device: -1, Link: 1}, "server": {Device: 0, Link: -1},
	} {
		p := cell(3, 20)
		for i := range p.Platform.Links {
			p.Platform.Links[i].Loss = plan.Loss{Rate: 0.1, Timeout: time.Millisecond}
		}
		fault.At, fault.For, fault.Detect = 5*time.Millisecond/2, 10*time.Millisecond, time.Hour
		p.Faults = []plan.Fault{fault}
		d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
		sum, err := d.Summarize(t.Context(), p)
		require.NoError(t, err, "%s: bytes that crossed are those of tokens and lost ones", name)
		require.Equal(t, 1, sum.Header.Restarts, name)
		assert.Len(t, sum.Header.Crossed, 3, name)
		simulate(t, d, p)
	}
}

func TestMediumIsSummedUp(t *testing.T) {
	p := cell(2, 10)
	p.Platform.Links[0].BandwidthBytesPerSec, p.Platform.Links[1].BandwidthBytesPerSec = 2000, 2000
	s, err := (&sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}).Summarize(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, s.Media, 1)
	m := s.Media[0]
	assert.Equal(t, "air", m.Medium)
	assert.Equal(t, int64(20), m.Tokens)
	assert.InDelta(t, 40*time.Millisecond, m.Active, 100, "both send 10 tokens of 4 ms")
	assert.InDelta(t, 20*time.Millisecond, m.Busy, 100, "at half of the capacity")
	assert.InDelta(t, 0.5, m.Utilisation, 1e-3)
	assert.InDelta(t, 2, m.Crossing, 1e-3)
}

func TestMediumOverTime(t *testing.T) {
	p := cell(2, 1)
	p.Platform.Media[0].CapacityBytesPerSec, p.Platform.Media[0].Trace = 0, "air.csv"
	d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
	_, err := d.Run(t.Context(), p)
	require.EqualError(t, err, "simulate plan endpoints: medium air: its trace air.csv was not read: not measured")
	rates, err := profile.NewRates([]profile.Rate{
		{At: 0, BytesPerSec: 8000}, {At: time.Millisecond, BytesPerSec: 0}, {At: 5 * time.Millisecond, BytesPerSec: 16000},
	}, false, func(int) string { return "row" })
	require.NoError(t, err)
	d.Profile = &profile.Profile{Media: map[string]*profile.Medium{"air": {Trace: "air.csv", Rates: rates}}}
	_, arrived := sends(t, simulate(t, d, p), crossingFIFO(p, 0))
	assert.Equal(t, []int64{5*ms + ms/2}, arrived)
}

// Streams and summaries are of the same run, and the same seed gives the same.
func TestMediaAreTheSameEachTime(t *testing.T) {
	for seed := range uint64(20) {
		p, prof := mapped(rand.New(rand.NewPCG(seed, 22)), 40)
		p.Platform.Media = []plan.Medium{{Name: "air", CapacityBytesPerSec: 1e7, MessageBytes: 1500, Contention: "802.11a"}}
		for i := range p.Platform.Links {
			p.Platform.Links[i].Medium = "air"
		}
		d := &sim.Driver{Profile: prof}
		want := simulate(t, d, p)
		assert.Equal(t, want, simulate(t, d, p))
		assert.Equal(t, want, streamed(t, d, p), "seed %d", seed)
		s, err := d.Summarize(t.Context(), p)
		require.NoError(t, err)
		end := int64(0)
		for i := range want.Events {
			if e := &want.Events[i]; e.Kind == trace.Firing {
				end = max(end, e.End)
			}
		}
		assert.Equal(t, end, int64(s.End), "seed %d", seed)
	}
}

// TestMediumBoundsThroughput has endpoints whose tokens keep a medium busy all the time: the
// analysis of each one's flow says no less than what it gets.
func TestMediumBoundsThroughput(t *testing.T) {
	p := cell(2, 50)
	d := &sim.Driver{Cost: sim.Constant(0), Link: sim.Ideal{}}
	m, err := d.Mapping(p)
	require.NoError(t, err)
	at := m.Cross[crossingFIFO(p, 0)]
	assert.Equal(t, 1, at.Medium)
	assert.Equal(t, ms, at.Takes)
	assert.Equal(t, ms, at.Occupancy, "alone")
	r, err := analysis.Analyze(p.Graph, m)
	require.NoError(t, err)
	for i := range r.Flows {
		w := r.Flows[i].Worst
		assert.InDelta(t, ms, w.Period, 1e-6*float64(ms))
		assert.False(t, w.Exact)
		assert.Equal(t, "several links share medium air", w.Why)
	}
}

func TestMediumThatIsNotThere(t *testing.T) {
	p := cell(1, 1)
	p.Platform.Media = nil
	_, err := (&sim.Driver{Cost: sim.Constant(0)}).Run(t.Context(), p)
	require.EqualError(t, err, "simulate plan endpoints: plan can't be simulated: link l0 is on medium air, which is not "+
		"there")
	require.ErrorIs(t, err, sim.ErrPlan)
}

// A measured link on a medium passes what it did when nothing else crossed, or its share.
func TestMeasuredLinksShareAMedium(t *testing.T) {
	for name, c := range map[string]struct {
		measured [2]float64 // bytes/s
		arrived  [2]int64   // the first tokens
	}{
		"as fast as the medium":     {[2]float64{8000, 8000}, [2]int64{2*ms + 30, 2*ms + 30}},
		"one passes less":           {[2]float64{2000, 8000}, [2]int64{4*ms + 30, 4*ms/3 + 30}},
		"both pass less than half":  {[2]float64{2000, 1000}, [2]int64{4*ms + 30, 8*ms + 30}},
		"faster than the medium is": {[2]float64{80000, 80000}, [2]int64{2*ms + 30, 2*ms + 30}},
	} {
		p := cell(2, 2)
		prof := costs()
		prof.Links = map[string]*profile.Link{}
		for i, l := range p.Platform.Links {
			pass := time.Duration(8 / c.measured[i] * 1e9)
			d := profile.Direction{
				BytesPerSec: profile.Spread{Median: c.measured[i]}, BufferBytes: 1,
				Sizes: []profile.Size{{Bytes: 8, Send: []time.Duration{pass}, OneWay: []time.Duration{pass + 30}}},
			}
			prof.Links[l.Name] = &profile.Link{Between: [2]string{l.Between[0], l.Between[1]},
				Directions: [2]profile.Direction{d, d}}
		}
		tr := simulate(t, &sim.Driver{Profile: prof, Cost: sim.Constant(0)}, p)
		for i, want := range c.arrived {
			_, arrived := sends(t, tr, crossingFIFO(p, i))
			assert.InDelta(t, want, arrived[0], 5, "%s: endpoint %d", name, i)
		}
	}
}
