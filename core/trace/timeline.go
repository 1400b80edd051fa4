package trace

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

// Line is the time line of a run: it compares times that were recorded on different
// clocks. It is read-only. The zero Line is that of a run with one clock.
type Line struct {
	clock  map[string]int // by device
	clocks *clocks.Clocks // nil: there is one
	list   []Clock
}

// NewLine relates the clocks of a trace, by its probes and by its tokens and
// acknowledgements: each was received after it was sent. Of a run with restarts, or with
// events that were dropped, only the probes count, as its events can't be told apart. Errors
// wrap ErrClocks, or clocks.ErrJump, and name device and time.
func NewLine(t *Trace) (*Line, error) {
	l := &Line{}
	if t.Clocks == nil {
		return l, nil
	}
	l.list, l.clock = t.Clocks.List, map[string]int{}
	if len(l.list) == 0 {
		return nil, fmt.Errorf("%w: a list of none", ErrClocks)
	}
	var names []string
	for i, c := range l.list {
		names = append(names, l.name(i))
		for _, d := range c.Devices {
			l.clock[d] = i
		}
	}
	for i := range t.Events {
		if _, ok := l.clock[t.Events[i].Device]; !ok {
			return nil, fmt.Errorf("%w: none is that of device %s, which recorded events", ErrClocks, t.Events[i].Device)
		}
	}
	var messages []clocks.Message
	for _, p := range t.Clocks.Probes {
		messages = append(messages, clocks.Message{From: p.From, To: p.To, Sent: p.Sent, Received: p.Taken},
			clocks.Message{From: p.To, To: p.From, Sent: p.Answered, Received: p.Back})
	}
	if t.Restarts == 0 && t.Dropped == 0 {
		messages = l.tokens(messages, t)
		messages = l.acknowledgements(messages, t)
	}
	var err error
	if l.clocks, err = clocks.New(names, messages); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClocks, err)
	}
	for i := range l.list {
		if len(l.list[i].Devices) > 0 && !l.clocks.Related(0, i) {
			return nil, fmt.Errorf("%w: no messages both ways relate the clock of %s to that of %s", ErrClocks, names[i],
				names[0])
		}
	}
	return l, nil
}

// name names a clock by its devices.
func (l *Line) name(clock int) string {
	switch d := l.list[clock].Devices; len(d) {
	case 0:
		return "the coordinator"
	case 1:
		return "device " + d[0]
	default:
		return fmt.Sprintf("device %s (and %d more)", d[0], len(d)-1)
	}
}

// Several reports whether the run has several clocks.
func (l *Line) Several() bool { return l.clocks != nil }

// Same reports whether two devices record on one clock.
func (l *Line) Same(a, b string) bool { return l.clocks == nil || l.clock[a] == l.clock[b] }

// Between returns how long after time a of one device's clock time b of another one's is, in
// ns on the latter: exact on one clock, else as tight as the messages allow.
func (l *Line) Between(from string, a int64, to string, b int64) clocks.Interval {
	if l.Same(from, to) {
		return clocks.Interval{Low: b - a, High: b - a}
	}
	at := l.clocks.At(l.clock[from], l.clock[to], a)
	return clocks.Interval{Low: b - at.High, High: b - at.Low}
}

// At returns time a of a device's clock on the run's time line.
func (l *Line) At(device string, a int64) clocks.Interval {
	if l.clocks == nil {
		return clocks.Interval{Low: a, High: a}
	}
	return l.clocks.At(l.clock[device], 0, a)
}

// Place returns an event with its times on the run's time line: its start in the middle of
// the interval, and as long as on its own clock.
func (l *Line) Place(e Event) Event {
	at := l.At(e.Device, e.Start).Middle()
	e.Start, e.End = at, at+e.End-e.Start
	return e
}

// Sort puts events in the order of their ends on the time line, then clocks, then devices;
// those of one clock keep the order that they have there.
func (l *Line) Sort(events []Event) {
	if l.clocks == nil {
		slices.SortStableFunc(events, func(a, b Event) int {
			return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.Device, b.Device))
		})
		return
	}
	type place struct {
		at, from int64
	}
	places := make([]place, len(events))
	sort := func() {
		slices.SortFunc(places, func(a, b place) int {
			if c := cmp.Compare(a.at, b.at); c != 0 {
				return c
			}
			e, f := &events[a.from], &events[b.from]
			return cmp.Or(cmp.Compare(l.clock[e.Device], l.clock[f.Device]), cmp.Compare(e.End, f.End),
				cmp.Compare(e.Device, f.Device), cmp.Compare(a.from, b.from))
		})
	}
	for i := range events {
		places[i] = place{events[i].End, int64(i)}
	}
	sort()
	last := make([]int64, len(l.list)) // by clock
	for i := range last {
		last[i] = math.MinInt64
	}
	for i, p := range places {
		e := &events[p.from]
		clock := l.clock[e.Device]
		last[clock] = max(last[clock], l.clocks.At(clock, 0, e.End).Middle())
		places[i].at = last[clock]
	}
	sort()
	sorted := make([]Event, len(events))
	for i, p := range places {
		sorted[i] = events[p.from]
	}
	copy(events, sorted)
}
