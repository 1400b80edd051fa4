package sim

import (
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/profile"
)

// conn is the connection between two devices.
type conn struct {
	ends     [2]end
	ack      int64 // ns that an acknowledgement or a Hello takes, beside the latency over time
	channels []*channel
	faults   int   // faults that let nothing cross
	outage   int   // how often it broke
	detect   int64 // ns until the present outage is noticed
	outages  *impairment.Outages
	latency  *profile.Latencies
}

// answered returns when an acknowledgement or a Hello arrives that is sent now.
func (c *conn) answered(now int64) int64 {
	if c.outages != nil {
		now = c.outages.Up(now)
	}
	return now + c.ack + c.latency.At(now)
}

// end is one device's end of a connection.
type end struct {
	device, peer int32 // index in run.devices; of the other one among its peers
	gen          int32 // how often what was on the way to it was lost
	lost         bool  // the engine was told that the peer is lost
	arrival      int64 // of the tokens that were sent to it, the latest
}

// join makes a link the connection between two devices and returns its index.
func (r *run) join(route int, from, to int32, ack time.Duration) int32 {
	if at := r.connOf[route]; at >= 0 {
		return at
	}
	at := int32(len(r.conns))
	r.connOf[route] = at
	c := conn{ack: int64(ack)}
	for i, d := range []int32{from, to} {
		dev, other := &r.devices[d], &r.devices[from+to-d]
		p, _ := slices.BinarySearch(dev.peers, other.name)
		c.ends[i] = end{device: d, peer: int32(p)}
		dev.conns[p] = connEnd{at, int32(i)}
	}
	r.conns = append(r.conns, c)
	return at
}

// endOf returns which end of a connection a device is.
func (r *run) endOf(c, device int32) int32 {
	if r.conns[c].ends[0].device == device {
		return 0
	}
	return 1
}

// cut lets a link fail: what is on it is lost.
func (r *run) cut(link int, detect int64) {
	at := r.connOf[link]
	if at < 0 {
		return // nothing crosses it
	}
	r.trace.Restarts++
	c := &r.conns[at]
	for i := range c.ends {
		c.ends[i].gen++
		c.ends[i].arrival = 0
	}
	for _, ch := range c.channels {
		r.dropLine(ch)
		ch.lose(r.now) // what is lost occupies it no longer
	}
	r.failConn(c, detect)
}

// failConn lets nothing cross a connection from now on.
func (r *run) failConn(c *conn, detect int64) {
	c.faults++
	if c.faults > 1 {
		return
	}
	c.outage++
	c.detect = detect
	for _, e := range c.ends {
		if r.devices[e.device].down == 0 {
			r.watch(c, e)
		}
	}
}

// watch lets a device notice in time that its peer is lost.
func (r *run) watch(c *conn, e end) {
	r.push(pending{
		kind: faultNoticed, at: r.now + c.detect, device: e.device, index: e.peer, place: uint32(c.outage),
		gen: r.devices[e.device].gen,
	})
}

// restoreConn ends one of the faults of a connection. When it was the last, those at its
// ends hear of each other again.
func (r *run) restoreConn(c *conn, link bool) {
	c.faults--
	if c.faults > 0 {
		return
	}
	for i := range c.ends {
		e := &c.ends[i]
		if e.lost {
			r.tell(engine.Found, *e)
		}
		e.lost = false
		if link {
			r.tell(engine.Reconnected, *e)
		}
	}
}

func (r *run) tell(kind engine.EventKind, e end) {
	r.push(pending{kind: kind, at: r.now, device: e.device, index: e.peer, gen: r.devices[e.device].gen})
}
