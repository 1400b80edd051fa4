package graph

import (
	"slices"
	"strings"
)

// fixed and varying tell an actor's ports for data apart. One with crossed limits,
// which is an error of its own, counts as fixed.
func fixed(p Port) bool   { return !p.Control && p.LRL >= p.URL }
func varying(p Port) bool { return !p.Control && p.LRL < p.URL }

// kind checks that the ports for data fit the actor's kind.
func (v *validator) kind(a *Actor) {
	switch a.Kind {
	case "", StaticProcessing:
		if names := portNames(a, varying); names != "" {
			v.fail(
				a.Pos, ErrKind,
				"actor %s of kind %s has ports of variable rate: %s; give them one rate, or the actor the kind %s or %s",
				a.Name, StaticProcessing, names, Dynamic, DynamicProcessing)
		}
	case Dynamic:
		if portNames(a, varying) == "" {
			v.fail(a.Pos, ErrKind, "actor %s of kind %s has no port of variable rate; give it one, or the kind %s", a.Name,
				Dynamic, StaticProcessing)
		}
		if portNames(a, fixed) == "" {
			v.fail(a.Pos, ErrKind, "actor %s of kind %s has no port of fixed rate for data; give it one, or the kind %s", a.Name,
				Dynamic, DynamicProcessing)
		}
	case DynamicProcessing:
		if names := portNames(a, fixed); names != "" {
			v.fail(
				a.Pos, ErrKind,
				"actor %s of kind %s has ports of fixed rate: %s; give them the rates of its dynamic part, or the actor the kind "+
					"%s",
				a.Name, DynamicProcessing, names, Dynamic)
		}
		// Cycles of variable FIFOs always deadlock, so an actor with inputs and outputs
		// lies on a path from an entry to an exit.
		if !slices.ContainsFunc(a.In, varying) || !slices.ContainsFunc(a.Out, varying) {
			v.fail(
				a.Pos, ErrKind,
				"actor %s of kind %s must lie between dynamic actors; give it an input port and an output port of variable rate",
				a.Name, DynamicProcessing)
		}
	case Configuration:
		if names := portNames(a, varying); names != "" {
			v.fail(a.Pos, ErrKind, "actor %s of kind %s has ports of variable rate: %s; give them one rate", a.Name,
				Configuration, names)
		}
	default:
		v.fail(a.Pos, ErrKind, "actor %s: kind %q; expected %s, %s, %s or %s", a.Name, a.Kind, StaticProcessing, Dynamic,
			DynamicProcessing, Configuration)
	}
}

// portNames lists the ports that have a property.
func portNames(a *Actor, has func(p Port) bool) string {
	var names []string
	for _, p := range slices.Concat(a.In, a.Out) {
		if has(p) {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

// control checks the control ports of an actor: how many it has, and each one.
func (v *validator) control(a *Actor) {
	ins, outs := count(a.In, isControl), count(a.Out, isControl)
	switch {
	case a.Kind == Configuration:
		if ins > 0 {
			v.fail(a.Pos, ErrControl, "configuration actor %s has %d control inputs; it makes control tokens and takes none",
				a.Name, ins)
		}
		if outs == 0 {
			v.fail(a.Pos, ErrControl, "configuration actor %s has no control output; say which actors it configures", a.Name)
		}
	case a.Kind == Dynamic || a.Kind == DynamicProcessing:
		if ins != 1 || outs > 0 {
			v.fail(
				a.Pos, ErrControl,
				"actor %s of kind %s has %d control inputs and %d control outputs; it needs one input: let one configuration "+
					"actor configure it",
				a.Name, a.Kind, ins, outs)
		}
	case a.Kernel == Relay:
		if ins != 1 || outs == 0 || len(a.In)+len(a.Out) != ins+outs || a.Stateful {
			v.fail(
				a.Pos, ErrControl, "relay %s must have one control input, at least one control output, no other ports and no state",
				a.Name,
			)
		}
	case ins+outs > 0:
		v.fail(a.Pos, ErrControl, "actor %s of kind %s has control ports: %s; remove them, or give the actor another kind",
			a.Name, StaticProcessing, portNames(a, isControl))
	}
	for _, p := range slices.Concat(a.In, a.Out) {
		if p.Control && (p.LRL != 1 || p.URL != 1 || !p.Type.Equal(ControlToken)) {
			v.fail(a.Pos, ErrControl, "control port %s.%s: lrl %d, url %d, type %s; expected rate 1 and type %s", a.Name, p.Name,
				p.LRL, p.URL, p.Type, ControlToken)
		}
	}
}

func count(ports []Port, has func(p Port) bool) int {
	n := 0
	for _, p := range ports {
		if has(p) {
			n++
		}
	}
	return n
}
