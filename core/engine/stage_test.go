package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// stage plays a script: engines, and the messages between them, which go where the
// script has them go.
type stage struct {
	t     *testing.T
	where int // line of the script
	said  []string
	quiet bool

	graph     *graph.Graph
	fifos     []string    // names
	names     []string    // of the devices
	mapping   map[int]int // actor -> device
	lanes     []int       // by device
	limit     int64
	period    int64
	capture   *admission.Rule
	live      int // the queue of sources that are told when a frame is captured; 0: they aren't
	fallbacks []fallback
	rates     []int // that the configuration actor sets, by firing; then 1

	parts   []*slice.Slice
	devices []*player
	onWay   []parcel // in the order of sending
	apart   [][2]int // devices that nothing gets between
	nowNs   int64
}

// player is a device on the stage.
type player struct {
	index   int
	slice   *slice.Slice
	peers   []int // devices, by index in the slice's Peers
	engine  *engine.Engine
	epoch   uint64
	running []engine.Effect // Fire effects of firings in progress
	timers  []engine.Effect
	saved   map[int]int64 // by actor
	unsaved []engine.Event
	hold    bool // records become durable only when the script says so
}

// parcel is a message on its way.
type parcel struct {
	from, to int
	ev       engine.Event
}

func (s *stage) device(name string) *player {
	i := slices.Index(s.names, name)
	require.GreaterOrEqual(s.t, i, 0, "line %d: no device %s", s.where, name)
	return s.devices[i]
}

// do carries out a command.
func (s *stage) do(command string, words []string) {
	switch command {
	case "begin":
		s.begin(words)
	case "rates":
		for _, w := range words {
			s.rates = append(s.rates, s.number(w, 0))
		}
	case "done":
		s.done(s.device(words[0]), words[1])
	case "deliver":
		s.deliver(words)
	case "lose", "double", "delay":
		s.disturb(command, words)
	case "disconnect":
		s.apart = append(s.apart, [2]int{s.device(words[0]).index, s.device(words[1]).index})
		s.disturb("lose", words)
		s.disturb("lose", []string{words[1], words[0]})
	case "connect":
		s.connect(s.device(words[0]), s.device(words[1]))
	case "lost", "found":
		kind := map[string]engine.EventKind{"lost": engine.Lost, "found": engine.Found}[command]
		s.tell(s.device(words[0]), s.device(words[1]), kind)
	case "time":
		s.pass(s.duration(words[0]))
	case "stop":
		s.feed(s.device(words[0]), engine.Event{Kind: engine.Stop, Actor: s.actorNamed(words[1])})
	case "captured":
		s.feed(s.device(words[0]), engine.Event{Kind: engine.Captured, Actor: s.actorNamed(words[1])})
	case "crash":
		s.crash(s.device(words[0]))
	case "restart":
		s.boot(s.device(words[0]), true)
	case "hold-records":
		s.device(words[0]).hold = true
	case "save-records":
		s.saveAll(s.device(words[0]))
	case "settle":
		s.settle()
	case "status":
		s.status()
	default:
		require.Fail(s.t, "unknown command", "line %d: %s", s.where, command)
	}
}

func (s *stage) say(format string, args ...any) {
	if !s.quiet {
		s.said = append(s.said, fmt.Sprintf(format, args...))
	}
}

// begin starts all devices, which get to know each other without a word, unless the
// script wants to hear them.
func (s *stage) begin(words []string) {
	aloud := len(words) > 0 && words[0] == "aloud"
	s.parts = s.slices()
	for i, p := range s.parts {
		d := &player{index: i, slice: p, saved: map[int]int64{}}
		for _, peer := range p.Peers() {
			d.peers = append(d.peers, slices.Index(s.names, peer))
		}
		s.devices = append(s.devices, d)
	}
	s.quiet = !aloud
	for _, d := range s.devices {
		s.boot(d, false)
	}
	if !aloud {
		for len(s.onWay) > 0 {
			s.arrive(0)
		}
	}
	s.quiet = false
	for _, d := range s.devices {
		s.feed(d, engine.Event{Kind: engine.Start})
	}
}

// boot makes an incarnation of a device, and starts it if the run has begun.
func (s *stage) boot(d *player, resume bool) {
	d.epoch += engine.EpochStep
	var err error
	d.engine, err = engine.New(d.slice, engine.Options{
		Epoch: d.epoch, Resume: resume, Saved: func(actor int) int64 { return d.saved[actor] },
	})
	require.NoError(s.t, err, "line %d", s.where)
	for _, sa := range d.slice.Actors {
		if s.live > 0 && sa.Limit > 0 {
			require.NoError(s.t, d.engine.Live(sa.Actor, s.live), "line %d", s.where)
		}
	}
	for p := range d.peers {
		s.feed(d, engine.Event{Kind: engine.Reconnected, Peer: p})
	}
	if resume {
		s.feed(d, engine.Event{Kind: engine.Start})
	}
}

