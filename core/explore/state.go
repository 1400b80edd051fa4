package explore

import (
	"math"
	"slices"
)

// search is a problem made ready. A partial mapping of the first i tasks is a state of level i: a
// vector that says what it has cost, and when units, channels and tokens are free or there. The
// same extension of states evaluates whole mappings and searches for them.
type search struct {
	p    *Problem
	goal *Goal

	in     [][]int // by task: nets that it takes
	out    [][]int // by task: nets that it makes
	live   [][]int // by level: nets made before it that tasks from it on take
	slot   [][]int // by level and net: its place in live, -1 if it isn't there
	hops   [][]Hop // by net: from device · devices + to device
	joined [][]bool
	at     offsets
	needed needs
	rest   []lower // by level: what the tasks from it on cost at least
	tail   []float64

	weights [][]float64 // of the units
	shares  [][]float64 // by unit and task: see share
	sums    [][]float64 // by unit and task: the shares of those before it
}

// offsets are where the parts of a state's vector begin.
type offsets struct {
	latency, traffic, leakage, loss, raw, begin int
	free, load, chFree, chLoad, active, mem, ep int
	ready                                       int // by slot
}

// state is a partial mapping. Its last firing may go on, with a task that joins it.
type state struct {
	vec   []float64
	units []int16 // by slot: the unit that made the token
	taken []bool  // by slot: the last firing has it
	first int     // task of the last firing
	last  int     // its unit; -1: none
	took  float64 // what it takes so far
}

func newSearch(p *Problem, g *Goal) *search {
	n, d := len(p.Tasks), len(p.Devices)
	s := &search{p: p, goal: g, in: make([][]int, n), out: make([][]int, n)}
	s.live, s.slot = make([][]int, n+1), make([][]int, n+1)
	for i, net := range p.Nets {
		s.out[net.From] = append(s.out[net.From], i)
		for _, to := range net.To {
			s.in[to] = append(s.in[to], i)
		}
		var hops []Hop
		var joined []bool
		for from := range d {
			for to := range d {
				h, ok := Hop{}, from == to
				if !ok && p.Hop != nil {
					h, ok = p.Hop(i, from, to)
				}
				hops, joined = append(hops, h), append(joined, ok)
			}
		}
		s.hops, s.joined = append(s.hops, hops), append(s.joined, joined)
	}
	for level := range n + 1 {
		s.slot[level] = make([]int, len(p.Nets))
		for i, net := range p.Nets {
			s.slot[level][i] = -1
			if len(net.To) > 0 && net.From < level && net.To[len(net.To)-1] >= level {
				s.slot[level][i] = len(s.live[level])
				s.live[level] = append(s.live[level], i)
			}
		}
	}
	u, c := len(p.Units), p.Channels
	at := &s.at
	at.latency, at.traffic, at.leakage, at.loss, at.raw, at.begin = 0, 1, 2, 3, 4, 5
	at.free = 6
	at.load = at.free + u
	at.chFree = at.load + u
	at.chLoad = at.chFree + c
	at.active = at.chLoad + c
	at.mem = at.active + d
	at.ep = at.mem + d
	at.ready = at.ep + d
	s.needed = s.needs()
	s.bound()
	return s
}

func (s *search) start() *state {
	return &state{vec: make([]float64, s.at.ready), last: -1}
}

// adds returns how long task t adds on a unit to a firing that begins with task first.
func (s *search) adds(u, first, t int) float64 {
	if s.p.Fused == nil {
		return s.p.Tasks[t].Nanos[u]
	}
	return s.p.Fused(u, first, t)
}

