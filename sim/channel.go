package sim

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/medium"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// carried is a FIFO that crosses a link; it is zero for a FIFO that doesn't.
type carried struct {
	name, link     string
	from, to, conn int32 // index in run.devices; in run.conns
	toEnd          int32 // of the connection
	frames         graph.Frames
	bytes          int64 // of a token
	channel        *channel

	nominal int64 // of a token, in ns
	sums    sendings
	times   Crossing
	class   medium.Class       // of its tokens on the channel's medium
	tokens  *impairment.Tokens // nil: nothing is random
	crossed int64              // bytes that the channel passed, lost ones among them
	unsent  int64              // bytes that tokens were to lose that were dropped before they began to cross
}

// lost returns the bytes that crossed the link and were lost on it.
func (b *carried) lost() int64 { return b.tokens.Lost() - b.unsent }

// channel is what takes tokens one after the other: one direction of a link, or a
// half-duplex link.
type channel struct {
	free int64 // when it can take the next token, in ns of virtual time
	left int64 // when the sender was done with the last one
	sent int64 // when the sender had worked on the last one for Crossing.Work
	busy int64 // for how long it passed tokens, or waited to

	still []stretch // times to come before free that are not in busy, in order

	outages *impairment.Outages
	latency *profile.Latencies // nil: Crossing.Flight is all
	shared  *shared            // nil: its link is private
}

// take has the channel take a token now, to which e happens. It returns when the token begins to
// occupy its sender, and when it arrives unless one before it is later.
func (c *channel) take(now int64, t *Crossing, e impairment.Effect) (start, arrives int64) {
	start = max(now, c.left)
	ready := max(now, c.sent) // a sender that waits for the link keeps it busy, one that works does not
	begin := max(ready-int64(t.Burst), c.free)
	c.stands(now, max(now, c.free), begin)
	if t.Rates != nil {
		n := t.Bytes + e.LostBytes
		c.free = c.outages.AfterBytes(begin, n, t.Rates)
		if t.MaxBytesPerSec > 0 {
			c.free = max(c.free, c.outages.After(begin, int64(float64(n)/t.MaxBytesPerSec*1e9)))
		}
	} else {
		c.free = c.outages.After(begin, int64(t.Occupancy)+t.lasts(e.LostBytes))
	}
	c.busy += c.free - begin
	c.stands(now, c.free, c.free+e.HeldNs)
	return start, c.done(c.free+e.HeldNs, now, start, ready, t, e.LateNs)
}

// stands takes note of a time to come in which the channel passes nothing, before one in which it
// does or a token holds it.
func (c *channel) stands(now, from, to int64) {
	if from >= to {
		return
	}
	gone := 0
	for gone < len(c.still) && c.still[gone].to <= now {
		gone++
	}
	c.still = append(slices.Delete(c.still, 0, gone), stretch{from, to})
}

// lose takes back what of the channel was taken from now on.
func (c *channel) lose(now int64) {
	if c.shared == nil { // of a medium's, only what has crossed was taken
		c.busy -= max(c.free-now, 0)
		for _, s := range c.still {
			c.busy += max(s.to-max(s.from, now), 0)
		}
		c.still = c.still[:0]
	}
	c.free, c.left, c.sent = min(c.free, now), min(c.left, now), min(c.sent, now)
}

// done has the channel be free of a token from a time on, of times when it was made, began to
// occupy its sender and was ready for the channel. It returns when the token arrives.
func (c *channel) done(free, made, start, ready int64, t *Crossing, late int64) (arrives int64) {
	c.free = free
	// A little token right behind a large one is handed over sooner than that, and not before it began.
	c.left = max(start, c.free+int64(t.Handover), ready+int64(t.Work), made+int64(t.Sending))
	if t.Work > 0 {
		c.sent = ready + int64(t.Work)
	}
	crossed := c.outages.Up(max(c.free, ready))
	arrives = crossed + int64(t.Flight) + c.latency.At(crossed) + late
	return max(arrives, start)
}

// lasts returns how long bytes that are lost keep a channel of one bandwidth busy.
func (t *Crossing) lasts(lost int64) int64 {
	if lost == 0 {
		return 0
	}
	return int64(float64(t.Occupancy) / float64(max(t.Bytes, 1)) * float64(lost))
}

