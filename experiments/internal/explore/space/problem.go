package space

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// elementBytes is what an element of a model's constants is taken to hold.
const elementBytes = 4

// platform fills in devices and units.
func (v *view) platform(p *problem) {
	watts := func(w *quantity.Watts) float64 {
		if w == nil {
			return 0
		}
		return float64(*w)
	}
	pf := &v.s.platform
	for d := range pf.Devices {
		of := explore.Device{Name: pf.Devices[d].Name, Endpoint: d == v.s.units[v.s.home].device}
		if power := pf.Devices[d].Power; power != nil {
			of.Idle, of.Send, of.Receive = watts(power.Idle), watts(power.Send), watts(power.Receive)
		}
		p.Devices = append(p.Devices, of)
	}
	for _, u := range v.s.units {
		d := &pf.Devices[u.device]
		of := explore.Unit{Name: u.name, Device: u.device, Lanes: d.Units[u.unit].Lanes}
		if d.Power != nil {
			of.Watts = float64(d.Power.Units[d.Units[u.unit].Name]) / float64(max(of.Lanes, 1))
		}
		p.Units = append(p.Units, of)
	}
	if w := &v.file.Workload; w.Scheduled() {
		p.FrameInterval = float64(w.Between())
	}
}

// tasks fills in the chain.
func (v *view) tasks(p *problem) error {
	elements, err := p.x.Params()
	if err != nil {
		return err
	}
	for k, c := range p.x.Chain {
		t := explore.Task{
			Name: c.Name, MemoryBytes: float64(elements[k]) * elementBytes, Joins: joins(p.x, k), Nanos: v.firings.alone[k],
		}
		if s := v.firings.spans[k]; s != nil {
			for u := range v.s.units {
				ns := -1.0
				if v.allowed(p.x, k, u) {
					ns = s.took[u][k-s.first][0]
				}
				t.Nanos = append(t.Nanos, ns)
			}
		}
		p.Tasks = append(p.Tasks, t)
	}
	p.Fused = v.firings.adds
	return nil
}

// crossing is a token's way from an actor of the chain to another one.
type crossing struct {
	from, to int
	maker    int // actor of the plan that makes what crosses: from, or what copies or codes its token
	out      int // its output port
	tensor   string
	decoder  int // -1: it is not coded
	room     int // tokens that the FIFO over the link holds
	control  bool
}

// nets fills in what FIFOs carry.
func (v *view) nets(p *problem) error {
	seen, err := p.x.Plan.Seen()
	if err != nil {
		return err
	}
	all := v.crossings(p)
	var lost missing
	for len(all) > 0 {
		c := all[0]
		net := explore.Net{From: c.from, Raw: !c.control && !seen[p.x.Actors[c.from]]}
		all = slices.DeleteFunc(all, func(o crossing) bool {
			same := o.from == c.from && o.tensor == c.tensor && o.control == c.control && (o.decoder < 0) == (c.decoder < 0)
			if same {
				net.To = append(net.To, o.to)
				c.room = min(c.room, o.room)
			}
			return same
		})
		slices.Sort(net.To)
		net.To = slices.Compact(net.To)
		v.measure(p, &net, &c, &lost)
		p.Nets = append(p.Nets, net)
		p.coded, p.names = append(p.coded, c.decoder >= 0), append(p.names, c.tensor)
	}
	if err := lost.err(); err != nil {
		return err
	}
	return v.hops(p)
}

// crossings follows every FIFO that leaves an actor of the chain to the next one, through what was
// put in between.
func (v *view) crossings(p *problem) (all []crossing) {
	x, g := p.x, p.x.Plan.Graph
	at := map[int]int{}
	for k, a := range x.Actors {
		at[a] = k
	}
	outs := make([][]int, len(g.Actors))
	for f, q := range g.FIFOs {
		outs[q.From] = append(outs[q.From], f)
	}
	var follow func(c crossing, f int)
	follow = func(c crossing, f int) {
		q := g.FIFOs[f]
		if q.Delay > 0 {
			return // of an earlier frame
		}
		if c.decoder < 0 {
			c.room = q.Capacity // of the last one, or of that into the decoder
		}
		if k, ok := at[q.To]; ok {
			c.to = k
			all = append(all, c)
			return
		}
		switch g.Actors[q.To].Kernel {
		case plan.KernelEncode:
			c.maker, c.out = q.To, 0
		case plan.KernelDecode:
			c.decoder = q.To
		}
		for _, next := range outs[q.To] {
			follow(c, next)
		}
	}
	for k, a := range x.Actors {
		for _, f := range outs[a] {
			port := g.FIFOs[f].OutPort
			c := crossing{from: k, maker: a, out: port, decoder: -1, control: g.Actors[a].Out[port].Control}
			if c.tensor = g.Actors[a].Name + "." + g.Actors[a].Out[port].Name; !c.control {
				c.tensor = x.Plan.Tensor(a, port)
			}
			follow(c, f)
		}
	}
	return all
}

