package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// passing is a direction that passes a byte per ns, and makes up for 8 of them; 8 bytes that
// are sent after a pause occupy their sender for 2 ns and arrive after the given times.
func passing(buffer int64, roundTripNs float64, oneWay ...time.Duration) profile.Direction {
	return profile.Direction{
		BytesPerSec: profile.Spread{Median: 1e9}, BurstBytes: 8, BufferBytes: buffer,
		RoundTripNs: profile.Spread{Median: roundTripNs},
		Sizes:       []profile.Size{{Bytes: 8, Send: []time.Duration{2}, OneWay: oneWay}},
	}
}

// linked returns costs with a measured link.
func linked(p *plan.Plan, there, back profile.Direction, rates *profile.Rates) *profile.Profile {
	prof := costs()
	l := &p.Platform.Links[0]
	prof.Links = map[string]*profile.Link{l.Name: {
		Between: [2]string{l.Between[0], l.Between[1]}, Directions: [2]profile.Direction{there, back}, Rates: rates,
	}}
	return prof
}

// four is a plan whose source ends at 10 ns and sends four tokens of 8 bytes then.
func four(t *testing.T) *plan.Plan {
	t.Helper()
	b := enginetest.NewBuilder("measured link", 1, 1, 1)
	c := b.Chain(1, 4, 0, 1)
	b.FIFO(c[0], c[1], 3, 0, 3)
	return b.Plan()
}

// crossed returns when the four tokens were sent and arrived.
func crossed(t *testing.T, tr *trace.Trace) (sent []span, arrived []int64) {
	t.Helper()
	for fifo := range 2 {
		for _, e := range of(tr, trace.Send, fifo) {
			sent = append(sent, span{e.Start, e.End})
		}
		for _, e := range of(tr, trace.Recv, fifo) {
			arrived = append(arrived, e.End)
		}
	}
	require.Len(t, sent, 4)
	require.Len(t, arrived, 4)
	return sent, arrived
}

// steps are a bandwidth of 1 byte per ns until 20 ns, then of half of that.
func steps(t *testing.T) *profile.Rates {
	t.Helper()
	r, err := profile.NewRates([]profile.Rate{{At: 0, BytesPerSec: 1e9}, {At: 20, BytesPerSec: 0.5e9}}, false,
		func(int) string { return "row" })
	require.NoError(t, err)
	return r
}

func TestMeasuredLinks(t *testing.T) {
	idle := []int64{30, 38, 46, 54} // the pause pays for the first one: 20 ns later it is there, the others 8 ns each
	free := []span{{10, 12}, {12, 14}, {14, 16}, {16, 18}}
	slow := []int64{38, 52, 68, 84} // the link has taken them at 18, 32, 48 and 64
	for _, tt := range []struct {
		name     string
		measured profile.Direction
		rates    *profile.Rates
		sent     []span
		arrived  []int64
	}{
		{"room for all", passing(0, 40, 20), nil, free, idle},
		{"room for two", passing(16, 40, 20), nil, free, idle},
		// The link has taken them at 10, 18, 26 and 34; half a token before that, the sender is done.
		{"room for half a token", passing(4, 40, 20), nil, []span{{10, 12}, {12, 14}, {14, 22}, {22, 30}}, idle},
		{"bandwidth over time", passing(0, 40, 20), steps(t), free, slow},
		// Half a token takes 4 ns of the time at which the mean bandwidth passes it.
		{"bandwidth over time, room for half a token", passing(4, 40, 20), steps(t),
			[]span{{10, 14}, {14, 28}, {28, 44}, {44, 60}}, slow},
		// Nothing else is known: it takes its bytes' time, and the transport costs nothing.
		{"bandwidth over time alone", profile.Direction{}, steps(t),
			[]span{{10, 18}, {18, 32}, {32, 48}, {48, 64}}, []int64{18, 32, 48, 64}},
	} {
		p := four(t)
		tr := simulate(t, &sim.Driver{Profile: linked(p, tt.measured, profile.Direction{}, tt.rates)}, p)
		sent, arrived := crossed(t, tr)
		assert.Equal(t, tt.sent, sent, tt.name)
		assert.Equal(t, tt.arrived, arrived, tt.name)
	}
}