// addBoundaries fills in the FIFOs that cross a link, and reserves room for the trace.
func (r *run) addBoundaries(model LinkModel, prof *profile.Profile) error {
	type direction struct {
		link int
		from int // device; -1 for both directions of a half-duplex link
	}
	servers := map[direction]*channel{}
	events := int64(len(r.actors))
	r.connOf = make([]int32, len(r.plan.Platform.Links))
	for i := range r.connOf {
		r.connOf[i] = -1
	}
	r.fifos = make([]carried, len(r.graph.FIFOs))
	for f, q := range r.graph.FIFOs {
		from, to := r.plan.Work[q.From].Device, r.plan.Work[q.To].Device
		if from == to {
			continue
		}
		route := r.plan.Routes[f]
		here, there := r.plan.DeviceOf(q.From).Name, r.plan.DeviceOf(q.To).Name
		if route < 0 || route >= len(r.plan.Platform.Links) || !joins(&r.plan.Platform.Links[route], here, there) {
			return fmt.Errorf("%w: FIFO %s crosses from device %s to %s without a link",
				ErrPlan, r.graph.FIFOName(f), here, there)
		}
		n, err := r.tokenBytes(f, prof)
		if err != nil {
			return err
		}
		l := &r.plan.Platform.Links[route]
		key := direction{route, from}
		if l.Duplex == plan.Half {
			key.from = -1
		}
		if servers[key] == nil {
			servers[key] = newChannel(l, prof)
			r.joinMedium(servers[key], l, r.where[to])
		}
		at := r.join(route, r.where[from], r.where[to], model.Ack(l, prof))
		r.conns[at].outages, r.conns[at].latency = servers[key].outages, servers[key].latency
		if ch := servers[key]; !slices.Contains(r.conns[at].channels, ch) {
			r.conns[at].channels = append(r.conns[at].channels, ch)
		}
		if err := loaded(model, l, prof); err != nil {
			return err
		}
		if _, err := l.CheckImpairments(); err != nil {
			return fmt.Errorf("%w: link %s: %w", ErrPlan, l.Name, err)
		}
		r.assume(model, l, prof, here, n)
		times, err := crossingOf(&r.plan.Platform, model, l, prof, here, n)
		if err != nil {
			return err
		}
		r.fifos[f] = carried{
			name: r.graph.FIFOName(f), link: l.Name, from: r.where[from], to: r.where[to],
			conn: at, toEnd: r.endOf(at, r.where[to]),
			frames: r.graph.Frames(f), bytes: n, channel: servers[key],
			nominal: int64(l.Serialisation(n)), times: times,
			tokens: r.impaired(f, l, &times, roundTrip(model, l, prof)),
		}
		if s := servers[key].shared; s != nil {
			r.fifos[f].nominal, r.fifos[f].class = int64(times.Occupancy), r.media[s.medium].Class(times.limit(l))
		}
		events += int64(2*r.fifos[f].frames.Rate + 1)
	}
	r.perFrame = events
	return nil
}

// newChannel returns a channel that has been idle for long.
func newChannel(l *plan.Link, prof *profile.Profile) *channel {
	c := &channel{free: math.MinInt64 / 2, outages: impairment.NewOutages(l.Outages)}
	if link := prof.Links[l.Name]; link != nil {
		c.latency = link.Latencies
	}
	return c
}

// crossingOf returns the times of a token of n bytes from a device, with what losses and a window
// leave of the link's bandwidth.
func crossingOf(
	pf *plan.Platform, model LinkModel, l *plan.Link, prof *profile.Profile, from string, n int64,
) (Crossing, error) {
	rate, err := alone(pf, l, prof)
	if err != nil {
		return Crossing{}, err
	}
	var c Crossing
	if rate > 0 {
		c = overMedium(model, l, prof, from, n, rate)
	} else {
		c = model.Cross(l, prof, from, n)
	}
	c.Bytes = n
	if most := impairment.MaxBytesPerSec(&l.Loss, roundTrip(model, l, prof)); most > 0 {
		c.MaxBytesPerSec = most
		if d := measuredOn(model, l, prof, from); d != nil && rate > 0 {
			c.MaxBytesPerSec = min(most, d.BytesPerSec.Median)
		}
	}
	if c.MaxBytesPerSec > 0 {
		c.Occupancy = max(c.Occupancy, nanoseconds(float64(n)/c.MaxBytesPerSec))
	}
	return c, nil
}

func nanoseconds(s float64) time.Duration {
	return time.Duration(min(s*1e9, float64(plan.MaxTokenTime)))
}

// roundTrip returns that of a little over a link, in ns.
func roundTrip(model LinkModel, l *plan.Link, prof *profile.Profile) int64 {
	way := model.Ack(l, prof)
	if link := prof.Links[l.Name]; link != nil {
		way += link.Latencies.Mean()
	}
	return 2 * int64(way)
}

