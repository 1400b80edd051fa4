package clocks_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wanderNs is more than what is added to a width for clocks that don't run quite evenly.
const wanderNs = 20e3

var cases = flag.Int("cases", 500, "random worlds of clocks to try")

// Every seed is a world of its own.
func TestIntervalsHoldTrueTimes(t *testing.T) {
	var widths, trips []float64
	wider := 0
	for seed := range uint64(*cases) {
		w := newWorld(seed)
		w.fill()
		c, err := clocks.New(w.names(), w.messages)
		require.NoError(t, err, "seed %d", seed)
		n := len(w.faces)
		for range 50 {
			// Beyond the messages, too: the first probe is before the run, the last one after it.
			at := (w.rnd.Float64()*1.02 - 0.01) * w.lengthNs
			i, j := w.rnd.IntN(n), w.rnd.IntN(n)
			got, want := c.At(i, j, w.faces[i].at(at)), w.faces[j].at(at)
			require.True(t, got.Known(), "seed %d: d%d by d%d at %.3f s: nothing is known", seed, i, j, at/second)
			// Readings are whole ns: each is off by up to one.
			require.True(t, got.Low-2 <= want && want <= got.High+2, "seed %d: d%d by d%d at %.3f s: %d is not in %d to %d",
				seed, i, j, at/second, want, got.Low, got.High)
		}
		for pair, rtts := range w.trips {
			var of []float64
			for range 20 {
				at := w.rnd.Float64() * w.lengthNs
				got := c.At(pair[0], pair[1], w.faces[pair[0]].at(at))
				of = append(of, float64(got.High-got.Low))
			}
			if median(of) > median(rtts)+wanderNs {
				wider++
			}
			widths, trips = append(widths, median(of)), append(trips, median(rtts))
		}
	}
	assert.LessOrEqual(t, median(widths), median(trips))
	// A run of few probes, most of them lost, leaves a line between those that are left.
	assert.LessOrEqual(t, wider, 1+len(trips)/100, "of %d pairs, so many are wider than their round trip", len(trips))
	t.Logf("%d worlds: median width %.0f µs, median round trip %.0f µs", *cases, median(widths)/1e3, median(trips)/1e3)
}

// A clock that jumps by more than a round trip, and than what clocks may drift apart between
// two probes, is found, with its time.
func TestJumpsAreFound(t *testing.T) {
	jumps, named := 0, 0
	for seed := range uint64(*cases) {
		w := newWorld(seed)
		who := w.rnd.IntN(len(w.faces) - 1)
		size := 25e6 * math.Pow(1e6, w.rnd.Float64()) // 25 ms to 7 hours
		if w.rnd.IntN(3) > 0 {
			size = -size // as a machine that was suspended
		}
		at := (0.2 + 0.6*w.rnd.Float64()) * w.lengthNs
		w.faces[who].jump, w.faces[who].jumpAt = size, at
		w.fill()
		most := 0.0
		for _, rtts := range w.trips {
			most = max(most, median(rtts))
		}
		if math.Abs(size) < 10*most {
			continue
		}
		_, err := clocks.New(w.names(), w.messages)
		require.ErrorIs(t, err, clocks.ErrJump, "seed %d: d%d jumps by %.3f s at %.3f s", seed, who, size/1e9, at/1e9)
		require.Contains(t, err.Error(), w.names()[who], "seed %d", seed)
		if len(w.faces) > 2 {
			jumps++
			if strings.Contains(err.Error(), "that of "+w.names()[who]+", between") {
				named++
			}
		}
	}
	t.Logf("of %d jumps, %d were laid on one clock, the right one", jumps, named)
	assert.GreaterOrEqual(t, named, jumps*9/10, "of %d jumps", jumps)
}

func TestUnrelatedClocks(t *testing.T) {
	c, err := clocks.New([]string{"a", "b", "c", "d"}, []clocks.Message{
		{From: 0, To: 1, Sent: 10, Received: 1020}, {From: 1, To: 0, Sent: 1040, Received: 60},
		{From: 1, To: 2, Sent: 0, Received: 5},
	})
	require.NoError(t, err)
	assert.True(t, c.Related(0, 1))
	for _, j := range []int{2, 3} {
		assert.False(t, c.Related(0, j))
		assert.False(t, c.At(0, j, 7).Known())
	}
	assert.Equal(t, clocks.Interval{Low: 7, High: 7}, c.At(3, 3, 7))
	got := c.At(0, 1, 35)
	assert.True(t, got.Low <= 1015 && 1045 <= got.High, "%+v: offsets of 980 to 1010 keep all bounds", got)
}

func TestMessagesOfNoClock(t *testing.T) {
	for _, m := range []clocks.Message{
		{From: 2, To: 0}, {From: 0, To: -1}, {From: 0, To: 1, Sent: math.MinInt64}, {From: 0, To: 1, Received: 1 << 60},
	} {
		_, err := clocks.New([]string{"a", "b"}, []clocks.Message{m})
		require.ErrorIs(t, err, clocks.ErrMessage, "%+v", m)
	}
}