// extend fills in to, of level t+1, with a state of level t and task t on unit u; ok is false if
// that can't be. to is overwritten.
func (s *search) extend(from, to *state, t, u int) bool {
	p, at := s.p, &s.at
	if p.Tasks[t].Nanos[u] < 0 {
		return false
	}
	s.carry(from, to, t)
	v, dev := to.vec, p.Units[u].Device
	to.last = u
	goesOn := p.Tasks[t].Joins && from.last == u
	if !goesOn {
		to.first, to.took, v[at.begin] = t, 0, 0
		clear(to.taken)
		if p.Units[u].Lanes <= 1 {
			v[at.begin] = from.vec[at.free+u]
		}
	}
	for _, n := range s.in[t] {
		i := s.slot[t][n]
		if goesOn && (p.Nets[n].From >= to.first || from.taken[i]) {
			continue
		}
		if k := s.slot[t+1][n]; k >= 0 {
			to.taken[k] = true
		}
		ready, maker := from.vec[at.ready+i], int(from.units[i])
		if p.Units[maker].Device != dev {
			if !s.cross(v, n, maker, u, ready) {
				return false
			}
			continue
		}
		v[at.mem+dev] += p.Nets[n].HeldBytes
		v[at.begin] = max(v[at.begin], ready)
	}
	ns := s.adds(u, to.first, t)
	to.took += ns
	end := v[at.begin] + to.took
	s.charge(v, u, ns)
	v[at.mem+dev] += p.Tasks[t].MemoryBytes
	if p.Units[u].Lanes <= 1 {
		v[at.free+u] = end
	}
	for k, n := range s.live[t+1] {
		if p.Nets[n].From >= to.first { // made by the firing
			to.units[k], v[at.ready+k] = int16(u), end
		}
	}
	if !s.feeds(t) {
		v[at.latency] = max(v[at.latency], end)
	}
	return true
}

// feeds reports whether another task takes what a task makes.
func (s *search) feeds(t int) bool {
	return slices.ContainsFunc(s.out[t], func(n int) bool { return len(s.p.Nets[n].To) > 0 })
}

// carry copies what a state holds that matters from level t+1 on.
func (s *search) carry(from, to *state, t int) {
	to.vec = append(to.vec[:0], from.vec[:s.at.ready]...)
	to.units, to.taken = to.units[:0], to.taken[:0]
	to.first, to.last, to.took = from.first, from.last, from.took
	for _, n := range s.live[t+1] {
		i := s.slot[t][n]
		if i < 0 { // made by task t
			to.units, to.taken, to.vec = append(to.units, 0), append(to.taken, false), append(to.vec, 0)
			continue
		}
		to.units, to.taken = append(to.units, from.units[i]), append(to.taken, from.taken[i])
		to.vec = append(to.vec, from.vec[s.at.ready+i])
	}
}

// charge counts a time of a unit.
func (s *search) charge(v []float64, u int, ns float64) {
	dev := s.p.Units[u].Device
	v[s.at.load+u] += ns
	v[s.at.active+dev] += ns * 1e-9 * s.p.Units[u].Watts
	if s.p.Devices[dev].Endpoint {
		v[s.at.ep+dev] += ns
	}
}

// cross sends the token of a net, made on a unit and there since ready, to another unit's device,
// whose firing begins no earlier than it can be taken there; ok is false if no link joins them.
func (s *search) cross(v []float64, n, maker, taker int, ready float64) (ok bool) {
	net, at := &s.p.Nets[n], &s.at
	from, to := s.p.Units[maker].Device, s.p.Units[taker].Device
	i := from*len(s.p.Devices) + to
	if !s.joined[n][i] {
		return false
	}
	h := &s.hops[n][i]
	if net.Encode != nil {
		ns := net.Encode[maker]
		s.charge(v, maker, ns)
		if s.p.Units[maker].Lanes <= 1 {
			ready = max(ready, v[at.free+maker])
			v[at.free+maker] = ready + ns
		}
		ready += ns
	}
	begin := max(ready, v[at.chFree+h.Channel])
	v[at.chFree+h.Channel] = begin + h.Occupancy
	v[at.chLoad+h.Channel] += h.Occupancy
	v[at.active+from] += h.Sending * 1e-9 * s.p.Devices[from].Send
	v[at.active+to] += h.Occupancy * 1e-9 * s.p.Devices[to].Receive
	if s.p.Devices[from].Endpoint {
		v[at.ep+from] += h.Sending
	}
	arrives, decoding := begin+h.Occupancy+h.Flight, 0.0
	if net.Decode != nil {
		decoding = net.Decode[taker]
		s.charge(v, taker, decoding)
	}
	if s.p.Units[taker].Lanes <= 1 { // after the tokens before
		v[at.begin] = max(v[at.begin], arrives) + decoding
	} else {
		v[at.begin] = max(v[at.begin], arrives+decoding)
	}
	v[at.mem+from] += net.SentBytes
	v[at.mem+to] += net.SentBytes
	v[at.traffic] += net.Bytes
	v[at.leakage] = max(v[at.leakage], net.Leakage)
	v[at.loss] += net.Loss
	if net.Raw {
		v[at.raw]++
	}
	return true
}

