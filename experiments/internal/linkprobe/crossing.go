package linkprobe

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

// crossing is what a trace says of one token. Times are in ns since the run's start on the
// clock of the device.
type crossing struct {
	frame, bytes int64
	start, end   int64           // it was handed over; its last byte had left
	began        int64           // it occupied the sender from then to end
	arrived      int64           // on the receiver's clock
	oneWay       clocks.Interval // from start to arrived
	// roundTrip is from start to the acknowledgement, without the receiver's work in between;
	// below 0: none came of this token alone.
	roundTrip int64
	line      *trace.Line
	from, to  string
}

// crossings returns the tokens of a run that were sent and have arrived, in order, without
// those of its warm-up.
func crossings(t *trace.Trace) ([]crossing, error) {
	line, err := trace.NewLine(t)
	if err != nil {
		return nil, err
	}
	frames := map[int64]*crossing{}
	var sender trace.Sender
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != trace.Send || e.FIFO != FIFO {
			continue
		}
		if began := sender.Began(e); e.Frame >= warmup {
			frames[e.Frame] = &crossing{frame: e.Frame, bytes: e.Bytes, start: e.Start, began: began, end: e.End,
				arrived: -1, roundTrip: -1, line: line, from: e.Device}
		}
	}
	taken := map[int64]int64{} // from a token's arrival to the end of the sink's firing
	for i := range t.Events {
		e := &t.Events[i]
		c := frames[e.Frame]
		switch {
		case c == nil:
		case e.Kind == trace.Recv && e.FIFO == FIFO:
			c.arrived, c.to = e.End, e.Device
			c.oneWay = line.Between(c.from, c.start, c.to, c.arrived)
		case e.Kind == trace.Firing && e.Actor == Sink:
			taken[e.Frame] = e.End
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		if c := frames[e.Frame]; c != nil && e.Kind == trace.Ack && e.FIFO == FIFO && c.arrived >= 0 {
			c.roundTrip = max(e.End-c.start-(taken[e.Frame]-c.arrived), 0)
		}
	}
	var list []crossing
	for _, c := range frames {
		if c.arrived >= 0 {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b crossing) int { return cmp.Compare(a.frame, b.frame) })
	return list, nil
}

// sizeOf sums up tokens of one size that were sent after a pause each.
func sizeOf(bytes int64, list []crossing) (profile.Size, error) {
	s := profile.Size{Bytes: bytes}
	var off []time.Duration
	for _, c := range list {
		s.Send = append(s.Send, time.Duration(c.end-c.began))
		s.OneWay = append(s.OneWay, max(time.Duration(c.oneWay.Middle()), 0))
		off = append(off, time.Duration(c.oneWay.High-c.oneWay.Low)/2)
		if c.roundTrip >= 0 {
			s.RoundTrip = append(s.RoundTrip, time.Duration(c.roundTrip))
		}
	}
	s.Clocks = quantile.Median(off)
	if len(s.OneWay) == 0 || len(s.RoundTrip) == 0 {
		return s, fmt.Errorf("%w: no token of %d bytes came through", ErrProbe, bytes)
	}
	return s, nil
}

// windows is in how many parts of a stream its bandwidth is measured.
const windows = 4

// rates returns the bandwidths, in bytes/s on the receiver's clock, at which tokens arrived
// in a row, in parts of the stream. The first quarter is left out: in it a shaper may make
// up for the time before.
func rates(list []crossing) []float64 {
	var all []float64
	skip := len(list) / 4
	for w := range windows {
		from, to := skip+(len(list)-1-skip)*w/windows, skip+(len(list)-1-skip)*(w+1)/windows
		if to <= from || list[to].arrived <= list[from].arrived {
			continue
		}
		bytes := int64(0)
		for _, c := range list[from+1 : to+1] {
			bytes += c.bytes
		}
		all = append(all, float64(bytes)/float64(list[to].arrived-list[from].arrived)*1e9)
	}
	return all
}

// waiting returns, of every token in a row whose sending took a good part of the time that
// it takes on the link, how many bytes were on their way when it was done, 1 at least: what the
// sender's machine holds at most without that it counts as sending. latency is what the last byte
// is on its way when the link has taken it.
func waiting(list []crossing, bytesPerSec float64, latency time.Duration) []int64 {
	var all []int64
	for i, c := range list {
		pass := float64(c.bytes) / bytesPerSec * 1e9
		if took := float64(c.end - c.began); took < pass/2 {
			continue
		}
		under := int64(0)
		for j := i; j >= 0; j-- {
			after := c.line.Between(c.from, c.end, c.to, list[j].arrived).Middle()
			left := float64(after-int64(latency)) / 1e9 * bytesPerSec
			under += int64(min(max(left, 0), float64(list[j].bytes)))
			if left < float64(list[j].bytes) { // it is arriving: those before it have
				break
			}
		}
		all = append(all, max(under, 1))
	}
	return all
}

// arrival is when a token has arrived, on the receiver's clock.
type arrival struct{ at, bytes int64 }

// arrivals returns those of a run in their order, without its warm-up.
func arrivals(t *trace.Trace) []arrival {
	var list []arrival
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Recv && e.FIFO == FIFO && e.Frame >= warmup {
			list = append(list, arrival{e.End, e.Bytes})
		}
	}
	slices.SortFunc(list, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	return list
}
