package engine_test

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
)

// send puts a message on its way, unless nothing gets there.
func (s *stage) send(d *player, peer int, ev engine.Event) {
	to := d.peers[peer]
	ev.Peer = slices.Index(s.devices[to].peers, d.index)
	if slices.Contains(s.apart, [2]int{d.index, to}) || slices.Contains(s.apart, [2]int{to, d.index}) {
		s.say("%s: that is lost", s.names[d.index])
		return
	}
	s.onWay = append(s.onWay, parcel{d.index, to, ev})
}

// arrive has message i on its way arrive.
func (s *stage) arrive(i int) {
	m := s.onWay[i]
	s.onWay = slices.Delete(s.onWay, i, i+1)
	d := s.devices[m.to]
	if d.engine == nil {
		s.say("%s is down: %s is lost", s.names[m.to], s.message(&m))
		return
	}
	s.say("%s gets %s", s.names[m.to], s.message(&m))
	if m.ev.Kind == engine.Data &&
		s.graph.Actors[s.graph.FIFOs[m.ev.FIFO].To].In[s.graph.FIFOs[m.ev.FIFO].InPort].Control {
		m.ev.Rate = 1
		if n := int64(m.ev.Seq); n < int64(len(s.rates)) {
			m.ev.Rate = s.rates[n]
		}
	}
	s.feed(d, m.ev)
}

// between returns the places of the messages on their way from one device to another.
func (s *stage) between(words []string) []int {
	from, to := s.device(words[0]).index, s.device(words[1]).index
	var at []int
	for i, m := range s.onWay {
		if m.from == from && m.to == to {
			at = append(at, i)
		}
	}
	return at
}

// deliver has messages arrive: all that are on their way now, or those between two
// devices, or the first of them.
func (s *stage) deliver(words []string) {
	if len(words) == 0 {
		for n := len(s.onWay); n > 0; n-- {
			s.arrive(0)
		}
		return
	}
	n := len(s.between(words))
	if len(words) > 2 {
		n = min(n, s.number(words[2], 0))
	}
	for range n {
		s.arrive(s.between(words)[0])
	}
}

// disturb loses the messages between two devices or the first of them, doubles the
// first, or lets the others overtake it.
func (s *stage) disturb(how string, words []string) {
	at := s.between(words)
	if how == "lose" {
		if len(words) > 2 {
			at = at[:min(len(at), s.number(words[2], 0))]
		}
		for n, i := range at {
			s.say("%s is lost", s.message(&s.onWay[i-n]))
			s.onWay = slices.Delete(s.onWay, i-n, i-n+1)
		}
		return
	}
	if len(at) == 0 {
		return
	}
	m := s.onWay[at[0]]
	switch how {
	case "double":
		s.say("%s is doubled", s.message(&m))
	case "delay":
		s.say("%s is late", s.message(&m))
		s.onWay = slices.Delete(s.onWay, at[0], at[0]+1)
	}
	s.onWay = append(s.onWay, m)
}

func (s *stage) connect(a, b *player) {
	s.apart = slices.DeleteFunc(s.apart, func(x [2]int) bool {
		return x == [2]int{a.index, b.index} || x == [2]int{b.index, a.index}
	})
	s.tell(a, b, engine.Reconnected)
	s.tell(b, a, engine.Reconnected)
}

// tell tells a device of a peer.
func (s *stage) tell(d, peer *player, kind engine.EventKind) {
	s.feed(d, engine.Event{Kind: kind, Peer: slices.Index(d.peers, peer.index)})
}
