package sim

import (
	"math"

	"github.com/edgeprune/edgeprune/core/draw"
)

// phases are those of a unit: fast and slow ones by turns, each as long as a draw of an exponential
// distribution. They lie in virtual time, so that all actors of the unit are slow together and
// nothing that they do moves a phase. Phase k's length is drawn by its number.
type phases struct {
	seed uint64
	mean [2]float64 // ns of a fast phase and of a slow one
	next uint64     // number of the next phase
	end  int64      // of the one at hand, in virtual ns
	slow bool
}

// newPhases begins with a slow phase as often as one finds one at any time.
func newPhases(seed uint64, fast, slow float64) *phases {
	p := &phases{seed: seed, mean: [2]float64{fast, slow}, next: 1}
	p.slow = draw.Uniform(seed, 0)*(fast+slow) <= slow
	p.last()
	return p
}

// last draws how long the phase at hand goes on.
func (p *phases) last() {
	mean := p.mean[0]
	if p.slow {
		mean = p.mean[1]
	}
	p.end += max(int64(math.Round(-math.Log(draw.Uniform(p.seed, p.next))*mean)), 1)
	p.next++
}

// isSlow reports whether a slow phase is at hand. Times don't fall from one call to the next.
func (p *phases) isSlow(now int64) bool {
	for now >= p.end {
		p.slow = !p.slow
		p.last()
	}
	return p.slow
}

// addPhases gives the units of actors whose costs have phases theirs. Several kinds of firings of a
// unit are taken to have been measured by turns, frame by frame, as a profile does: then the mean
// length of a phase is the time that all of them spent in such phases, over how often one kind left
// one, on average over the kinds. What else happened between two samples isn't known and doesn't
// count.
func (r *run) addPhases() {
	type unit struct {
		device int32
		name   string
	}
	type record struct {
		ns, ends [2]float64
		seen     map[*phased]bool
		made     *phases
	}
	units := map[unit]*record{}
	for _, a := range r.kinds {
		p, ok := a.cost.(*phased)
		if !ok {
			continue
		}
		at := unit{a.device, a.unit}
		k := units[at]
		if k == nil {
			k = &record{seen: map[*phased]bool{}}
			units[at] = k
		}
		if k.seen[p] {
			continue
		}
		k.seen[p] = true
		k.ns[0], k.ns[1] = k.ns[0]+p.fit.FastNs, k.ns[1]+p.fit.SlowNs
		k.ends[0], k.ends[1] = k.ends[0]+p.fit.FastEnds, k.ends[1]+p.fit.SlowEnds
	}
	for _, a := range r.kinds {
		k := units[unit{a.device, a.unit}]
		if k == nil {
			continue
		}
		if k.made == nil {
			seed := draw.Mix(r.plan.Seed, draw.Named("phases of "+r.devices[a.device].name+"."+a.unit))
			kinds := float64(len(k.seen))
			k.made = newPhases(seed, k.ns[0]/k.ends[0]*kinds, k.ns[1]/k.ends[1]*kinds)
		}
		a.phases = k.made
	}
}
