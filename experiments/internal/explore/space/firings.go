package space

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
)

// firings are what firings of the chain take, in ns; below 0 where an actor may not run.
type firings struct {
	alone [][]float64 // by index in the chain and unit: of an ordinary actor
	spans []*span     // by index in the chain: of its model; nil of an ordinary actor
}

// span is a model's segments or parts in the chain, that can be one firing.
type span struct {
	first, n int
	took     [][][]float64 // by unit, first and further ones: of those as one
	made     [][][]made    // as took
}

// made says what a time was made up of.
type made uint8

const (
	measured made = iota
	fromBoth
	fromFirst
	fromLast
	fromEach
)

func (m made) String() string {
	return [...]string{"measured", "from the model's first and last segments", "from the model's first segments",
		"from the model's last segments", "the sum of its segments"}[m]
}

func (v *view) newFirings(x *compile.Expansion) (*firings, error) {
	f := &firings{alone: make([][]float64, len(x.Chain)), spans: make([]*span, len(x.Chain))}
	var lost missing
	for k := 0; k < len(x.Chain); {
		n := 1
		for k+n < len(x.Chain) && joins(x, k+n) {
			n++
		}
		if x.Chain[k].Segment < 0 {
			f.alone[k] = v.ordinary(x, k, &lost)
		} else {
			s, err := v.span(x, k, n, &lost)
			if err != nil {
				return nil, err
			}
			for i := range n {
				f.spans[k+i] = s
			}
		}
		k += n
	}
	if err := lost.err(); err != nil {
		return nil, err
	}
	return f, nil
}

func (v *view) ordinary(x *compile.Expansion, k int, lost *missing) []float64 {
	took := slices.Repeat([]float64{-1}, len(v.s.units))
	for u := range took {
		if v.allowed(x, k, u) {
			took[u] = v.known(&x.Plan.Graph.Actors[x.Actors[k]], x.Plan.Work[x.Actors[k]], u, lost)
		}
	}
	return took
}

// known returns what a firing takes on a unit, and notes if that is not known.
func (v *view) known(a *graph.Actor, w plan.Work, u int, lost *missing) float64 {
	took, err := v.on(a, w, u)
	if err != nil {
		lost.add(err)
	}
	return took
}

// missing are costs that were not measured.
type missing struct {
	all []error
	bad error // of another kind
}

func (m *missing) add(err error) {
	if !errors.Is(err, profile.ErrMissing) {
		m.bad = err
	}
	same := func(e error) bool { return e.Error() == err.Error() }
	if !slices.ContainsFunc(m.all, same) {
		m.all = append(m.all, err)
	}
}

// shownMissing is how many costs an error names.
const shownMissing = 3

func (m *missing) err() error {
	switch {
	case m.bad != nil:
		return m.bad
	case len(m.all) == 0:
		return nil
	case len(m.all) <= shownMissing:
		return errors.Join(m.all...)
	}
	return fmt.Errorf("%w\nand %d costs more that were not measured", errors.Join(m.all[:shownMissing]...),
		len(m.all)-shownMissing)
}

// span finds what all firings of n segments or parts from k on take on every unit.
func (v *view) span(x *compile.Expansion, k, n int, lost *missing) (*span, error) {
	s := &span{first: k, n: n, took: make([][][]float64, len(v.s.units)), made: make([][][]made, len(v.s.units))}
	works := make([][]plan.Work, n)
	for i := range n {
		for j := i; j < n; j++ {
			w, err := x.Joined(k+i, k+j)
			if err != nil {
				return nil, err
			}
			works[i] = append(works[i], w)
		}
	}
	actor := &x.Plan.Graph.Actors[x.Actors[k]]
	for u := range v.s.units {
		took, how := make([][]float64, n), make([][]made, n)
		var may []bool // the segment may run here
		for i := range n {
			may = append(may, v.allowed(x, k+i, u))
		}
		s.took[u], s.made[u] = took, how
		for i := range n {
			took[i] = slices.Repeat([]float64{-1}, n-i)
			how[i] = make([]made, n-i)
			for j := range took[i] {
				if !may[i+j] {
					break
				}
				if ns, err := v.on(actor, works[i][j], u); err == nil {
					took[i][j] = ns
				} else if !errors.Is(err, profile.ErrMissing) {
					return nil, err
				}
			}
		}
		dispatch, err := v.dispatch(actor, works[0][0], u)
		if err != nil {
			return nil, err
		}
		makeUp(took, how, dispatch)
		for i := range n {
			if may[i] && took[i][0] < 0 {
				v.known(actor, works[i][0], u, lost)
			}
		}
	}
	return s, nil
}

// dispatch returns what a firing of no time takes on a unit.
func (v *view) dispatch(a *graph.Actor, w plan.Work, u int) (float64, error) {
	at := v.s.units[u]
	free := v.s.platform.Devices[at.device].Units[at.unit]
	free.Cost, free.Costs = costmodel.Model{Kind: costmodel.Constant}, nil
	device := v.s.platform.Devices[at.device]
	device.Units = []plan.Unit{free}
	w.Device, w.Unit = 0, 0
	took, err := v.s.costs.Typical(&plan.Plan{
		Graph: &graph.Graph{Actors: []graph.Actor{*a}}, Work: []plan.Work{w},
		Platform: plan.Platform{Devices: []plan.Device{device}},
	}, 0)
	return float64(took), err
}

// makeUp fills in what was not measured, of the times of firings by their first segment and how many
// more they have. Each holds the dispatch of one firing.
func makeUp(took [][]float64, how [][]made, dispatch float64) {
	n := len(took)
	known := func(i, j int) (float64, bool) { // of segments from i up to j, without it
		if i == j {
			return dispatch, true
		}
		return took[i][j-i-1], took[i][j-i-1] >= 0 && how[i][j-i-1] == measured
	}
	for i := range n {
		for j := i + 1; j <= n; j++ {
			if _, ok := known(i, j); ok {
				continue
			}
			a, okA := known(0, i)
			b, okB := known(0, j)
			c, okC := known(i, n)
			d, okD := known(j, n)
			ns, from := 0.0, fromEach
			switch first, last := okA && okB, okC && okD; {
			case first && last:
				ns, from = (b-a+c-d)/2+dispatch, fromBoth
			case first:
				ns, from = b-a+dispatch, fromFirst
			case last:
				ns, from = c-d+dispatch, fromLast
			default:
				ns = dispatch
				for k := i; k < j; k++ {
					one, ok := known(k, k+1)
					if !ok {
						ns = -1
						break
					}
					ns += one - dispatch
				}
			}
			if ns >= 0 || from != fromEach {
				took[i][j-i-1], how[i][j-i-1] = max(ns, dispatch), from
			}
		}
	}
}

// adds returns what an actor adds on a unit to a firing that begins with another one.
func (f *firings) adds(u, first, k int) float64 {
	s := f.spans[k]
	if s == nil {
		return f.alone[k][u]
	}
	took := s.took[u][first-s.first]
	if first == k {
		return took[0]
	}
	return took[k-first] - took[k-first-1]
}
