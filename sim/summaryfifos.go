package sim

import (
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
)

// sumFIFOs takes the mean number of those that waited from the sum of their waits, as in
// Little's law, or of a plan with faults from how many waited when.
func (r *run) sumFIFOs(s *summary.Run) {
	s.FIFOs = make([]summary.FIFO, 0, len(r.graph.FIFOs))
	s.Sends = make([]summary.Counted, len(r.graph.FIFOs))
	queues, most := make([]float64, len(r.graph.FIFOs)), make([]int, len(r.graph.FIFOs))
	for i := range r.graph.FIFOs {
		f := summary.FIFO{FIFO: i}
		if b := &r.fifos[i]; b.name != "" {
			f.Link, f.Tokens, f.Busy = b.link, b.sums.tokens, time.Duration(b.sums.busy)
			f.SendQueue = share(time.Duration(b.sums.waited), s.End, 1)
			f.Utilisation = share(f.Busy, s.End, 1)
			s.Sends[i] = b.sums.counted
		}
		if waited, ok := r.waitedFor(i); ok {
			queues[i] = share(time.Duration(waited), s.End, 1)
			f.Queue = &queues[i]
		}
		if n, ok := r.mostOf(i); ok {
			most[i] = n
			f.Most = &most[i]
		}
		s.FIFOs = append(s.FIFOs, f)
	}
}

// waitedFor returns the sum of the waits of a FIFO's tokens at its consumer, until the run's
// end. ok is false where it is not known.
func (r *run) waitedFor(i int) (ns int64, ok bool) {
	least, rate := r.graph.Rate(i)
	q, s := &r.graph.FIFOs[i], r.sums
	if r.graph.Actors[q.To].In[q.InPort].Control {
		return 0, false // who skips an iteration takes its token as well, and nobody hears of it
	}
	if r.faulty {
		return s.queues[i].until(s.end), least == rate
	}
	came, taken := s.actors[q.From].ended*int64(rate), s.actors[q.To].begun*int64(rate)
	if least != rate {
		came, taken = s.varying[s.at[q.From]].ended, s.varying[s.at[q.To]].begun
	}
	if b := &r.fifos[i]; b.name != "" {
		came = b.sums.within(s.end)
	}
	left := int64(q.Delay) * s.end // that many tokens wait until the end
	return taken + left - came, true
}

func (r *run) mostOf(i int) (n int, ok bool) {
	q := &r.graph.FIFOs[i]
	if least, rate := r.graph.Rate(i); least != rate {
		return 0, false
	}
	if r.faulty {
		return r.sums.queues[i].most, true
	}
	_, n, ok = r.engineOf(q.To).Waiting(i)
	return n, ok
}

// sumLinks adds up the FIFOs that cross one direction of a link.
func (r *run) sumLinks(s *summary.Run) {
	at := map[*channel]int{}
	waited := map[*channel]int64{}
	crossing := make([][]int, len(r.plan.Platform.Links))
	for i := range r.fifos {
		if r.fifos[i].name != "" {
			crossing[r.plan.Routes[i]] = append(crossing[r.plan.Routes[i]], i)
		}
	}
	for route := range crossing {
		l := &r.plan.Platform.Links[route]
		for _, i := range crossing[route] {
			b := &r.fifos[i]
			k, known := at[b.channel]
			if !known {
				k = len(s.Links)
				at[b.channel] = k
				s.Links = append(s.Links, summary.Link{
					Link: l.Name, From: r.devices[b.from].name, To: r.devices[b.to].name, Half: l.Duplex == plan.Half,
					Busy: time.Duration(b.channel.busy), Most: b.sums.line.most,
				})
			}
			of := &s.Links[k]
			of.Tokens += b.sums.tokens
			of.Bytes += b.sums.tokens * b.bytes
			if b.tokens != nil {
				of.RepeatedBytes += b.lost()
			}
			of.LostTokens += b.sums.lost
			of.LostBytes += b.sums.lost * b.bytes
			of.Underway += b.sums.underway
			of.UnderwayBytes += b.sums.underway * b.bytes
			of.Sending += time.Duration(b.sums.busy)
			waited[b.channel] += b.sums.waited
			of.Queue = share(time.Duration(waited[b.channel]), s.End, 1)
			of.Utilisation = share(min(of.Busy, s.End), s.End, 1)
		}
	}
}

// sumDevices adds up what devices did, and their energy by their power figures.
func (r *run) sumDevices(s *summary.Run) error {
	index := make([]int, len(r.plan.Platform.Devices))
	at := map[string]int{}
	for i := range r.plan.Platform.Devices {
		if r.where[i] < 0 {
			continue
		}
		d := &r.plan.Platform.Devices[i]
		index[i] = len(s.Devices)
		at[d.Name] = len(s.Devices)
		s.Devices = append(s.Devices, summary.Device{
			Device: d.Name, Busy: energy.Busy{WholeNs: float64(s.End), UnitsNs: map[string]float64{}},
		})
	}
	for _, u := range s.Units {
		s.Devices[at[u.Device]].Busy.UnitsNs[u.Unit] = float64(u.Busy) / float64(u.Lanes)
	}
	for i := range r.fifos {
		if b := &r.fifos[i]; b.name != "" {
			s.Devices[at[r.devices[b.from].name]].Busy.SendNs += float64(b.sums.busy)
			s.Devices[at[r.devices[b.to].name]].Busy.ReceiveNs += float64(b.sums.busy)
		}
	}
	for i := range r.plan.Platform.Devices {
		d := &r.plan.Platform.Devices[i]
		if r.where[i] < 0 || d.Power == nil {
			continue
		}
		of := &s.Devices[index[i]]
		of.Basis = d.Power.Origin()
		states, err := d.Power.Energy(of.Busy)
		if err != nil {
			of.Missing = err.Error()
			continue
		}
		of.Energy = &states
	}
	return nil
}
