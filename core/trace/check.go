package trace

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Unit names a processing unit of a device.
type Unit struct{ Device, Name string }

// Laws holds what a complete trace has to conserve: all that Check needs to
// know of a plan.
type Laws struct {
	Lanes map[Unit]int // firings that a unit runs at a time
	Flows [][]int      // actors joined by FIFOs, sources to sinks: they fire equally often
	Ends  []int        // actors that results leave at: nothing they make goes on, but for delay tokens
	Rates []int        // by FIFO: tokens per firing; the most where the rate varies
	Parts []Part       // dynamic parts; their dynamic processing actors are in no flow
	Drops []int        // sources that may drop what they capture, so that they must be Captured
}

// maxReported bounds the violations that Check names.
const maxReported = 20

// Check proves that a complete trace keeps the conservation laws, whichever
// driver wrote it; it does not apply to a partial one. It returns nil, or all
// violations (the first 20) joined, each wrapping ErrConservation, or an error that wraps
// ErrClocks:
//
//   - every actor's firings are frames 0, 1, ... once each and in order, and all
//     actors of a flow, sources and sinks among them, fire equally often; those inside a
//     dynamic part fire for the frames with an atr of 1 or more;
//   - every FIFO's tokens are sent once each and in order, as many per frame as
//     its rate, and every Send has one Recv with the same bytes, not before it: where they
//     lie on two clocks, not by more than the interval that these leave;
//   - of every FIFO over a link that loses bytes, bytes sent = bytes received + bytes lost;
//   - every frame that a source has captured has entered, was dropped, or waited at the end, once:
//     as its counters say, and as many as it fired for entered, in the order of capture;
//   - no unit runs more firings at a time than it has lanes;
//   - where units were Counted, each fired just as often, and was busy for just as
//     many ns, as its own counters say. There is no tolerance: a counter adds up the
//     very clock readings that a record holds, but in one number that stays on the
//     device, while records are many, and travel. So they differ if and only if a
//     record was lost, doubled, altered or given to another unit.
//
// Of a run that was interrupted (Restarts) it proves less: the results are those of
// frames 0, 1, ... once each and in order, and of all ends of a flow equally many.
func Check(t *Trace, laws Laws) error {
	c := NewChecker(laws)
	if t.Restarts > 0 {
		return c.results(t)
	}
	var err error
	if c.line, err = NewLine(t); err != nil {
		return err
	}
	for i := range t.Events {
		c.firstPass(&t.Events[i])
	}
	for e := range byStart(t.Events) {
		c.lanes(e)
	}
	return c.End(t)
}

// Checker proves the laws of Check of events that come one after the other and are not
// kept: it holds the tokens that are under way, and 4 bytes per firing of a configuration
// actor. It is not for runs with Restarts, nor for those with several Clocks.
type Checker struct {
	laws    Laws
	line    *Line
	fired   []int64   // firings by actor
	last    []*load   // by actor: that of the unit it fired on last
	fifos   []traffic // by FIFO
	busy    map[Unit]*load
	rates   map[int][]int32 // by configuration actor: the atr of every frame
	inner   map[int]*course // by actor inside a dynamic part: its firings
	dynamic map[int]*course // by FIFO of a dynamic part: its tokens
	sources map[int]*frames // by actor that captures frames
	later   []Event         // Recvs whose Sends come after them in the trace
	errs    []error
}

// NewChecker returns a Checker that has seen no event.
func NewChecker(laws Laws) *Checker {
	c := &Checker{laws: laws, line: &Line{}, busy: map[Unit]*load{}, rates: map[int][]int32{}, inner: map[int]*course{},
		dynamic: map[int]*course{}, sources: map[int]*frames{}}
	for _, p := range laws.Parts {
		c.rates[p.Config] = nil
		for _, a := range p.Inner {
			c.inner[a] = &course{config: p.Config, once: true}
		}
		for _, f := range p.FIFOs {
			c.dynamic[f] = &course{config: p.Config}
		}
	}
	return c
}

// Add takes the next event, which it does not keep. The firings of a unit come in the
// order of their starts.
func (c *Checker) Add(e *Event) {
	c.firstPass(e)
	if e.Kind == Firing && e.Actor >= 0 {
		c.lanes(e)
	}
}

// End returns what Check does for the events that were added, under the header of their
// trace.
func (c *Checker) End(t *Trace) error {
	for i := range c.later {
		c.recv(&c.later[i])
	}
	c.totals()
	c.counted(t.Counted)
	c.captured(t.Captured)
	c.crossed(t.Crossed)
	return errors.Join(c.errs...)
}

// traffic holds what a FIFO's tokens did.
type traffic struct {
	name           string
	sent, received int
	bytes          int64     // received
	underway       []sending // sent and not received yet, from gone on
	gone           int
	early          bool // a Recv came before its Send
}

type sending struct {
	start, bytes, frame int64
	device              string
}

// next takes the sending that was first of those under way.
func (f *traffic) next() sending {
	s := f.underway[f.gone]
	if f.gone++; f.gone > 64 && 2*f.gone > len(f.underway) {
		f.underway = f.underway[:copy(f.underway, f.underway[f.gone:])]
		f.gone = 0
	}
	return s
}

func (c *Checker) fail(format string, args ...any) {
	if len(c.errs) < maxReported {
		c.errs = append(c.errs, fmt.Errorf("%w: %s", ErrConservation, fmt.Sprintf(format, args...)))
	}
}