// measure fills in what a token takes: bytes, memory, coding, and what it gives away.
func (v *view) measure(p *problem, net *explore.Net, c *crossing, lost *missing) {
	g := p.x.Plan.Graph
	port := &g.Actors[c.maker].Out[c.out]
	net.Bytes = v.bytes(p, c, net.From, lost) * float64(port.URL)
	own := p.x.Actors[c.from]
	held := float64(g.Actors[own].Out[0].Type.Bytes())
	for i := range g.Actors[own].Out {
		if p.x.Plan.Tensor(own, i) == c.tensor {
			held = float64(g.Actors[own].Out[i].Type.Bytes())
		}
	}
	net.HeldBytes = held * float64(min(max(v.file.FIFOCapacity, 1), c.room))
	net.SentBytes = float64(port.Type.Bytes()) * float64(c.room)
	if c.decoder >= 0 {
		net.SentBytes += net.HeldBytes // before the encoder, behind the decoder
		for u := range v.s.units {
			net.Encode, net.Decode = append(net.Encode, 0), append(net.Decode, 0)
			far := func(k int) bool { // the actor may run on another device
				return slices.ContainsFunc(v.s.units, func(o unit) bool {
					return o.device != v.s.units[u].device && v.allowed(p.x, k, v.s.unit(o.name))
				})
			}
			if v.allowed(p.x, c.from, u) && slices.ContainsFunc(net.To, far) {
				net.Encode[u] = v.known(&g.Actors[c.maker], p.x.Plan.Work[c.maker], u, lost)
			}
			if far(c.from) && slices.ContainsFunc(net.To, func(to int) bool { return v.allowed(p.x, to, u) }) {
				net.Decode[u] = v.known(&g.Actors[c.decoder], p.x.Plan.Work[c.decoder], u, lost)
			}
		}
	}
	if v.s.o.Leakage != nil && !c.control {
		of := "none"
		if c.decoder >= 0 {
			of = p.codec
		}
		leaks, ok := v.s.o.Leakage([]string{c.tensor}, of)
		if !ok {
			leaks = unknown
		}
		net.Leakage = leaks
	}
}

// unknown stands for the leakage of what was not looked at: no limit allows it.
const unknown = 2

// bytes returns the size of what crosses, from the first unit where it is known.
func (v *view) bytes(p *problem, c *crossing, from int, lost *missing) float64 {
	var last error
	for u := range v.s.units {
		if !v.allowed(p.x, from, u) {
			continue
		}
		device := v.s.platform.Devices[v.s.units[u].device].Name
		t := p.x.Plan.Graph.Actors[c.maker].Out[c.out].Type
		n, _, err := v.s.costs.TokenBytes(device, v.key(p.x.Plan, c.maker, u), c.out, t)
		if err == nil {
			return float64(n)
		}
		last = fmt.Errorf("token size of %s: %w", c.tensor, err)
	}
	if last != nil {
		lost.add(last)
	}
	return 0
}

// hops fills in how tokens cross. The links of a medium are one channel.
func (v *view) hops(p *problem) error {
	pf := &v.s.platform
	n := len(pf.Devices)
	p.Channels = 2*len(pf.Links) + len(pf.Media)
	type hop struct {
		explore.Hop
		ok bool
	}
	table := make([]hop, len(p.Nets)*n*n)
	for i := range pf.Links {
		from, to := pf.Device(pf.Links[i].Between[0]), pf.Device(pf.Links[i].Between[1])
		for k := range p.Nets {
			for _, way := range [][2]int{{from, to}, {to, from}} {
				c, sending, err := v.s.costs.Cross(pf, i, pf.Devices[way[0]].Name, int64(p.Nets[k].Bytes))
				if err != nil {
					return err
				}
				h := explore.Hop{
					Channel: c.Channel, Occupancy: float64(max(c.Occupancy, c.Takes)), Flight: float64(c.Flight),
					Sending: float64(sending),
				}
				if c.Medium > 0 {
					h.Channel = 2*len(pf.Links) + c.Medium - 1
				}
				table[(k*n+way[0])*n+way[1]] = hop{h, true}
			}
		}
	}
	p.Hop = func(net, from, to int) (explore.Hop, bool) {
		h := &table[(net*n+from)*n+to]
		return h.Hop, h.ok
	}
	return nil
}
