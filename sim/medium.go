package sim

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/medium"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/summary"
)

// The kinds of events of media, which no engine sees.
const (
	mediumDue    engine.EventKind = 190 + iota // something is to happen on medium index
	channelReady                               // the channel index can begin with its next token
)

// air is a medium of a run.
type air struct {
	*medium.Medium
	name   string
	due    int64 // of the event of the present generation, if it is set
	set    bool
	gen    int32
	tokens int64 // that have crossed
}

// addMedia makes the media of a plan.
func (r *run) addMedia(prof *profile.Profile) error {
	pf := &r.plan.Platform
	for i := range pf.Media {
		m := &pf.Media[i]
		rates, err := ratesOf(m, prof)
		if err != nil {
			return err
		}
		r.media = append(r.media, &air{Medium: medium.New(m, rates, len(r.devices)), name: m.Name})
	}
	return nil
}

// ratesOf returns a medium's capacity over time; nil if that does not change.
func ratesOf(m *plan.Medium, prof *profile.Profile) (*profile.Rates, error) {
	read := prof.Media[m.Name]
	switch {
	case m.Trace != "" && (read == nil || read.Trace != m.Trace || read.Rates == nil):
		return nil, fmt.Errorf("medium %s: its trace %s was not read: %w", m.Name, m.Trace, profile.ErrMissing)
	case m.Trace != "":
		return read.Rates, nil
	case !(m.CapacityBytesPerSec > 0):
		return nil, fmt.Errorf("%w: medium %s has no capacity", ErrPlan, m.Name)
	}
	return nil, nil
}

// alone returns the bytes/s of a token that has a link's medium for itself; 0 for a private link.
// On average, where the medium has a trace.
func alone(pf *plan.Platform, l *plan.Link, prof *profile.Profile) (float64, error) {
	if l.Medium == "" {
		return 0, nil
	}
	at := pf.Medium(l)
	if at < 0 {
		return 0, fmt.Errorf("%w: link %s is on medium %s, which is not there", ErrPlan, l.Name, l.Medium)
	}
	rates, err := ratesOf(&pf.Media[at], prof)
	if err != nil {
		return 0, err
	}
	carries := medium.New(&pf.Media[at], rates, 1).Alone()
	if l.BandwidthBytesPerSec > 0 {
		carries = min(carries, float64(l.BandwidthBytesPerSec))
	}
	return carries, nil
}

// measuredOn returns the direction of a link from a device that its profile holds; nil if that holds
// none, or the model does not look at it.
func measuredOn(model LinkModel, l *plan.Link, prof *profile.Profile, from string) *profile.Direction {
	link := prof.Links[l.Name]
	if _, measured := model.(Measured); !measured || link == nil {
		return nil
	}
	return link.Direction(from)
}

// overMedium returns the times of a token on a medium: what a link model says of a link without a
// limit, as of one whose bandwidth is given over time. Its Occupancy is that at the given rate,
// which it has if nothing else crosses. One that was measured passes what it did then at most; what
// a pause lets cross at once is the medium's, and left out.
func overMedium(model LinkModel, l *plan.Link, prof *profile.Profile, from string, n int64, alone float64) Crossing {
	if d := measuredOn(model, l, prof, from); d != nil {
		c := model.Cross(l, prof, from, n)
		c.Burst, c.MaxBytesPerSec = 0, d.BytesPerSec.Median
		c.Occupancy = max(c.Occupancy, nanoseconds(float64(n)/alone))
		return c
	}
	bare := *l
	bare.BandwidthBytesPerSec = 0
	end := model.Cross(&bare, prof, from, last(n)) // the last message, behind the medium's last byte
	whole := model.Cross(&bare, prof, from, n)
	return Crossing{
		Occupancy: nanoseconds(float64(n) / alone), Handover: end.Occupancy, Sending: whole.Occupancy,
		Work: whole.Occupancy, Flight: end.Occupancy + end.Flight,
	}
}

