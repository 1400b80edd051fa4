package profile

import (
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
)

// Link is what tokens cost on a link between two devices, as measured by sending some. It
// holds all that lies between two agents: the NATS server and the way to it as well.
//
// A direction is a queue that passes BytesPerSec, but up to BurstBytes at once after a
// pause, and a sender that waits for no more than room in BufferBytes. What a token takes
// beyond that depends on its size: a table of sizes says how long a token was on its way
// after a pause, and linear interpolation what lies between.
type Link struct {
	// Between are the devices, in the order of the plan's link.
	Between [2]string `json:"between"`
	// File and Trace are what it was read from, as a plan's link names that; empty: nothing.
	File  string `json:"-"`
	Trace string `json:"-"`
	// Measured are the devices that it was measured between where these are others; zero: the
	// same.
	Measured [2]string `json:"-"`
	// Directions are from the first device to the second, and back.
	Directions [2]Direction `json:"directions"`
	// Rates are the bandwidth over time in either direction, in place of BytesPerSec; nil: it
	// doesn't change.
	Rates *Rates `json:"rates,omitempty"`
	// Latencies are the latency over time in either direction, beside what else is known; nil: none.
	Latencies *Latencies `json:"latencies,omitempty"`
}

// Taken returns the link as that between two devices of a plan: in their order if their names,
// or one of them, say so, else in its own.
func (l *Link) Taken(between [2]string) *Link {
	t := *l
	t.Between = between
	if l.Between[0] == between[1] || l.Between[1] == between[0] {
		t.Directions[0], t.Directions[1] = l.Directions[1], l.Directions[0]
		if l.Between[0] == between[1] && l.Between[1] == between[0] {
			return &t
		}
		t.Measured = [2]string{l.Between[1], l.Between[0]}
	} else if l.Between != between {
		t.Measured = l.Between
	}
	return &t
}

// Direction returns the link's from a device on; nil if the device isn't at its ends, or
// nothing was measured.
func (l *Link) Direction(from string) *Direction {
	i := slices.Index(l.Between[:], from)
	if i < 0 || len(l.Directions[i].Sizes) == 0 {
		return nil
	}
	return &l.Directions[i]
}