// Times as far apart as a message can have take no more memory than others.
func TestMessagesFarApart(t *testing.T) {
	c, err := clocks.New([]string{"a", "b"}, []clocks.Message{
		{From: 0, To: 1, Sent: -1 << 59, Received: -1 << 59}, {From: 1, To: 0, Sent: 1 << 59, Received: 1 << 59},
		{From: 0, To: 1, Sent: 0, Received: 100},
	})
	require.NoError(t, err)
	assert.True(t, c.At(0, 1, 50).Known())
}

// A rate that NTP changes is no jump. What it changes by when it has settled stays within the
// allowance for wander; where it changes by more, only that a clock drifts by so much is
// relied on.
func TestRateThatChanges(t *testing.T) {
	for _, change := range []float64{1e-6, 5e-6, 20e-6, 100e-6, 500e-6} {
		t.Run(fmt.Sprintf("%.0f ppm", change*1e6), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			reading := func(at float64) float64 {
				return at + change*max(at-31*second, 0) - change*max(at-57*second, 0)
			}
			var messages []clocks.Message
			for at := 0.0; at < 90*second; at += 0.5 * second {
				there, back := 100e3*(1+rnd.Float64()), 100e3*(1+rnd.Float64())
				messages = append(messages,
					clocks.Message{From: 0, To: 1, Sent: int64(at), Received: int64(reading(at + there))},
					clocks.Message{From: 1, To: 0, Sent: int64(reading(at + there)), Received: int64(at + there + back)})
			}
			c, err := clocks.New([]string{"a", "b"}, messages)
			require.NoError(t, err)
			for at := 0.0; at < 90*second; at += 0.1 * second {
				got := c.At(0, 1, int64(at))
				require.LessOrEqual(t, float64(got.Low)-2, reading(at), "at %.1f s", at/second)
				require.GreaterOrEqual(t, float64(got.High)+2, reading(at), "at %.1f s", at/second)
				require.LessOrEqual(t, got.High-got.Low, int64(900e3), "at %.1f s", at/second)
			}
			settled := c.At(0, 1, 80*second)
			assert.Less(t, settled.High-settled.Low, int64(250e3), "a line again, well after the change")
		})
	}
}

// A gap without messages, as while a link is down, leaves the clocks related.
func TestGapWithoutMessages(t *testing.T) {
	var messages []clocks.Message
	for at := int64(0); at < 200*second; at += second / 2 {
		if at > 40*second && at < 160*second {
			continue
		}
		messages = append(messages, clocks.Message{From: 0, To: 1, Sent: at, Received: at + 200e3},
			clocks.Message{From: 1, To: 0, Sent: at + 200e3, Received: at + 400e3})
	}
	c, err := clocks.New([]string{"a", "b"}, messages)
	require.NoError(t, err)
	got := c.At(0, 1, 100*second)
	assert.True(t, got.Low <= 100*second && 100*second <= got.High)
	assert.Less(t, got.High-got.Low, int64(1e6))
}

// Whatever messages say, they give an error or intervals whose bounds are in order.
func FuzzNew(f *testing.F) {
	f.Add(int64(0), int64(100), int64(200), int64(50), int64(300), int64(450), uint8(0))
	f.Add(int64(-1<<59), int64(1<<59), int64(1<<59), int64(-1<<59), int64(0), int64(0), uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g int64, way uint8) {
		messages := []clocks.Message{
			{From: 0, To: 1, Sent: a, Received: b}, {From: 1, To: 0, Sent: c, Received: d},
			{From: int(way % 3), To: int(way / 3 % 3), Sent: e, Received: g},
		}
		all, err := clocks.New([]string{"x", "y", "z"}, messages)
		if err != nil {
			return
		}
		for _, at := range []int64{a, b, c, d, e, g, 0} {
			got := all.At(0, 1, at)
			require.LessOrEqual(t, got.Low, got.High, "at %d: %+v", at, got)
		}
	})
}

// Ten devices with 100,000 events each: the budget of a merge is 2 s.
func BenchmarkNew(b *testing.B) {
	w := newWorld(1)
	w.faces = w.faces[:0]
	for i := range 10 {
		w.faces = append(w.faces, face{offset: float64(i) * day / 10, drift: float64(i) * 20e-6})
	}
	const tokens = 100_000 / 3 // each has a Send, a Recv and an Ack
	for d := range 9 {
		way := w.way()
		for k := range tokens {
			at := float64(k) * 10e6
			w.send(d, 9, at, way())
			w.send(9, d, at+5e6, way())
		}
	}
	b.ReportMetric(float64(len(w.messages)), "messages")
	for b.Loop() {
		c, err := clocks.New(w.names(), w.messages)
		require.NoError(b, err)
		for i := range 10 {
			for k := range int64(100_000) {
				_ = c.At(i, 0, w.faces[i].at(float64(k)*3e6))
			}
		}
	}
}