// shared is what a channel holds whose tokens cross a medium. One of them crosses at a time; what
// is sent meanwhile waits.
type shared struct {
	medium  int32 // index in run.media
	channel int32 // index in run.shared
	to      int32 // device; -1 for both directions of a half-duplex link
	line    crossings
	crosses bool        // the first of the line does
	flow    medium.Flow // then
	gen     int32       // how often all was dropped
}

// toCross is a token, or a Hello, that is on the sender's side of a medium.
type toCross struct {
	fifo  int32 // -1: it is a Hello
	end   int32 // of the connection, that it goes to
	conn  int32
	rate  int32
	place uint32 // in run.tokens, or run.hellos
	made  int64
	start int64 // of occupying the sender, from when on it crosses
	ready int64
	begun int64 // to cross
	lost  int64 // see impairment.Effect
	held  int64
	late  int64
}

// crossings is a queue that reuses its memory.
type crossings struct {
	items []toCross
	gone  int
}

func (l *crossings) len() int        { return len(l.items) - l.gone }
func (l *crossings) first() *toCross { return &l.items[l.gone] }

func (l *crossings) put(w *toCross) {
	if l.gone > 0 && len(l.items) == cap(l.items) {
		l.items = l.items[:copy(l.items, l.items[l.gone:])]
		l.gone = 0
	}
	l.items = append(l.items, *w)
}

func (l *crossings) drop() {
	if l.gone++; l.gone == len(l.items) {
		l.items, l.gone = l.items[:0], 0
	}
}

// joinMedium makes a new channel of a link one of its medium, if the link has one.
func (r *run) joinMedium(ch *channel, l *plan.Link, to int32) {
	at := r.plan.Platform.Medium(l)
	if at < 0 {
		return
	}
	if l.Duplex == plan.Half {
		to = -1
	}
	ch.shared = &shared{medium: int32(at), channel: int32(len(r.shared)), to: to}
	r.shared = append(r.shared, ch)
}

// limit returns what a token of a link passes on its medium at most, in bytes/s; 0: any rate.
func (t *Crossing) limit(l *plan.Link) float64 {
	bandwidth := float64(l.BandwidthBytesPerSec)
	if t.MaxBytesPerSec > 0 && (bandwidth <= 0 || t.MaxBytesPerSec < bandwidth) {
		return t.MaxBytesPerSec
	}
	return max(bandwidth, 0)
}

// lineUp puts a token or a Hello into the line of a channel on a medium.
func (r *run) lineUp(ch *channel, w *toCross) {
	ch.shared.line.put(w)
	if ch.shared.line.len() == 1 {
		r.cross(ch)
	}
}

// cross lets the first in the line of a channel begin to cross, if it is time for that.
func (r *run) cross(ch *channel) {
	s := ch.shared
	for s.line.len() > 0 && !s.crosses {
		w := s.line.first()
		c := &r.conns[w.conn]
		if w.fifo < 0 {
			to := &c.ends[w.end]
			r.push(pending{
				kind: engine.HelloFrom, at: max(c.answered(r.now), to.arrival), device: to.device, index: to.peer,
				place: w.place, gen: to.gen,
			})
			s.line.drop()
			continue
		}
		w.start, w.ready = max(w.made, ch.left), max(w.made, ch.sent)
		if begin := max(w.ready, ch.free); begin > r.now {
			r.push(pending{kind: channelReady, at: begin, index: s.channel, gen: s.gen})
			return
		}
		b, m := &r.fifos[w.fifo], r.media[s.medium]
		s.crosses, w.begun = true, r.now
		b.crossed += b.bytes + w.lost
		s.flow = m.Add(r.now, b.from, b.class, m.Work(b.bytes+w.lost), s.channel)
		r.comeBack(s.medium)
	}
}

// comeBack lets the run come back to a medium when something happens there. An event that comes
// too early does nothing, so that not every change makes a new one.
func (r *run) comeBack(at int32) {
	m := r.media[at]
	next, ok := m.Next()
	if !ok || m.set && m.due <= next {
		return
	}
	m.gen++
	m.due, m.set = next, true
	r.push(pending{kind: mediumDue, at: next, index: at, gen: m.gen})
}

