package profile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
)

const (
	smallBytes = 64 << 10 // no more than a message: only these tell of jitter
	leastBurst = 4 << 10  // bytes; a shaper lets through two packets at least
	copied     = 16 << 10 // bytes from which on the cost per byte shows
	grown      = 0.9      // quantile of what buffers held: a machine lets them grow while it sends
	// crossedAtOnce is how much of its time a token may save by a pause without being as
	// large as the burst.
	crossedAtOnce = 0.8
)

// Fit fills in what follows from Sizes and from other measurements: rates are those, in
// bytes/s, at which tokens arrived that followed each other without a pause; waiting are the
// bytes that were on their way when the sender had to wait for the link, one of every time.
// There has to be one of Sizes at least.
func (d *Direction) Fit(rates []float64, waiting []int64) {
	d.BytesPerSec = SpreadOf(rates)
	first := &d.Sizes[0]
	d.RoundTripNs = SpreadOf(floats(first.RoundTrip))
	d.LatencyNs = Spread{d.RoundTripNs.Median / 2, d.RoundTripNs.Low / 2, d.RoundTripNs.High / 2, d.RoundTripNs.N}
	d.PerMessageNs = SpreadOf(floats(first.Send))
	var jitter []float64
	for i := range d.Sizes {
		if s := &d.Sizes[i]; s.Bytes <= smallBytes {
			jitter = append(jitter, floats(deviations(s.OneWay))...)
		}
	}
	d.JitterNs = SpreadOf(jitter)
	d.BurstBytes = d.burst()
	d.BufferBytes = d.buffer(waiting)
	var slopes []float64
	for i := range d.Sizes {
		s := &d.Sizes[i]
		if s.Bytes < copied || d.BufferBytes > 0 && s.Bytes > d.BufferBytes/2 {
			continue
		}
		for _, t := range s.Send {
			slopes = append(slopes, max(float64(t)-d.PerMessageNs.Median, 0)/float64(s.Bytes))
		}
	}
	d.PerByteNs = SpreadOf(slopes)
}

// buffer returns how many bytes the sender's machine holds: what was on its way when tokens in a
// row had to wait, or less where the largest token that was sent after a pause had to wait, too.
// That one is known from the sender's clock alone; less than the bandwidth's spread leaves open of
// it counts as 1.
func (d *Direction) buffer(waiting []int64) int64 {
	if len(waiting) == 0 {
		return 0
	}
	seen := make([]float64, len(waiting))
	for i, n := range waiting {
		seen[i] = float64(n)
	}
	most := int64(quantile.Of(grown, seen))
	last := &d.Sizes[len(d.Sizes)-1]
	send := float64(quantile.Median(last.Send))
	if send < d.pass(last.Bytes)/2 {
		return most
	}
	held := last.Bytes - d.BurstBytes - int64(send*d.BytesPerSec.Median/1e9)
	open := (d.BytesPerSec.High - d.BytesPerSec.Low) / 2 / d.BytesPerSec.Median
	if float64(held) < open*float64(last.Bytes) {
		return 1
	}
	return max(min(most, held), 1)
}

// burst returns how many bytes a pause lets cross at once: the most that the smallest tokens
// which are larger than that save of their time at the bandwidth, if they all do. Larger
// ones say less, as the bandwidth's error grows with them.
func (d *Direction) burst() int64 {
	const enough = 3 // sizes
	least := float64(quantile.Median(d.Sizes[0].OneWay))
	noise := d.JitterNs.High - d.JitterNs.Low
	var saved []float64 // in ns
	for i := range d.Sizes {
		s := &d.Sizes[i]
		pass := d.pass(s.Bytes)
		if pass < 3*noise {
			continue // what it saves can't be told from jitter
		}
		saves := pass - (float64(quantile.Median(s.OneWay)) - least)
		if saves < crossedAtOnce*pass && len(saved) < enough {
			saved = append(saved, saves)
		}
	}
	if len(saved) == 0 || slices.Min(saved)*d.BytesPerSec.Median < leastBurst*1e9 {
		return 0
	}
	return int64(slices.Max(saved) * d.BytesPerSec.Median / 1e9)
}

func floats(times []time.Duration) []float64 {
	list := make([]float64, len(times))
	for i, t := range times {
		list[i] = float64(t)
	}
	return list
}

// ErrLink says that a link profile can't be computed with.
var ErrLink = errors.New("bad link profile")

// Check returns an error that wraps ErrLink if the link can't be computed with: both
// directions have to be measured.
func (l *Link) Check() error {
	if l.Between[0] == "" || l.Between[1] == "" || l.Between[0] == l.Between[1] {
		return fmt.Errorf("%w: it is between %q and %q; expected two devices", ErrLink, l.Between[0], l.Between[1])
	}
	for i := range l.Directions {
		if why := l.Directions[i].wrong(); why != "" {
			return fmt.Errorf("%w: from %s to %s: %s", ErrLink, l.Between[i], l.Between[1-i], why)
		}
	}
	return nil
}

// wrong says why a direction can't be computed with, "" if it can.
func (d *Direction) wrong() string {
	switch {
	case len(d.Sizes) == 0:
		return "no sizes were measured"
	case !(d.BytesPerSec.Median > 0) || math.IsInf(d.BytesPerSec.Median, 0):
		return fmt.Sprintf("a bandwidth of %g bytes/s", d.BytesPerSec.Median)
	case d.BurstBytes < 0 || d.BufferBytes < 0 || d.RoundTripNs.Median < 0 || d.PerByteNs.Median < 0:
		return "a burst, buffer, round trip or cost per byte is less than 0"
	}
	for i := range d.Sizes {
		s := &d.Sizes[i]
		switch {
		case s.Bytes < 1 || i > 0 && s.Bytes <= d.Sizes[i-1].Bytes:
			return fmt.Sprintf("sizes must rise from 1 byte; there is %d", s.Bytes)
		case len(s.Send) == 0 || len(s.OneWay) == 0:
			return fmt.Sprintf("%d bytes have no samples", s.Bytes)
		case slices.Min(s.Send) < 0 || slices.Min(s.OneWay) < 0:
			return fmt.Sprintf("%d bytes took less than no time", s.Bytes)
		}
	}
	return ""
}