// impaired returns what is random of the tokens of FIFO f; nil if nothing is.
func (r *run) impaired(f int, l *plan.Link, times *Crossing, roundTrip int64) *impairment.Tokens {
	return impairment.New(l, impairment.Path{
		Seed: r.plan.Seed, FIFO: r.graph.FIFOName(f), Bytes: times.Bytes,
		PerByteNs: float64(times.Occupancy) / float64(max(times.Bytes, 1)),
		FlightNs:  int64(times.Flight), RoundTripNs: roundTrip, Measured: times.Jitter,
	})
}

// loaded checks that what a link names is there, so that nothing else is taken for it.
func loaded(model LinkModel, l *plan.Link, prof *profile.Profile) error {
	if _, measured := model.(Measured); !measured {
		return nil
	}
	link := prof.Links[l.Name]
	switch {
	case l.Profile != "" && (link == nil || link.File != l.Profile || link.Direction(l.Between[0]) == nil):
		return fmt.Errorf("link %s: its profile %s was not read: %w", l.Name, l.Profile, profile.ErrMissing)
	case l.Trace != "" && (link == nil || link.Trace != l.Trace || link.Rates == nil && link.Latencies == nil):
		return fmt.Errorf("link %s: its trace %s was not read: %w", l.Name, l.Trace, profile.ErrMissing)
	}
	return nil
}

// assume notes what is not known of a link and a token of n bytes from a device.
func (r *run) assume(model LinkModel, l *plan.Link, prof *profile.Profile, from string, n int64) {
	link := prof.Links[l.Name]
	if _, measured := model.(Measured); !measured || link == nil {
		return
	}
	note := func(format string, args ...any) {
		text := "link " + l.Name + ": " + fmt.Sprintf(format, args...)
		if !slices.Contains(r.trace.Assumed, text) {
			r.trace.Assumed = append(r.trace.Assumed, text)
		}
	}
	if link.Measured != [2]string{} {
		note("its profile was measured between %s and %s; it is taken for %s and %s", link.Measured[0], link.Measured[1],
			link.Between[0], link.Between[1])
	}
	if d := link.Direction(from); d != nil && !d.Covers(n) {
		note("tokens of %d bytes from %s are larger than any that was measured, of %d bytes; the rest goes on at the "+
			"bandwidth", n, from, d.Sizes[len(d.Sizes)-1].Bytes)
	}
	if link.Rates != nil {
		if end, ends := link.Rates.Ends(); ends {
			note("from %v on, where its trace ends, the bandwidth stays as it is there", end)
		}
	}
}

// makeRoom makes room for a trace that is kept.
func (r *run) makeRoom() {
	const most = 1 << 22 // beyond that, the trace grows as it goes
	r.trace.Events = make([]trace.Event, 0, min(r.perFrame*min(r.plan.Workload.Frames, most), most))
}

func joins(l *plan.Link, a, b string) bool {
	return slices.Contains(l.Between, a) && slices.Contains(l.Between, b)
}

// tokenBytes returns the size of the tokens of FIFO f: that of their type, or
// for opaque tokens the measured one. Of tensors that travel with their shape and were
// not measured it is their bound, and the trace of a run says so.
func (r *run) tokenBytes(f int, prof *profile.Profile) (int64, error) {
	q := r.graph.FIFOs[f]
	n, bound, err := (&Driver{Profile: prof}).TokenBytes(r.plan.DeviceOf(q.From).Name, r.plan.Work[q.From].CostKey,
		q.OutPort, r.graph.Type(f))
	switch {
	case err != nil:
		return 0, fmt.Errorf("token size of FIFO %s: %w", r.graph.FIFOName(f), err)
	case bound && r.trace != nil:
		r.trace.Assumed = append(r.trace.Assumed,
			fmt.Sprintf("FIFO %s: every token has the %d bytes of its bound %s", r.graph.FIFOName(f), n, r.graph.Type(f)))
	}
	return n, nil
}

// TokenBytes returns the size of tokens of a type that firings with a cost key make on a device at
// output port out (index), as a simulation takes it; bound says that it is that of the type,
// because a shape that depends on the data was not measured. What is not known wraps
// profile.ErrMissing.
func (d *Driver) TokenBytes(device, key string, out int, t graph.TokenType) (n int64, bound bool, err error) {
	if !t.Variable() {
		return t.Bytes(), false, nil
	}
	if bytes := d.profile().OutBytesOn(device, key); out < len(bytes) {
		return bytes[out], false, nil
	}
	if t.Of != nil {
		return t.Bytes(), true, nil
	}
	return 0, false, fmt.Errorf("%w: bytes of output %d of %s; run edgeprune profile", profile.ErrMissing, out, key)
}