func (s *stage) crash(d *player) {
	for _, f := range d.running {
		s.say("%s: firing %d of %s is gone", s.names[d.index], f.Firing, s.graph.Actors[f.Actor].Name)
	}
	for _, ev := range d.unsaved {
		s.say("%s: the record of firing %d of %s is gone", s.names[d.index], ev.Firing-1, s.graph.Actors[ev.Actor].Name)
	}
	d.engine, d.running, d.timers, d.unsaved = nil, nil, nil, nil
}

// feed has an engine take an event, and carries out the effects.
func (s *stage) feed(d *player, ev engine.Event) {
	if d.engine == nil {
		return
	}
	effects, err := d.engine.Step(s.nowNs, ev, nil)
	if err != nil {
		s.say("%s: error: %v", s.names[d.index], err)
	}
	for i := range effects {
		s.carryOut(d, effects[i])
	}
	if !d.hold {
		s.saveAll(d)
	}
}

func (s *stage) carryOut(d *player, f engine.Effect) {
	s.say("%s: %s", s.names[d.index], s.effect(d, &f))
	switch f.Kind {
	case engine.Fire:
		d.running = append(d.running, f)
	case engine.Send:
		s.send(d, f.Peer, engine.Event{Kind: engine.Data, TokenID: f.TokenID})
	case engine.SendAck:
		s.send(d, f.Peer, engine.Event{Kind: engine.Ack, TokenID: f.TokenID})
	case engine.SendHello, engine.SendCheck:
		h := *f.Hello
		h.FIFOs = slices.Clone(h.FIFOs)
		s.send(d, f.Peer, engine.Event{Kind: engine.HelloFrom, Hello: &h})
	case engine.ArmTimer:
		d.timers = append(d.timers, f)
	case engine.Save:
		d.unsaved = append(d.unsaved, engine.Event{Kind: engine.Saved, Actor: f.Actor, Firing: f.Firing + 1})
	}
}

func (s *stage) saveAll(d *player) {
	for len(d.unsaved) > 0 {
		ev := d.unsaved[0]
		d.unsaved = d.unsaved[1:]
		d.saved[ev.Actor] = max(d.saved[ev.Actor], ev.Firing)
		s.feed(d, ev)
	}
}

// done ends the firing of an actor, as its driver believes.
func (s *stage) done(d *player, name string) {
	a := s.actorNamed(name)
	at := slices.IndexFunc(d.running, func(f engine.Effect) bool { return f.Actor == a })
	var f engine.Effect
	if at >= 0 {
		f = d.running[at]
		d.running = slices.Delete(d.running, at, at+1)
	}
	ev := engine.Event{Kind: engine.FiringDone, Actor: a}
	if s.graph.Actors[a].Kind == graph.Configuration {
		ev.Rate = 1
		if f.Firing < int64(len(s.rates)) {
			ev.Rate = s.rates[f.Firing]
		}
	}
	s.feed(d, ev)
}

// pass lets timers pass up to a time.
func (s *stage) pass(untilNs int64) {
	for {
		var d *player
		at := -1
		for _, o := range s.devices {
			for i, f := range o.timers {
				if f.At <= untilNs && (d == nil || f.At < d.timers[at].At) {
					d, at = o, i
				}
			}
		}
		if d == nil {
			break
		}
		f := d.timers[at]
		d.timers = slices.Delete(d.timers, at, at+1)
		s.nowNs = max(s.nowNs, f.At)
		s.say("%s: the %s passes", s.names[d.index], s.timer(d, &f))
		before := len(s.said)
		s.feed(d, engine.Event{Kind: engine.Timer, Actor: f.Actor, Peer: f.Peer})
		if !s.quiet && len(s.said) == before { // the engine had no use for it any more
			s.said = s.said[:before-1]
		}
	}
	s.nowNs = max(s.nowNs, untilNs)
}

// settle lets firings end and messages arrive, oldest first, until nothing is left to
// happen without time passing, and says how far everybody has come.
func (s *stage) settle() {
	s.quiet = true
	for range 10_000 {
		busy := slices.IndexFunc(s.devices, func(d *player) bool { return len(d.running) > 0 })
		switch {
		case len(s.onWay) > 0:
			s.arrive(0)
		case busy >= 0:
			d := s.devices[busy]
			s.done(d, s.graph.Actors[d.running[0].Actor].Name)
		default:
			s.quiet = false
			s.status()
			return
		}
	}
	require.Fail(s.t, "the run does not settle", "line %d", s.where)
}

// status says how far everybody has come, and what keeps them.
func (s *stage) status() {
	for _, d := range s.devices {
		if d.engine == nil {
			s.say("%s is down", s.names[d.index])
			continue
		}
		var actors []string
		for _, sa := range d.slice.Actors {
			actors = append(actors, s.actorStatus(d, sa.Actor))
		}
		if d.engine.Alone() {
			for _, sa := range d.slice.Alone.Actors {
				actors = append(actors, s.actorStatus(d, sa.Actor)+" in place of "+d.slice.Alone.Peer)
			}
		}
		s.say("%s: %s", s.names[d.index], strings.Join(actors, "; "))
	}
}