// A sender that works longer on a token than the link gets the next one to it that much later.
// What only takes its time until it has left doesn't keep the next one back.
func TestMeasuredLinkWaitsForItsSender(t *testing.T) {
	p := four(t)
	d := passing(0, 40, 60)
	d.Sizes[0].Send = []time.Duration{50}
	_, arrived := crossed(t, simulate(t, &sim.Driver{Profile: linked(p, d, profile.Direction{}, nil)}, p))
	assert.Equal(t, []int64{70, 78, 86, 94}, arrived)
	d.PerMessageNs.Median = 50
	sent, arrived := crossed(t, simulate(t, &sim.Driver{Profile: linked(p, d, profile.Direction{}, nil)}, p))
	assert.Equal(t, []span{{10, 60}, {60, 110}, {110, 160}, {160, 210}}, sent)
	assert.Equal(t, []int64{70, 120, 170, 220}, arrived)
}

// A bandwidth over time that never changes is a bandwidth: tokens arrive when they do over a
// link with that one, where the transport passes more.
func TestOneBandwidthForEver(t *testing.T) {
	const bandwidth = 1e6
	r, err := profile.NewRates([]profile.Rate{{At: 0, BytesPerSec: bandwidth}}, false, nil)
	require.NoError(t, err)
	l := &plan.Link{Name: "l", Between: []string{"a", "b"}, BandwidthBytesPerSec: bandwidth, Latency: 100}
	prof := &profile.Profile{Transport: enginetest.Profile().Transport, Links: map[string]*profile.Link{
		"l": {Between: [2]string{"a", "b"}, Rates: r},
	}}
	for _, n := range []int64{1000, plan.ChunkBytes, plan.ChunkBytes + 1, plan.ChunkBytes * 5 / 2} {
		want, got := sim.Queue{}.Cross(l, prof, "a", n), sim.Measured{}.Cross(l, prof, "a", n)
		assert.Equal(t, want.Occupancy, got.Occupancy, "%d bytes", n)
		assert.Equal(t, want.Handover, got.Handover, "%d bytes", n)
		assert.Equal(t, want.Flight, got.Flight, "%d bytes", n)
	}
}

func TestMeasuredDirections(t *testing.T) {
	b := enginetest.NewBuilder("there and back", 2, 1, 1)
	b.Chain(1, 1, 0, 1)
	b.Chain(1, 1, 1, 0)
	p := b.Plan()
	tr := simulate(t, &sim.Driver{Profile: linked(p, passing(0, 40, 20), passing(0, 60, 90), nil)}, p)
	expect(t, "there", of(tr, trace.Recv, 0)[:1], span{30, 30})
	expect(t, "back", of(tr, trace.Recv, 1)[:1], span{100, 100})
	// Sinks take 5 ns; acknowledgements take a quarter of both round trips.
	expect(t, "there, acknowledged", of(tr, trace.Ack, 0)[:1], span{60, 60})
	expect(t, "back, acknowledged", of(tr, trace.Ack, 1)[:1], span{130, 130})
}

// A link without a profile is what it was, beside one that has one.
func TestLinksWithoutProfile(t *testing.T) {
	b, _ := shaped("other", 2, plan.Full, 100)
	prof := costs()
	prof.Links = map[string]*profile.Link{"another": {Directions: [2]profile.Direction{passing(0, 40, 20), {}}}}
	alone := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	assert.Equal(t, alone, simulate(t, &sim.Driver{Profile: prof}, b.Plan()))
}

