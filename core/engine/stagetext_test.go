package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
)

// effect says what an effect of a device's engine is.
func (s *stage) effect(d *player, f *engine.Effect) string {
	switch f.Kind {
	case engine.Fire:
		text := fmt.Sprintf("%s fires #%d%s", s.graph.Actors[f.Actor].Name, f.Firing, s.atr(d, f.Actor))
		if f.N > 0 {
			text += fmt.Sprintf(" with its frame %d, of %v", f.N, time.Duration(f.At))
		}
		return text
	case engine.Drop:
		return fmt.Sprintf("%s drops its frame %d, of %v", s.graph.Actors[f.Actor].Name, f.N, time.Duration(f.At))
	case engine.Send:
		return fmt.Sprintf("sends %s #%d", s.fifos[f.FIFO], f.Seq)
	case engine.SendAck:
		return fmt.Sprintf("acknowledges %s up to #%d", s.fifos[f.FIFO], int64(f.Seq)-1)
	case engine.SendHello, engine.SendCheck:
		return fmt.Sprintf("%s to %s", s.hello(d.index, f.Hello), s.names[d.peers[f.Peer]])
	case engine.ArmTimer:
		return fmt.Sprintf("sets the %s for %v", s.timer(d, f), time.Duration(f.At))
	case engine.Save:
		return fmt.Sprintf("saves the record of %s #%d", s.graph.Actors[f.Actor].Name, f.Firing)
	case engine.Restore:
		return fmt.Sprintf("puts %s back to before its firing %d", s.graph.Actors[f.Actor].Name, f.Firing)
	case engine.Reload:
		return fmt.Sprintf("puts back %s %s", s.fifos[f.FIFO], numbers(f.Seq, f.N))
	}
	return fmt.Sprintf("effect %d", f.Kind)
}

// numbers names n tokens from seq on.
func numbers(seq uint64, n int) string {
	if n == 1 {
		return fmt.Sprintf("#%d", seq)
	}
	return fmt.Sprintf("#%d to #%d", seq, seq+uint64(n)-1)
}

// atr says with which rate an actor of a dynamic part fires.
func (s *stage) atr(d *player, actor int) string {
	a := &s.graph.Actors[actor]
	for p, run := range d.engine.In(actor) {
		if !a.In[p].Static() {
			return fmt.Sprintf(" with atr %d", run.N)
		}
	}
	for p, run := range d.engine.Out(actor) {
		if !a.Out[p].Static() {
			return fmt.Sprintf(" with atr %d", run.N)
		}
	}
	return ""
}

func (s *stage) timer(d *player, f *engine.Effect) string {
	if f.Actor >= 0 {
		return "timer of " + s.graph.Actors[f.Actor].Name
	}
	return "timer of peer " + s.names[d.peers[f.Peer]]
}

// message says what is on its way.
func (s *stage) message(m *parcel) string {
	switch m.ev.Kind {
	case engine.Data:
		return fmt.Sprintf("%s #%d", s.fifos[m.ev.FIFO], m.ev.Seq)
	case engine.Ack:
		return fmt.Sprintf("the acknowledgement of %s up to #%d", s.fifos[m.ev.FIFO], int64(m.ev.Seq)-1)
	}
	return fmt.Sprintf("%s's %s", s.names[m.from], s.hello(m.from, m.ev.Hello))
}

// hello says what a device's Hello holds.
func (s *stage) hello(from int, h *boundary.Hello) string {
	kind := "hello"
	if h.Ask > 0 {
		kind = "question"
	}
	var at []string
	for _, p := range h.FIFOs {
		receives := s.mapping[s.graph.FIFOs[p.FIFO].To] == from
		switch {
		case !p.Known:
			at = append(at, s.fifos[p.FIFO]+": not known yet")
		case receives:
			at = append(at, fmt.Sprintf("%s: %d arrived, %d committed", s.fifos[p.FIFO], p.Arrived, p.Committed))
		default:
			at = append(at, fmt.Sprintf("%s: %d committed", s.fifos[p.FIFO], p.Committed))
		}
	}
	return fmt.Sprintf("%s (%s)", kind, strings.Join(at, "; "))
}

// actorStatus says how far an actor has come, and what keeps it.
func (s *stage) actorStatus(d *player, actor int) string {
	text := fmt.Sprintf("%s done %d", s.graph.Actors[actor].Name, d.engine.Fired(actor))
	if slices.ContainsFunc(d.running, func(f engine.Effect) bool { return f.Actor == actor }) {
		return text + ", firing"
	}
	inputs, outputs := d.engine.Blocked(actor)
	for _, f := range inputs {
		text += ", waits for tokens of " + s.fifos[f]
	}
	for _, f := range outputs {
		text += ", waits for room in " + s.fifos[f]
	}
	if d.engine.AwaitsFrame(actor) {
		text += ", waits for a frame"
	}
	return text
}
