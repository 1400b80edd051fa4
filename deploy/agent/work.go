package agent

import (
	"cmp"
	"os"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// crossed counts what crosses a link between the device and a peer.
type crossed struct {
	link           *plan.Link // nil: none joins the two
	peer           string
	sent, received amount
	resent, busyNs atomic.Int64
}

// amount is a number of tokens, and of their bytes.
type amount struct{ tokens, bytes atomic.Int64 }

// add adds a token of n bytes.
func (a *amount) add(n int64) {
	a.tokens.Add(1)
	a.bytes.Add(n)
}

// crossing returns the counts of a FIFO to or from another device. It is called only while the
// session is made.
func (s *session) crossing(f slice.FIFO) *crossed {
	link := s.link(f)
	for _, c := range s.crossed {
		if c.link == link && c.peer == f.Peer {
			return c
		}
	}
	c := &crossed{link: link, peer: f.Peer}
	s.crossed = append(s.crossed, c)
	return c
}

// work returns what the device has done in the session.
func (s *session) work() *wire.Work {
	w := s.node.Work()
	dev := &s.plan.Platform.Devices[s.plan.Platform.Device(s.agent.cfg.Device)]
	w.Role = string(dev.Role)
	for i := range w.Units {
		w.Units[i].Provider = cmp.Or(dev.Units[i].Provider.String(), plan.CPU)
	}
	for _, c := range s.crossed {
		l := wire.LinkWork{
			Peer: c.peer, SentTokens: c.sent.tokens.Load(), SentBytes: c.sent.bytes.Load(), ResentTokens: c.resent.Load(),
			ReceivedTokens: c.received.tokens.Load(), ReceivedBytes: c.received.bytes.Load(), BusyNs: c.busyNs.Load(),
		}
		if c.link != nil {
			l.Name, l.Shaped = c.link.Name, c.link.Shaped()
			l.BytesPerSec = cmp.Or(float64(c.link.BandwidthBytesPerSec), max(0, s.rates[l.Name]))
			if rates := s.paced[l.Name]; rates != nil {
				l.BytesPerSec = rates.Mean()
			}
		}
		w.Links = append(w.Links, l)
	}
	if r := s.metering.Load(); r != nil {
		energy, err := r.Live()
		if err != nil {
			w.EnergyMissing = err.Error()
		} else {
			w.Energy = &energy
		}
	}
	return w
}

// detail returns what a status says where more is asked for.
func (a *Agent) detail() *wire.Detail {
	d := &wire.Detail{}
	if s := a.running.Load(); s != nil {
		d.Work = s.work()
	}
	d.State = a.state()
	return d
}

// state reads that of the device now; nil: the agent was not told where to. The program's own
// processes are the agent and its children.
func (a *Agent) state() *device.State {
	if a.cfg.Root == nil {
		return nil
	}
	s := sysstate.Read(a.cfg.Root, os.Getpid())
	return &s
}

// since returns the state of the device from an earlier one to now.
func (a *Agent) since(before *device.State) *device.Span {
	if before == nil {
		return nil
	}
	return &device.Span{Before: *before, After: *a.state()}
}

// measured returns the status for metrics, with the work of all runs.
func (a *Agent) measured() *wire.AgentStatus {
	s := a.status()
	s.Detail = a.detail()
	s.Detail.Work = a.totals.work()
	return s
}