func TestEmpiricalJitter(t *testing.T) {
	run := func(seed uint64, jitter plan.JitterKind) (late []int64) {
		b := enginetest.NewBuilder("jitter", 900, 1, 1)
		b.Chain(1, 1, 0, 1)
		p := b.Plan()
		p.Seed, p.Platform.Links[0].Jitter.Kind = seed, jitter
		tr := simulate(t, &sim.Driver{Profile: linked(p, passing(0, 40, 15, 20, 40), passing(0, 40, 20), nil)}, p)
		sent, arrived := of(tr, trace.Send, 0), of(tr, trace.Recv, 0)
		for i := range sent {
			late = append(late, arrived[i].End-sent[i].Start)
		}
		return late
	}
	drawn := run(1, plan.Empirical)
	times := map[int64]int{}
	for _, x := range drawn {
		times[x]++
	}
	assert.Len(t, times, 3, "%v", times)
	for _, x := range []int64{15, 20, 40} {
		assert.InDelta(t, 300, times[x], 75, "%d ns: a third of the tokens, within five standard deviations", x)
	}
	assert.Equal(t, drawn, run(1, plan.Empirical))
	assert.NotEqual(t, drawn, run(2, plan.Empirical))
	for _, x := range run(1, "") {
		assert.EqualValues(t, 20, x, "the median")
	}
}

// Tokens don't overtake each other, however they are drawn.
func TestJitterKeepsOrder(t *testing.T) {
	p := four(t)
	p.Platform.Links[0].Jitter.Kind = plan.Empirical
	for seed := range uint64(20) {
		p.Seed = seed
		_, arrived := crossed(t, simulate(t,
			&sim.Driver{Profile: linked(p, passing(0, 40, 0, 200), profile.Direction{}, nil)}, p))
		assert.IsNonDecreasing(t, arrived)
	}
}

func TestWhatIsAssumedOfLinks(t *testing.T) {
	p := four(t)
	measured := passing(0, 40, 20)
	measured.Sizes[0].Bytes = 7
	prof := linked(p, measured, profile.Direction{}, steps(t))
	prof.Links["l01"].Measured = [2]string{"x", "y"}
	tr := simulate(t, &sim.Driver{Profile: prof}, p)
	l := p.Platform.Links[0]
	assert.Equal(t, []string{
		"link " + l.Name + ": its profile was measured between x and y; it is taken for d0 and d1",
		"link " + l.Name + ": tokens of 8 bytes from " + l.Between[0] + " are larger than any that was measured, of 7 " +
			"bytes; the rest goes on at the bandwidth",
		"link " + l.Name + ": from 20ns on, where its trace ends, the bandwidth stays as it is there",
	}, tr.Assumed)
	tr = simulate(t, &sim.Driver{Profile: linked(p, measured, profile.Direction{}, steps(t)), Link: sim.Ideal{}}, p)
	assert.Empty(t, tr.Assumed, "another model takes nothing of it")
}

// What a plan names and nobody has read is an error: nothing else is taken for it.
func TestFilesOfLinksThatWereNotRead(t *testing.T) {
	for says, name := range map[string]func(*plan.Link){
		"link l01: its profile lab.json was not read: not measured": func(l *plan.Link) { l.Profile = "lab.json" },
		"link l01: its trace wifi.csv was not read: not measured":   func(l *plan.Link) { l.Trace = "wifi.csv" },
	} {
		p := four(t)
		name(&p.Platform.Links[0])
		_, err := (&sim.Driver{Profile: costs()}).Run(t.Context(), p)
		require.ErrorIs(t, err, profile.ErrMissing)
		assert.EqualError(t, err, "simulate plan measured link: "+says)
		other := linked(p, passing(0, 40, 20), passing(0, 40, 20), steps(t))
		other.Links["l01"].File, other.Links["l01"].Trace = "other.json", "other.csv"
		_, err = (&sim.Driver{Profile: other}).Run(t.Context(), p)
		assert.EqualError(t, err, "simulate plan measured link: "+says, "another one was read")
		other.Links["l01"].File, other.Links["l01"].Trace = "lab.json", "wifi.csv"
		_, err = (&sim.Driver{Profile: other}).Run(t.Context(), p)
		assert.NoError(t, err)
		_, err = (&sim.Driver{Profile: costs(), Link: sim.Ideal{}}).Run(t.Context(), p)
		assert.NoError(t, err, "this model takes nothing of it")
	}
}