// firstPass counts firings and sends; a merged trace may hold a Recv before its Send.
func (c *Checker) firstPass(e *Event) {
	// A device may receive before it begins by its own clock.
	if e.Start < 0 && !c.line.Several() || e.End < e.Start {
		c.fail("%s %s, frame %d, lasts from %d to %d ns", e.Kind, e.Name, e.Frame, e.Start, e.End)
	}
	switch e.Kind {
	case Firing:
		if e.Actor < 0 {
			c.fail("firing of %s, frame %d, names no actor", e.Name, e.Frame)
			return
		}
		c.fire(e, c.inPart(e))
	case Capture, Drop:
		c.frame(e)
	case Send, Recv:
		if e.FIFO < 0 {
			c.fail("%s of %s, frame %d, names no FIFO", e.Kind, e.Name, e.Frame)
			return
		}
		c.fifos = grow(c.fifos, e.FIFO)
		f := &c.fifos[e.FIFO]
		f.name = e.Name
		switch {
		case e.Kind == Send:
			c.token("sent", e, f.sent)
			c.burst(e)
			f.sent++
			f.underway = append(f.underway, sending{e.Start, e.Bytes, e.Frame, e.Device})
		case f.early || f.received >= f.sent:
			f.early = true
			c.later = append(c.later, *e)
		default:
			c.recv(e)
		}
	}
}

// grow lengthens s so that it has an index i.
func grow[T any](s []T, i int) []T {
	if i < len(s) {
		return s
	}
	return append(s, make([]T, i+1-len(s))...)
}

// token checks that token n of a FIFO, counted from 0, belongs to its frame.
func (c *Checker) token(what string, e *Event, n int) {
	if c.dynamic[e.FIFO] != nil {
		return // parts checks it, when all rates are known
	}
	rate := 1
	if e.FIFO >= 0 && e.FIFO < len(c.laws.Rates) {
		rate = max(c.laws.Rates[e.FIFO], 1)
	}
	if want := int64(n / rate); e.Frame != want {
		c.fail("FIFO %s: %s a token of frame %d where one of frame %d was due", e.Name, what, e.Frame, want)
	}
}

func (c *Checker) recv(e *Event) {
	f := &c.fifos[e.FIFO]
	n := f.received
	c.token("received", e, n)
	f.received++
	f.bytes += e.Bytes
	if n >= f.sent {
		return // totals reports it
	}
	switch s := f.next(); {
	case s.bytes != e.Bytes:
		c.fail("FIFO %s, frame %d: %d bytes sent, %d received", e.Name, e.Frame, s.bytes, e.Bytes)
	case s.frame != e.Frame:
		c.fail("FIFO %s: received a token of frame %d where one of frame %d was sent", e.Name, e.Frame, s.frame)
	case c.line.Same(s.device, e.Device):
		if e.End < s.start {
			c.fail("FIFO %s, frame %d: received at %d ns, before it was sent at %d ns", e.Name, e.Frame, e.End, s.start)
		}
	default:
		if took := c.line.Between(s.device, s.start, e.Device, e.End); took.High < 0 {
			c.fail("FIFO %s, frame %d: received by %s at %d ns of its clock, %d to %d ns before it was sent by %s", e.Name,
				e.Frame, e.Device, e.End, -took.High, -took.Low, s.device)
		}
	}
}

// crossed checks what became of the bytes that were sent.
func (c *Checker) crossed(all []Crossed) {
	for _, x := range all {
		var received int64
		if x.FIFO < len(c.fifos) {
			received = c.fifos[x.FIFO].bytes
		}
		if x.Bytes != received+x.LostBytes {
			c.fail("FIFO %s: %d bytes sent over link %s, %d received and %d lost", x.Name, x.Bytes, x.Link, received,
				x.LostBytes)
		}
	}
}

// fire counts a firing, which is that of the frame that is due unless the actor may
// have skipped some.
func (c *Checker) fire(e *Event, skips bool) {
	c.fired = grow(c.fired, e.Actor)
	if n := c.fired[e.Actor]; !skips && e.Frame != n {
		c.fail("actor %s fired frame %d where frame %d was due", e.Name, e.Frame, n)
	}
	c.fired[e.Actor]++
}

// even checks that actors have fired equally often.
func (c *Checker) even(actors []int) {
	for _, a := range actors {
		c.fired = grow(c.fired, max(a, actors[0]))
		if n, want := c.fired[a], c.fired[actors[0]]; n != want {
			c.fail("actor %d fired %d times, actor %d of the same flow %d times", a, n, actors[0], want)
		}
	}
}

func (c *Checker) totals() {
	c.parts()
	for _, f := range c.fifos {
		if f.sent != f.received {
			c.fail("FIFO %s: %d tokens sent, %d received", f.name, f.sent, f.received)
		}
	}
	for _, flow := range c.laws.Flows {
		c.even(flow)
	}
	for _, u := range c.units() {
		c.unit(u, c.busy[u])
	}
}

// units returns the units that fired, sorted.
func (c *Checker) units() []Unit {
	return slices.SortedFunc(maps.Keys(c.busy), func(a, b Unit) int {
		return slices.Compare([]string{a.Device, a.Name}, []string{b.Device, b.Name})
	})
}

// counted compares the firings of every unit with the unit's own counters, of which
// there are none or those of all units that fired.
func (c *Checker) counted(counters []Counted) {
	if len(counters) == 0 {
		return
	}
	found := map[Unit]bool{}
	for _, n := range counters {
		u := Unit{n.Device, n.Unit}
		found[u] = true
		var firings, busy int64
		if l := c.busy[u]; l != nil {
			firings, busy = l.firings, l.busy
		}
		if firings != n.Firings || busy != n.BusyNs {
			c.fail("unit %s of device %s: the trace has %d firings of %d ns in all, the unit's own counters %d of %d ns",
				u.Name, u.Device, firings, busy, n.Firings, n.BusyNs)
		}
	}
	for _, u := range c.units() {
		if !found[u] {
			c.fail("unit %s of device %s fired, and has no counters", u.Name, u.Device)
		}
	}
}
