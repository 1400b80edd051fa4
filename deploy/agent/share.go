package agent

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/shape"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	// sayEvery is how often a device says again what it sends on shared links, and sayLimit
	// for how long that holds.
	sayEvery = 200 * time.Millisecond
	sayLimit = 5 * sayEvery
)

// bands are the media and half-duplex links that a device sends on, and that others do.
type bands struct {
	s     *session
	all   []*band
	peers []*sharer

	telling sync.Mutex // so that what is told last is the latest
}

// band is one of these.
type band struct {
	*shape.Band
	links   []int // on it
	senders []int // devices
}

// sharer is another device that sends on a band.
type sharer struct {
	device int
	bands  []*band

	mu    sync.Mutex
	heard int64 // when it said so last; 0: it sends nothing
}

// makeBands makes those that the device sends on.
func (s *session) makeBands(device int) (*bands, error) {
	type key struct{ medium, link int }
	all := &bands{s: s}
	var order []key
	of := map[key][]shape.Direction{}
	p := s.plan
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		k := key{p.Platform.Medium(l), -1}
		if k.medium < 0 {
			k.link = i
		}
		if directions := s.directions(i); directions != nil {
			if of[k] == nil {
				order = append(order, k)
			}
			of[k] = append(of[k], directions...)
		}
	}
	for _, k := range order {
		b := &band{}
		for _, d := range of[k] {
			b.links, b.senders = append(b.links, d.Link), append(b.senders, d.From)
		}
		if !slices.Contains(b.senders, device) {
			continue
		}
		medium, rates, err := s.shared(k.medium, k.link)
		if err != nil {
			return nil, err
		}
		b.Band = shape.NewBand(medium, rates, len(p.Platform.Devices), device, of[k], &s.start, s.agent.cfg.Clock.Now,
			all.tell)
		all.all = append(all.all, b)
		for _, from := range b.senders {
			if from != device {
				all.add(from, b)
			}
		}
	}
	return all, nil
}

// shared returns a medium, or what a half-duplex link is to its directions if that is -1, and its
// trace.
func (s *session) shared(medium, link int) (*plan.Medium, *profile.Rates, error) {
	if medium < 0 {
		l := &s.plan.Platform.Links[link]
		rates, err := s.traceOf(l)
		return shape.Private(l), rates, err
	}
	m := &s.plan.Platform.Media[medium]
	rates := s.capacities[m.Name]
	if m.Trace != "" && rates == nil {
		return nil, nil, fmt.Errorf("%w: the capacity over time of medium %s did not come with the plan", ErrConfig, m.Name)
	}
	return m, rates, nil
}

// directions returns those of a link that share something; nil if the link is not shaped, or no
// other sender matters.
func (s *session) directions(link int) []shape.Direction {
	l := &s.plan.Platform.Links[link]
	turns := l.Duplex == plan.Half && (l.BandwidthBytesPerSec > 0 || l.Trace != "" || l.Medium != "")
	if !l.Shaped() || l.Medium == "" && !turns {
		return nil
	}
	var all []shape.Direction
	for f, r := range s.plan.Routes {
		if r != link {
			continue
		}
		q := s.plan.Graph.FIFOs[f]
		from := s.plan.Work[q.From].Device
		at := slices.IndexFunc(all, func(d shape.Direction) bool { return d.From == from })
		if at < 0 {
			at = len(all)
			all = append(all, shape.Direction{Link: link, From: from, BytesPerSec: float64(l.BandwidthBytesPerSec),
				Turns: turns})
		}
		d := &all[at]
		d.TokenBytes, d.Tokens = max(d.TokenBytes, s.plan.Graph.Type(f).Bytes()), d.Tokens+q.Capacity
	}
	return all
}

// add notes that a device sends on a band.
func (b *bands) add(device int, on *band) {
	for _, p := range b.peers {
		if p.device == device {
			if !slices.Contains(p.bands, on) {
				p.bands = append(p.bands, on)
			}
			return
		}
	}
	b.peers = append(b.peers, &sharer{device: device, bands: []*band{on}})
}

// pace returns that of the device on a link; nil: the link shares nothing.
func (b *bands) pace(link int) *shape.Share {
	for _, on := range b.all {
		if p := on.Pace(link); p != nil {
			return p
		}
	}
	return nil
}

// tell tells the others what the device sends. What is lost is said again.
func (b *bands) tell() {
	b.telling.Lock()
	defer b.telling.Unlock()
	own, nc := b.s.agent.cfg.Device, b.s.agent.nc
	for _, p := range b.peers {
		var all []wire.Sending
		for _, on := range p.bands {
			for _, c := range on.Sends() {
				all = append(all, wire.Sending{Link: c.Link, Token: c.Token, Since: c.Since})
			}
		}
		if msg, err := wire.EncodeSendings(all); err == nil {
			_ = nc.Publish(wire.ShareSubject(own, b.s.plan.Platform.Devices[p.device].Name, b.s.run), msg)
		}
	}
}

// listeners returns what takes what others say.
func (b *bands) listeners() []listener {
	var all []listener
	for _, p := range b.peers {
		subject := wire.ShareSubject(b.s.plan.Platform.Devices[p.device].Name, b.s.agent.cfg.Device, b.s.run)
		all = append(all, listener{b.s.agent.nc, subject, func(msg *nats.Msg) { b.told(p, msg.Data) }, "share", waitingNews})
	}
	return all
}

// told takes all that another device sends. A message that can't be true is dropped and counted.
func (b *bands) told(p *sharer, data []byte) {
	all, err := wire.DecodeSendings(data, len(b.s.plan.Platform.Links))
	if err != nil {
		b.s.agent.rejected.Add("share"+wire.Malformed, 1)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	split, left := make([][]shape.Sending, len(p.bands)), len(all)
	for i, on := range p.bands {
		for _, c := range all {
			if slices.Contains(on.links, c.Link) {
				split[i], left = append(split[i], shape.Sending{Link: c.Link, Token: c.Token, Since: c.Since}), left-1
			}
		}
		if on.Check(p.device, split[i]) != nil {
			left = -1
			break
		}
	}
	if left != 0 { // of a link that is none, or is not shared
		b.s.agent.rejected.Add("share"+wire.Refused, 1)
		return
	}
	if p.heard = 0; len(all) > 0 {
		p.heard = clock.Now()
	}
	for i, on := range p.bands {
		if on.Told(p.device, split[i]) != nil {
			b.s.agent.rejected.Add("share"+wire.Refused, 1)
		}
	}
}

// keep tells the others again what the device sends, and forgets what others have not said again,
// until the session ends.
func (b *bands) keep() {
	tick := time.NewTicker(sayEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-b.s.ctx.Done():
			return
		}
		if slices.ContainsFunc(b.all, func(on *band) bool { return len(on.Sends()) > 0 }) {
			b.tell()
		}
		for _, p := range b.peers {
			p.forget(clock.Now())
		}
	}
}

// forget takes a device that was not heard of for long to send nothing.
func (p *sharer) forget(now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.heard == 0 || now-p.heard <= int64(sayLimit) {
		return
	}
	p.heard = 0
	for _, on := range p.bands {
		_ = on.Told(p.device, nil) // nothing can't be untrue
	}
}