// Spread sums up repeated measurements.
type Spread struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`  // 5th percentile
	High   float64 `json:"high"` // 95th percentile
	N      int     `json:"n"`
}

// SpreadOf sums up samples; of none it is zero.
func SpreadOf(samples []float64) Spread {
	if len(samples) == 0 {
		return Spread{}
	}
	return Spread{quantile.Median(samples), quantile.Of(0.05, samples), quantile.Of(0.95, samples), len(samples)}
}

// Direction is what tokens cost one way. Times of the sender and round trips are of one
// clock; one-way times are off by at most Size.Clocks.
type Direction struct {
	// BytesPerSec is at what rate tokens arrive that follow each other without a pause.
	BytesPerSec Spread `json:"bytes_per_sec"`
	// BurstBytes are how many bytes a pause lets cross at once at most, as the token bucket of
	// a traffic shaper does; 0: none were seen to.
	BurstBytes int64 `json:"burst_bytes,omitempty"`
	// BufferBytes are how many bytes of tokens have not arrived when the sender is done with the
	// last of them, where it has to wait for the link: few, where sending lasts until a token's last
	// byte has left; 0: it never had to.
	BufferBytes int64 `json:"buffer_bytes,omitempty"`

	// What is known of small tokens: the time from handing one over to its acknowledgement,
	// half of that, and by how much one-way times differ from their median; in ns.
	RoundTripNs Spread `json:"round_trip_ns"`
	LatencyNs   Spread `json:"latency_ns"`
	JitterNs    Spread `json:"jitter_ns"`
	// What a token occupies its sender for while there is room in the buffer: so much each, and
	// so much per byte, in ns.
	PerMessageNs Spread `json:"per_message_ns"`
	PerByteNs    Spread `json:"per_byte_ns"`

	Sizes []Size `json:"sizes"` // rising
}

// Size is what tokens of one size took that were sent after a pause, in order of sending.
type Size struct {
	Bytes     int64           `json:"bytes"`
	Send      []time.Duration `json:"send_ns"`       // they occupied the sender: see trace.Send
	OneWay    []time.Duration `json:"one_way_ns"`    // from handing one over to its arrival
	RoundTrip []time.Duration `json:"round_trip_ns"` // from handing one over to its acknowledgement
	// Clocks is by how much OneWay can be off, as those of two devices were compared.
	Clocks time.Duration `json:"clocks_ns"`
}

// pass returns how long n bytes take at the link's bandwidth, in ns.
func (d *Direction) pass(n int64) float64 {
	if d.BytesPerSec.Median <= 0 {
		return 0
	}
	return float64(n) / d.BytesPerSec.Median * 1e9
}

// Pass returns how long n bytes keep the direction busy.
func (d *Direction) Pass(n int64) time.Duration { return time.Duration(d.pass(n)) }

// Burst returns how far the direction makes up for a pause, as time at its bandwidth.
func (d *Direction) Burst() time.Duration { return d.Pass(d.BurstBytes) }

// Send returns how long a token of n bytes occupies its sender at least.
func (d *Direction) Send(n int64) time.Duration {
	return max(d.between(n, func(s *Size) float64 { return float64(quantile.Median(s.Send)) }, d.PerByteNs.Median), 0)
}

// Work returns how much of what a token of n bytes occupies its sender for is work, which keeps
// the next one from the link: what the smallest take, or what its bytes take at the bandwidth,
// which the link and the sender have both been found to reach.
func (d *Direction) Work(n int64) time.Duration {
	return min(d.Send(n), max(d.Pass(n), time.Duration(d.PerMessageNs.Median)))
}

// Holds returns how many bytes the sender's machine takes before a token of n bytes has to wait:
// BufferBytes, or more where a token of that size was sent after a pause and waited for less.
func (d *Direction) Holds(n int64) int64 {
	covered := min(n, d.Sizes[len(d.Sizes)-1].Bytes)
	passed := int64(float64(d.Send(covered)) * d.BytesPerSec.Median / 1e9)
	return max(d.BufferBytes, covered-d.BurstBytes-passed)
}

// Rest returns how long a token of n bytes is on its way beyond what its bytes keep the
// direction busy after a pause. It is less than 0 where that is too long for what was measured.
func (d *Direction) Rest(n int64) time.Duration {
	rest := d.between(n, func(s *Size) float64 { return float64(quantile.Median(s.OneWay)) - d.after(s.Bytes) }, 0)
	return max(rest, -time.Duration(d.after(n)))
}

// after returns how long n bytes keep the direction busy after a pause, in ns.
func (d *Direction) after(n int64) float64 { return max(d.pass(n)-d.pass(d.BurstBytes), 0) }

// Covers reports whether tokens of n bytes are no larger than those that were measured.
func (d *Direction) Covers(n int64) bool { return n <= d.Sizes[len(d.Sizes)-1].Bytes }

// Deviations returns by how much one-way times of the measured size that is nearest to n, by
// their ratio, differed from their median, in order of sending.
func (d *Direction) Deviations(n int64) []time.Duration {
	i, found := slices.BinarySearchFunc(d.Sizes, n, bySize)
	if i == len(d.Sizes) || !found && i > 0 &&
		float64(n)*float64(n) < float64(d.Sizes[i-1].Bytes)*float64(d.Sizes[i].Bytes) {
		i--
	}
	return deviations(d.Sizes[i].OneWay)
}

func deviations(times []time.Duration) []time.Duration {
	middle := quantile.Median(times)
	list := make([]time.Duration, len(times))
	for i, t := range times {
		list[i] = t - middle
	}
	return list
}

func bySize(s Size, n int64) int {
	switch {
	case s.Bytes < n:
		return -1
	case s.Bytes > n:
		return 1
	}
	return 0
}

// between interpolates a time of the table at n bytes; beyond its end it grows by slope ns a
// byte.
func (d *Direction) between(n int64, of func(*Size) float64, slope float64) time.Duration {
	i, found := slices.BinarySearchFunc(d.Sizes, n, bySize)
	var ns float64
	switch {
	case found || i == 0:
		ns = of(&d.Sizes[i])
	case i == len(d.Sizes):
		last := &d.Sizes[i-1]
		ns = of(last) + slope*float64(n-last.Bytes)
	default:
		a, b := &d.Sizes[i-1], &d.Sizes[i]
		part := float64(n-a.Bytes) / float64(b.Bytes-a.Bytes)
		ns = of(a) + part*(of(b)-of(a))
	}
	return time.Duration(ns)
}
