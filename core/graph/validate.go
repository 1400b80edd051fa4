package graph

import (
	"errors"
	"fmt"
	"regexp"
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_/.][A-Za-z0-9_./:@#+()\[\]-]*$`)

// Validate proves that a graph is consistent, bounded and free from deadlock.
// It returns nil, or all violations joined (errors.Join): each names the actors,
// ports or cycle and its place in a file, and wraps the sentinel of the rule.
func Validate(g *Graph) error {
	v := &validator{g: g}
	v.actors()
	v.fifos()
	if len(v.errs) == 0 { // cycles are meaningful only in a well-formed graph
		v.cycles()
	}
	return errors.Join(v.errs...)
}

type validator struct {
	g    *Graph
	errs []error
}

// fail records a violation of a rule at a place.
func (v *validator) fail(pos Pos, rule error, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if p := pos.String(); p != "" {
		what = p + ": " + what
	}
	v.errs = append(v.errs, fmt.Errorf("%s: %w", what, rule))
}

func (v *validator) actors() {
	seen := make(map[string]int, len(v.g.Actors))
	for i := range v.g.Actors {
		a := &v.g.Actors[i]
		if !nameForm.MatchString(a.Name) {
			v.fail(a.Pos, ErrName, "actor %q: a name is made of letters, digits and _ . / : @ # + - ( ) [ ] and begins with a letter, digit, _ . or /", a.Name)
		}
		if first, ok := seen[a.Name]; ok {
			v.fail(a.Pos, ErrName, "actor %s: actors %d and %d have the same name", a.Name, first, i)
		} else {
			seen[a.Name] = i
		}
		v.ports(a, "input", a.In)
		v.ports(a, "output", a.Out)
	}
}

func (v *validator) ports(a *Actor, side string, ports []Port) {
	for i, p := range ports {
		at := fmt.Sprintf("%s port %s.%s", side, a.Name, p.Name)
		if !nameForm.MatchString(p.Name) {
			v.fail(a.Pos, ErrName, "%s port %d of actor %s: %q; a name is made of letters, digits and _ . / : @ # + - ( ) [ ] and begins with a letter, digit, _ . or /", side, i, a.Name, p.Name)
		}
		for _, q := range ports[:i] {
			if q.Name == p.Name {
				v.fail(a.Pos, ErrName, "%s: two %s ports have the same name", at, side)
			}
		}
		switch {
		case p.LRL < 0 || p.URL < 1 || p.LRL > p.URL:
			v.fail(a.Pos, ErrRate, "%s: lrl %d, url %d", at, p.LRL, p.URL)
		case !p.Static():
			v.fail(a.Pos, ErrDynamic, "%s: lrl %d, url %d", at, p.LRL, p.URL)
		}
		if _, err := ParseTokenType(p.Type.String()); err != nil {
			v.fail(a.Pos, err, "%s", at)
		}
	}
}

func (v *validator) fifos() {
	g := v.g
	type end struct {
		actor, port int
		out         bool
	}
	joined := map[end]int{}
	for i, q := range g.FIFOs {
		if !in(q.From, len(g.Actors)) || !in(q.To, len(g.Actors)) {
			v.fail(q.Pos, ErrUnconnected, "FIFO %d joins actors %d and %d; the graph has %d", i, q.From, q.To, len(g.Actors))
			continue
		}
		from, to := &g.Actors[q.From], &g.Actors[q.To]
		if !in(q.OutPort, len(from.Out)) || !in(q.InPort, len(to.In)) {
			v.fail(q.Pos, ErrUnconnected, "FIFO %d joins output port %d of actor %s to input port %d of actor %s; they have %d outputs and %d inputs",
				i, q.OutPort, from.Name, q.InPort, to.Name, len(from.Out), len(to.In))
			continue
		}
		joined[end{q.From, q.OutPort, true}]++
		joined[end{q.To, q.InPort, false}]++
		v.fifo(i)
	}
	for a := range g.Actors {
		act := &g.Actors[a]
		for p := range act.In {
			v.joined(act, "input", act.In[p].Name, joined[end{a, p, false}])
		}
		for p := range act.Out {
			v.joined(act, "output", act.Out[p].Name, joined[end{a, p, true}])
		}
	}
}

func in(i, n int) bool { return i >= 0 && i < n }

func (v *validator) joined(a *Actor, side, port string, n int) {
	if n != 1 {
		v.fail(a.Pos, ErrUnconnected, "%s port %s.%s: joined to %d FIFOs", side, a.Name, port, n)
	}
}

// fifo checks both ends of FIFO i against each other, and its capacity.
func (v *validator) fifo(i int) {
	q, name := v.g.FIFOs[i], v.g.FIFOName(i)
	out, in := v.g.Actors[q.From].Out[q.OutPort], v.g.Actors[q.To].In[q.InPort]
	if out.LRL != in.LRL || out.URL != in.URL {
		v.fail(q.Pos, ErrAsymmetric, "FIFO %s: lrl %d, url %d at its producer, lrl %d, url %d at its consumer", name, out.LRL, out.URL, in.LRL, in.URL)
	}
	if !out.Type.Equal(in.Type) {
		v.fail(q.Pos, ErrType, "FIFO %s: %s at its producer, %s at its consumer", name, out.Type, in.Type)
	}
	if need := max(q.Delay, out.URL); q.Delay < 0 || q.Capacity < need {
		v.fail(q.Pos, ErrCapacity, "FIFO %s: capacity %d, %d delay tokens, %d tokens per firing; make the capacity at least %d", name, q.Capacity, q.Delay, out.URL, need)
	}
}