// onMedium does what an event of a medium says. It reports false for other events.
func (r *run) onMedium(p *pending) bool {
	switch p.kind {
	case mediumDue:
		m := r.media[p.index]
		if p.gen != m.gen {
			return true
		}
		m.due = r.now // so that what begins to cross meanwhile sets no event
		for channel, ok := m.Take(r.now); ok; channel, ok = m.Take(r.now) {
			m.tokens++
			r.crossed(r.shared[channel])
		}
		m.set = false
		r.comeBack(p.index)
	case channelReady:
		if ch := r.shared[p.index]; p.gen == ch.shared.gen {
			r.cross(ch)
		}
	default:
		return false
	}
	return true
}

// crossed takes note that the first token in the line of a channel has crossed, and lets the next
// one begin.
func (r *run) crossed(ch *channel) {
	s := ch.shared
	w := s.line.first()
	b, c := &r.fifos[w.fifo], &r.conns[w.conn]
	arrives := ch.done(r.now+w.held, w.made, w.start, w.ready, &b.times, w.late)
	id := &r.tokens.items[w.place]
	ch.busy += r.now - w.begun
	r.sent(b, id, w.made, w.start, ch.left)
	r.deliver(b, &c.ends[w.end], w.place, w.rate, arrives)
	s.crosses = false
	s.line.drop()
	r.cross(ch)
}

// dropLine drops what a channel on a medium holds: it is lost.
func (r *run) dropLine(ch *channel) {
	s := ch.shared
	if s == nil {
		return
	}
	s.gen++
	crosses := s.crosses
	if crosses {
		r.media[s.medium].Remove(r.now, s.flow)
		r.comeBack(s.medium)
		s.crosses = false
		w := s.line.first()
		b := &r.fifos[w.fifo]
		ch.busy += r.now - w.begun
		r.sent(b, &r.tokens.items[w.place], w.made, min(w.start, r.now), r.now)
		b.sums.lost++
	}
	for ; s.line.len() > 0; s.line.drop() {
		if w := s.line.first(); w.fifo >= 0 {
			if !crosses {
				r.fifos[w.fifo].unsent += w.lost
			}
			crosses = false
			r.tokens.release(w.place)
		} else {
			r.hellos.release(w.place)
		}
	}
}

// leaveLines takes out of the counts what has not crossed its medium when a run ends.
func (r *run) leaveLines() {
	for _, ch := range r.shared {
		s := ch.shared
		for i := s.line.gone; i < len(s.line.items); i++ {
			w := &s.line.items[i]
			if w.fifo < 0 {
				continue
			}
			b := &r.fifos[w.fifo]
			b.unsent += w.lost
			if s.crosses && i == s.line.gone {
				b.crossed -= b.bytes + w.lost
			}
		}
	}
}

// dropLines drops what the channels of a connection hold that are on media.
func (r *run) dropLines(c *conn) {
	for _, ch := range c.channels {
		if ch.shared != nil {
			r.dropLine(ch)
			ch.lose(r.now)
		}
	}
}

// behind returns the channel whose tokens a Hello to an end of a connection has to wait for; nil
// if there is none.
func (c *conn) behind(to *end) *channel {
	for _, ch := range c.channels {
		if s := ch.shared; s != nil && s.line.len() > 0 && (s.to < 0 || s.to == to.device) {
			return ch
		}
	}
	return nil
}

// sumMedia adds what the media carried.
func (r *run) sumMedia(s *summary.Run) {
	end := max(int64(s.End), r.now)
	for _, m := range r.media {
		t := m.Totals(end)
		of := summary.Medium{Medium: m.name, Tokens: m.tokens, Busy: time.Duration(t.Used), Active: time.Duration(t.Active)}
		if end > 0 {
			of.Utilisation, of.Crossing = t.Used/float64(end), t.Flows/float64(end)
		}
		s.Media = append(s.Media, of)
	}
}
