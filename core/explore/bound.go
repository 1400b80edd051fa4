package explore

import "slices"

// lower says what the tasks from a level on cost at least, wherever they run.
type lower struct {
	weighed []float64 // by weights: of all
	joules  float64   // of all
	active  []float64 // by device, in J: of tasks that can run on no other
	mem, ep []float64 // as active
	left    bool      // there are such tasks
}

// bound fills in rest and tail.
func (s *search) bound() {
	p, n := s.p, len(s.p.Tasks)
	u, d := len(p.Units), len(p.Devices)
	s.rest = make([]lower, n+1)
	s.tail = make([]float64, n)
	s.share()
	s.weigh()
	s.rest[n] = lower{
		weighed: make([]float64, len(s.weights)), active: make([]float64, d), mem: make([]float64, d),
		ep: make([]float64, d),
	}
	for t := n - 1; t >= 0; t-- {
		r := &s.rest[t]
		after := &s.rest[t+1]
		for i, w := range s.weights {
			least := never
			for k := range u {
				if p.Tasks[t].Nanos[k] >= 0 {
					least = min(least, w[k]*s.shares[k][t])
				}
			}
			r.weighed = append(r.weighed, after.weighed[i]+least)
		}
		r.active, r.mem, r.ep = append(r.active, after.active...), append(r.mem, after.mem...), append(r.ep, after.ep...)
		best, device := never, -1
		watts, ends := never, never
		for k := range u {
			ns := s.shares[k][t]
			if p.Tasks[t].Nanos[k] < 0 {
				continue
			}
			best = min(best, ns)
			watts, ends = min(watts, ns*1e-9*p.Units[k].Watts), min(ends, ns)
			switch {
			case device == -1:
				device = p.Units[k].Device
			case device != p.Units[k].Device:
				device = -2
			}
		}
		r.left = true
		r.joules = after.joules + watts
		if device >= 0 {
			r.active[device] += watts
			r.mem[device] += p.Tasks[t].MemoryBytes
			if p.Devices[device].Endpoint {
				r.ep[device] += ends
			}
		}
		behind := 0.0
		if s.feeds(t) {
			behind = -never
		}
		for _, out := range s.out[t] {
			for _, to := range p.Nets[out].To {
				behind = max(behind, s.tail[to])
			}
		}
		s.tail[t] = best + behind
	}
}

// latency returns the least latency of mappings that go on from a state of a level.
func (s *search) latency(level int, st *state) float64 {
	least, slack := st.vec[s.at.latency], s.slack(level, st)
	for k, n := range s.live[level] {
		ready := st.vec[s.at.ready+k]
		if s.p.Nets[n].From >= st.first {
			ready -= slack
		}
		for _, to := range s.p.Nets[n].To {
			if to >= level {
				least = max(least, ready+s.tail[to])
			}
		}
	}
	if level < len(s.p.Tasks) && len(s.in[level]) == 0 {
		least = max(least, s.tail[level])
	}
	return least
}

// weigh finds weights of the units that bound the load of the one with most: whatever the mapping,
// the sum of loads by weights that add up to 1 is at most that, and at least the sum of what each
// task adds where it adds least (the dual of the linear program of Lenstra, Shmoys and Tardos
// 1990, Mathematical Programming 46). There are those of every unit alone, and the best of a
// search by multiplicative steps.
func (s *search) weigh() {
	n := len(s.p.Units)
	lanes := func(u int) float64 { return float64(max(s.p.Units[u].Lanes, 1)) }
	for u := range n {
		w := make([]float64, n)
		w[u] = 1 / lanes(u)
		s.weights = append(s.weights, w)
	}
	now, load := make([]float64, n), make([]float64, n)
	for u := range now {
		now[u] = 1 / float64(n)
	}
	best, most := slices.Clone(now), -never
	for step := range 200 {
		clear(load)
		sum := 0.0
		for t := range s.p.Tasks {
			at, least := -1, never
			for u := range n {
				if ns := s.p.Tasks[t].Nanos[u]; ns >= 0 && (at < 0 || now[u]/lanes(u)*s.shares[u][t] < least) {
					at, least = u, now[u]/lanes(u)*s.shares[u][t]
				}
			}
			sum += least
			load[at] += s.shares[at][t] / lanes(at)
		}
		if sum > most {
			most = sum
			copy(best, now)
		}
		whole, peak := 0.0, max(slices.Max(load), 1e-9)
		for u := range now {
			now[u] *= 1 + load[u]/peak/float64(2+step/4)
			whole += now[u]
		}
		for u := range now {
			now[u] /= whole
		}
	}
	for u := range best {
		best[u] /= lanes(u)
	}
	s.weights = append(s.weights, best)
}
