// The simulator is the link here: what a probe finds is compared with what that one knows.

package testbedcmd_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/linkprobe"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// known is a driver of a link of which all is known.
type known struct {
	link profile.Link
	sent int64
}

func (k *known) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	d := sim.Driver{Cost: sim.Constant(0), Profile: &profile.Profile{Links: map[string]*profile.Link{"probed": &k.link}}}
	t, err := d.Run(ctx, p)
	if err != nil {
		return t, err
	}
	for _, e := range t.Events {
		if e.Kind == trace.Send && e.FIFO == 0 { // another one lets the source go on
			k.sent += e.Bytes
		}
	}
	return t, nil
}

// passing is a direction whose tokens of a byte arrive after a latency, and others at a
// bandwidth after that but for a burst.
func passing(bytesPerSec float64, burst, buffer int64, latency time.Duration) profile.Direction {
	return profile.Direction{
		BytesPerSec: profile.Spread{Median: bytesPerSec}, BurstBytes: burst, BufferBytes: buffer,
		RoundTripNs: profile.Spread{Median: 2 * float64(latency)}, PerByteNs: profile.Spread{Median: 0.2},
		Sizes: []profile.Size{
			{Bytes: 1, Send: []time.Duration{5 * time.Microsecond}, OneWay: []time.Duration{latency}},
		},
	}
}

func TestKnownLinks(t *testing.T) {
	const ms = time.Millisecond
	for name, link := range map[string][2]profile.Direction{
		"100 Mbit/s by a shaper":       {passing(12.5e6, 125e3, 2.8e6, ms/4), passing(12.5e6, 125e3, 0, ms/4)},
		"a slow way there, far apart":  {passing(1e6, 0, 500e3, 30*ms), passing(50e6, 0, 0, 30*ms)},
		"2 Mbit/s":                     {passing(250e3, 16<<10, 200e3, 2*ms), passing(250e3, 16<<10, 200e3, 2*ms)},
		"as fast as the machine sends": {passing(1e9, 0, 0, ms/10), passing(2e9, 0, 0, ms/10)},
	} {
		k := &known{link: profile.Link{Between: [2]string{"a", "b"}, Directions: link}}
		var will linkprobe.Amount
		steps, last := 0, 0
		p := linkprobe.Prober{Driver: k, Between: [2]string{"a", "b"}, Limit: 45 * time.Second, Largest: 8 << 20,
			Begin: func(a linkprobe.Amount) { will = a },
			Step: func(what string, n, total int, _ time.Duration) {
				assert.Regexp(t, `^[ab] to [ab]: \d+ tokens of \d+ bytes$`, what)
				steps, last = steps+1, total
				assert.Equal(t, steps, n)
			},
		}
		got, err := p.Run(t.Context())
		require.NoError(t, err, name)
		assert.Equal(t, last, steps)
		assert.Equal(t, k.sent, will.Bytes+linkprobe.Trial().Bytes, "%s: it says before how much it sends", name)
		for i, want := range link {
			d := got.Directions[i]
			t.Logf("%s %d: %v, burst %d, buffer %d, rtt %v, %d sizes", name, i, d.BytesPerSec, d.BurstBytes, d.BufferBytes,
				d.RoundTripNs, len(d.Sizes))
			assert.InEpsilon(t, want.BytesPerSec.Median, d.BytesPerSec.Median, 0.01, name)
			if want.BurstBytes == 0 {
				assert.Zero(t, d.BurstBytes, name)
			} else {
				assert.InEpsilon(t, want.BurstBytes, d.BurstBytes, 0.05, name)
			}
			if want.BufferBytes == 0 {
				assert.Zero(t, d.BufferBytes, name)
			} else {
				assert.InEpsilon(t, want.BufferBytes, d.BufferBytes, 0.05, name)
			}
			assert.InEpsilon(t, link[0].RoundTripNs.Median, d.RoundTripNs.Median, 0.02, name)
			for _, bytes := range []int64{1000, 100_000, 700_000} {
				at := func(d *profile.Direction) float64 { return float64(max(d.Pass(bytes)-d.Burst(), 0) + d.Rest(bytes)) }
				assert.InEpsilon(t, at(&want), at(&d), 0.02, "%s: %d bytes", name, bytes)
			}
		}
	}
}

// ended is a simulator whose runs end when their context would, in virtual time.
type ended struct {
	link profile.Link
	runs int
}

func (e *ended) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	d := sim.Driver{Cost: sim.Constant(0), Profile: &profile.Profile{Links: map[string]*profile.Link{"probed": &e.link}}}
	if _, limited := ctx.Deadline(); !limited {
		return d.Run(ctx, p)
	}
	e.runs++
	t := &trace.Trace{}
	const end = int64(15 * time.Second)
	_, err := d.Stream(ctx, p, func(*trace.Trace) error { return nil }, func(x *trace.Event) error {
		if x.End > end {
			return context.DeadlineExceeded
		}
		t.Events = append(t.Events, *x)
		return nil
	})
	return t, err
}

// What is recorded of a link whose bandwidth is known over time is that, from some time on.
func TestRecordingOfAKnownLink(t *testing.T) {
	var known []profile.Rate
	for i := range 10 {
		known = append(known, profile.Rate{At: time.Duration(i) * 4 * time.Second, BytesPerSec: 1e6 * float64(1+i%2)})
	}
	rates, err := profile.NewRates(known, false, func(int) string { return "" })
	require.NoError(t, err)
	d := &ended{link: profile.Link{Between: [2]string{"a", "b"}, Rates: rates}}
	p := linkprobe.Prober{Driver: d, Between: [2]string{"a", "b"}, Largest: 1 << 20}
	got, err := p.Record(t.Context(), 12*time.Second, 500*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, 1, d.runs)
	require.Len(t, got, 24)
	seen := map[float64]int{}
	for i, x := range got {
		assert.Equal(t, time.Duration(i)*500*time.Millisecond, x.At)
		for _, rate := range []float64{1e6, 2e6} {
			if x.BytesPerSec > 0.99*rate && x.BytesPerSec < 1.01*rate {
				seen[rate]++
			}
		}
	}
	assert.GreaterOrEqual(t, seen[1e6], 11, "%v", got)
	assert.GreaterOrEqual(t, seen[2e6], 6, "%v", got)
}
