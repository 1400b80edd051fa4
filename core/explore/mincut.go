package explore

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/maxflow"
)

// unpaid is the capacity of an arc that no cut of the network goes through.
const unpaid = int64(1) << 60

// prices are what a sum is made of, in whole numbers of a billionth of J, ns or bytes.
type prices struct {
	task func(t, u int) float64
	net  func(n, maker, taker int) float64
}

// leastCut solves a problem of two units whose only objective is a sum over tasks and tokens that
// cross, and whose limits forbid single tokens to cross; ok is false for others.
func (s *search) leastCut() (*Answer, bool) {
	pr, ok := s.exact()
	if !ok {
		return nil, false
	}
	a := &Answer{Method: MinCut, Proven: true, Bound: never}
	units := s.cutBy(pr)
	if v, ok := s.evaluate(units); ok && s.goal.within(&v) {
		a.Front = []Candidate{{Units: units, Values: v}}
		a.Bound = v.Of(s.goal.Objectives[0])
	}
	return a, true
}

// cutBy returns the mapping to two units that costs least by prices, if no tasks join. Costs are
// rounded to whole numbers.
func (s *search) cutBy(pr prices) []int {
	var f maxflow.Network
	f.Reset(2 + len(s.p.Tasks))
	const here, there = 0, 1 // the side of unit 0 is the source's
	whole := func(x float64) int64 { return int64(math.Round(min(max(x, 0), 1e15))) }
	for t := range s.p.Tasks {
		price := [2]int64{unpaid, unpaid}
		for u := range price {
			if s.p.Tasks[t].Nanos[u] >= 0 {
				price[u] = whole(pr.task(t, u))
			}
		}
		f.Add(2+t, there, price[0]) // is cut where the task is on the source's side
		f.Add(here, 2+t, price[1])
	}
	for n, net := range s.p.Nets {
		forth, back := unpaid, unpaid
		switch {
		case s.device(0) == s.device(1):
			forth, back = 0, 0
		default:
			if s.crosses(n, 0, 1) {
				forth = whole(pr.net(n, 0, 1))
			}
			if s.crosses(n, 1, 0) {
				back = whole(pr.net(n, 1, 0))
			}
		}
		for _, to := range net.To {
			f.Add(2+net.From, 2+to, forth)
			f.Add(2+to, 2+net.From, back)
		}
	}
	f.Run(here, there)
	units := make([]int, len(s.p.Tasks))
	for t := range units {
		if !f.Reaches(2 + t) {
			units[t] = 1
		}
	}
	return units
}

// crosses reports whether the token of a net can cross between the devices of two units within
// the limits.
func (s *search) crosses(n, maker, taker int) bool {
	if !s.joined[n][s.p.Units[maker].Device*len(s.p.Devices)+s.p.Units[taker].Device] {
		return false
	}
	for _, l := range s.goal.Limits {
		if l.Metric == Raw && l.Max < 1 && s.p.Nets[n].Raw || l.Metric == Leakage && s.p.Nets[n].Leakage > l.Max {
			return false
		}
	}
	return true
}

// exact returns the parts of the goal's sum; ok is false if it is none, or limits are more than
// such of single tokens.
func (s *search) exact() (pr prices, ok bool) {
	p, g := s.p, s.goal
	joins := func(t Task) bool { return t.Joins }
	if len(p.Units) != 2 || len(g.Objectives) != 1 || slices.ContainsFunc(p.Tasks, joins) {
		return pr, false
	}
	for _, l := range g.Limits {
		if l.Metric != Leakage && !(l.Metric == Raw && l.Max < 1) || l.Max < 0 {
			return pr, false
		}
	}
	two := s.device(0) != s.device(1) && s.device(0).Endpoint && s.device(1).Endpoint
	switch o := g.Objectives[0]; o.Metric {
	case Traffic:
		return s.prices(o), true
	case EndpointTime:
		return s.prices(o), !two
	case Energy:
		return s.prices(o), p.FrameInterval > 0
	}
	return pr, false
}

// device returns that of a unit.
func (s *search) device(u int) *Device { return &s.p.Devices[s.p.Units[u].Device] }

// coding returns a codec's time on a unit.
func coding(times []float64, u int) float64 {
	if times == nil {
		return 0
	}
	return times[u]
}

// hop returns what the token of a net takes between the devices of two units.
func (s *search) hop(n, maker, taker int) *Hop {
	return &s.hops[n][s.p.Units[maker].Device*len(s.p.Devices)+s.p.Units[taker].Device]
}

// prices returns what adds up to an objective, or to one near it: of a latency, as if nothing ran
// side by side, which is at least the latency.
func (s *search) prices(o Objective) prices {
	p := s.p
	switch o.Metric {
	case Traffic:
		return prices{func(int, int) float64 { return 0 }, func(n, _, _ int) float64 { return p.Nets[n].Bytes }}
	case EndpointTime:
		at := func(u int, ns float64) float64 {
			if !s.device(u).Endpoint {
				return 0
			}
			return ns
		}
		return prices{
			func(t, u int) float64 { return at(u, p.Tasks[t].Nanos[u]) },
			func(n, maker, taker int) float64 {
				net := &p.Nets[n]
				return at(maker, coding(net.Encode, maker)+s.hop(n, maker, taker).Sending) + at(taker, coding(net.Decode, taker))
			},
		}
	case Energy:
		return s.joules(o.Device)
	case Latency, Period, Leakage, Loss, Memory, Raw:
	}
	return prices{
		func(t, u int) float64 { return p.Tasks[t].Nanos[u] },
		func(n, maker, taker int) float64 {
			net, h := &p.Nets[n], s.hop(n, maker, taker)
			return coding(net.Encode, maker) + h.Occupancy + h.Flight + coding(net.Decode, taker)
		},
	}
}

// joules returns what adds up to energy in billionths of J, with idle power for all times if
// one frame is under way at a time.
func (s *search) joules(device int) prices {
	p, serial := s.p, s.prices(Objective{Metric: Latency})
	of := func(u int, watts, ns float64) float64 {
		if device >= 0 && p.Units[u].Device != device {
			return 0
		}
		return watts * ns
	}
	idle := 0.0
	for d := range p.Devices {
		if p.FrameInterval == 0 && (device < 0 || device == d) {
			idle += p.Devices[d].Idle
		}
	}
	return prices{
		func(t, u int) float64 { return of(u, p.Units[u].Watts, p.Tasks[t].Nanos[u]) + idle*serial.task(t, u) },
		func(n, maker, taker int) float64 {
			net, h := &p.Nets[n], s.hop(n, maker, taker)
			return of(maker, p.Units[maker].Watts, coding(net.Encode, maker)) + of(maker, s.device(maker).Send, h.Sending) +
				of(taker, p.Units[taker].Watts, coding(net.Decode, taker)) + of(taker, s.device(taker).Receive, h.Occupancy) +
				idle*serial.net(n, maker, taker)
		},
	}
}

// weighed returns a sum of loads: those of unit 0 count by a weight, those of unit 1 by the rest,
// and those of channels by another one.
func (s *search) weighed(weight, channels float64) prices {
	p := s.p
	by := []float64{weight, 1 - weight}
	return prices{
		func(t, u int) float64 { return by[u] * p.Tasks[t].Nanos[u] },
		func(n, maker, taker int) float64 {
			net := &p.Nets[n]
			return by[maker]*coding(net.Encode, maker) + by[taker]*coding(net.Decode, taker) +
				channels*s.hop(n, maker, taker).Occupancy
		},
	}
}
