package graph

import (
	"errors"
	"fmt"
	"regexp"
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_/.][A-Za-z0-9_./:@#+()\[\]-]*$`)

const nameRule = "a name is made of letters, digits and _ . / : @ # + - ( ) [ ] and begins with a letter, digit, _ . " +
	"or /"

// Validate proves that a graph is consistent, bounded and free from deadlock,
// and that its dynamic parts are well-formed: that it is a graph of the VR-PRUNE
// family (Boutellier, Wu, Huttunen, Bhattacharyya: PRUNE, IEEE TSP 66(3), 2018).
//
// Consistency needs no balance equations: rates are symmetric, so the repetition
// vector is all ones. Memory is bounded because every FIFO is, by its capacity.
// Deadlock is a cycle of firings that wait for each other; see cycles.
//
// It returns nil, or all violations joined (errors.Join): each names the actors,
// ports or cycle and its place in a file, and wraps the sentinel of the rule.
// It takes any graph, whatever its indices are.
func Validate(g *Graph) error {
	v := &validator{g: g}
	v.actors()
	v.fifos()
	// What follows looks at the FIFOs that join existing ports.
	v.g = &Graph{Name: g.Name, Actors: g.Actors, FIFOs: v.joining}
	v.parts()
	// A cycle of sound FIFOs is a deadlock, whatever is wrong elsewhere.
	v.g = &Graph{Name: g.Name, Actors: g.Actors, FIFOs: v.sound}
	v.cycles()
	return errors.Join(v.errs...)
}

type validator struct {
	g       *Graph
	joining []FIFO // those whose ends exist
	sound   []FIFO // those that keep all rules on their own
	errs    []error
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
			v.fail(a.Pos, ErrName, "actor %q: %s", a.Name, nameRule)
		}
		if first, ok := seen[a.Name]; ok {
			v.fail(a.Pos, ErrName, "actor %s: actors %d and %d have the same name", a.Name, first, i)
		} else {
			seen[a.Name] = i
		}
		v.ports(a, "input", a.In)
		v.ports(a, "output", a.Out)
		v.kind(a)
		v.control(a)
	}
}

func (v *validator) ports(a *Actor, side string, ports []Port) {
	seen := make(map[string]bool, len(ports))
	for i, p := range ports {
		at := fmt.Sprintf("%s port %s.%s", side, a.Name, p.Name)
		if !nameForm.MatchString(p.Name) {
			v.fail(a.Pos, ErrName, "%s port %d of actor %s: %q; %s", side, i, a.Name, p.Name, nameRule)
		}
		if seen[p.Name] {
			v.fail(a.Pos, ErrName, "%s: two %s ports have the same name", at, side)
		}
		seen[p.Name] = true
		if p.LRL < 0 || p.URL < 1 || p.LRL > p.URL {
			v.fail(a.Pos, ErrRate, "%s: lrl %d, url %d", at, p.LRL, p.URL)
		} else if p.URL > MaxRate {
			v.fail(a.Pos, ErrBound, "%s: url %d; at most %d tokens per firing", at, p.URL, MaxRate)
		}
		if err := p.Type.check(); err != nil {
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
			v.fail(
				q.Pos, ErrUnconnected,
				"FIFO %d joins output port %d of actor %s to input port %d of actor %s; they have %d outputs and %d inputs",
				i, q.OutPort, from.Name, q.InPort, to.Name, len(from.Out), len(to.In))
			continue
		}
		joined[end{q.From, q.OutPort, true}]++
		joined[end{q.To, q.InPort, false}]++
		v.joining = append(v.joining, q)
		before := len(v.errs)
		v.fifo(i)
		if len(v.errs) == before {
			v.sound = append(v.sound, q)
		}
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

// fifo checks both ends of FIFO i against each other, its delay tokens and its
// capacity.
func (v *validator) fifo(i int) {
	q, name := v.g.FIFOs[i], v.g.FIFOName(i)
	out, in := v.g.Actors[q.From].Out[q.OutPort], v.g.Actors[q.To].In[q.InPort]
	if out.LRL != in.LRL || out.URL != in.URL {
		v.fail(q.Pos, ErrAsymmetric, "FIFO %s: lrl %d, url %d at its producer, lrl %d, url %d at its consumer", name, out.LRL,
			out.URL, in.LRL, in.URL)
	}
	if !out.Type.Equal(in.Type) {
		v.fail(q.Pos, ErrType, "FIFO %s: %s at its producer, %s at its consumer", name, out.Type, in.Type)
	}
	if out.Control != in.Control {
		from, to := "a control port", "a port for data"
		if in.Control {
			from, to = to, from
		}
		v.fail(q.Pos, ErrControl, "FIFO %s: its producer is %s, its consumer is %s; join control ports to each other", name,
			from, to)
	}
	if q.Delay != 0 && (out.Control || in.Control || varying(out)) {
		v.fail(q.Pos, ErrDelay, "FIFO %s: %d delay tokens; remove them, or put them on a FIFO of a fixed rate", name, q.Delay)
	}
	if need := max(q.Delay, out.URL); q.Delay < 0 || q.Capacity < need {
		v.fail(
			q.Pos, ErrCapacity, "FIFO %s: capacity %d, %d delay tokens, %d tokens per firing; make the capacity at least %d",
			name, q.Capacity, q.Delay, out.URL, need,
		)
	}
	if q.Capacity > MaxCapacity {
		v.fail(q.Pos, ErrBound, "FIFO %s: capacity %d; at most %d tokens", name, q.Capacity, MaxCapacity)
	} else if out.Type.check() == nil && int64(q.Capacity) > MaxFIFOBytes/max(out.Type.Bytes(), 1) {
		v.fail(q.Pos, ErrBound, "FIFO %s: capacity %d with tokens of %d bytes; at most %d bytes", name, q.Capacity,
			out.Type.Bytes(), int64(MaxFIFOBytes))
	}
}