// values returns the metrics of a whole mapping, or lower bounds of them when rest is not zero.
func (s *search) values(v []float64, rest *lower, latency float64) Values {
	p, at := s.p, &s.at
	out := Values{
		Latency: latency, Traffic: v[at.traffic], Leakage: v[at.leakage], Loss: v[at.loss], Raw: v[at.raw],
		Energy: make([]float64, len(p.Devices)), Memory: make([]float64, len(p.Devices)),
	}
	s.fill(&out, v, rest, 0, 0)
	return out
}

// fill sets what depends on several parts of a state, of which a unit may turn out to have done less.
func (s *search) fill(out *Values, v []float64, rest *lower, unit int, less float64) {
	p, at := s.p, &s.at
	out.Period = 0
	for c := range p.Channels {
		out.Period = max(out.Period, v[at.chLoad+c])
	}
	for i, w := range s.weights {
		if i == len(p.Units) && !rest.left {
			break // a mean of the others
		}
		sum := rest.weighed[i]
		for u := range p.Units {
			sum += w[u] * v[at.load+u]
		}
		sum -= w[unit] * less
		out.Period = max(out.Period, sum)
	}
	out.rest = rest.joules
	for d := range rest.active {
		out.rest -= rest.active[d]
	}
	frame := p.FrameInterval
	if frame == 0 {
		frame = out.Latency
	}
	out.EndpointTime = 0
	for d := range p.Devices {
		out.Energy[d] = p.Devices[d].Idle*frame*1e-9 + v[at.active+d] + rest.active[d]
		out.Memory[d] = v[at.mem+d] + rest.mem[d]
		ep := v[at.ep+d] + rest.ep[d]
		if d == p.Units[unit].Device {
			out.Energy[d] -= less * 1e-9 * p.Units[unit].Watts
			ep -= less
		}
		if p.Devices[d].Endpoint {
			out.EndpointTime = max(out.EndpointTime, ep)
		}
	}
}

// evaluate returns the metrics of a mapping.
func (s *search) evaluate(units []int) (Values, bool) {
	a, b := s.start(), s.start()
	for t, u := range units {
		if u < 0 || u >= len(s.p.Units) || !s.extend(a, b, t, u) {
			return Values{}, false
		}
		a, b = b, a
	}
	return s.values(a.vec, &s.rest[len(units)], a.vec[s.at.latency]), true
}

// Evaluator returns what gives the metrics of mappings of tasks to units; ok is false where a task
// can't run on its unit, or no link joins two devices between which a token crosses. Errors wrap
// ErrProblem.
func (p *Problem) Evaluator() (evaluate func(units []int) (v Values, ok bool), err error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	s := newSearch(p, &Goal{})
	return func(units []int) (Values, bool) {
		if len(units) != len(p.Tasks) {
			return Values{}, false
		}
		return s.evaluate(units)
	}, nil
}

var never = math.Inf(1)
