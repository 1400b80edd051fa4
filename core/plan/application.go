package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// checkActors reports what is wrong with the actors of the application.
func (f *File) checkActors() error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, f.errorf(path, format, args...)) }
	source, sink := "", ""
	for i, a := range f.Application.Actors {
		path := fmt.Sprintf("$.application.actors[%d]", i)
		if slices.ContainsFunc(f.Application.Actors[:i], func(o ActorSpec) bool { return o.Name == a.Name }) {
			add(path+".name", "%w: two actors are named %q; give every one a name of its own", ErrActor, a.Name)
		}
		if (a.Kernel == "") == (a.Model == "") {
			add(path, "%w: actor %s must name either a kernel or a model", ErrActor, a.Name)
			continue
		}
		if a.Model != "" {
			if len(a.In)+len(a.Out)+len(a.Params) > 0 {
				add(path, "%w: actor %s runs a model, which has ports of its own and no parameters; remove in, out and params", ErrActor, a.Name)
			}
			continue
		}
		if len(a.In) == 0 && source != "" {
			add(path, "%w: actor %s has no input ports, so it is a source like %s; expected one source, give it an input port or remove it", ErrActor, a.Name, source)
		} else if len(a.In) == 0 {
			source = a.Name
		}
		if len(a.Out) == 0 && sink != "" {
			add(path, "%w: actor %s has no output ports, so it is a sink like %s; expected one sink, give it an output port or remove it", ErrActor, a.Name, sink)
		} else if len(a.Out) == 0 {
			sink = a.Name
		}
	}
	if source == "" {
		add("$.application", "%w: there is no source; add an actor without input ports", ErrActor)
	}
	if sink == "" {
		add("$.application", "%w: there is no sink; add an actor without output ports", ErrActor)
	}
	return errors.Join(errs...)
}

// end finds the actor and the port that "actor.port" names. Both names may have
// dots in them; of two actors that fit, it is the one with the longer name.
func (f *File) end(s string) (end, bool) {
	best := end{actor: -1}
	for i, a := range f.Application.Actors {
		if port, ok := strings.CutPrefix(s, a.Name+"."); ok && (best.actor < 0 || len(port) < len(best.port)) {
			best = end{i, port}
		}
	}
	return best, best.actor >= 0
}

// checkFIFOs reports the ends of FIFOs that are no ports. All models must be
// there.
func (f *File) checkFIFOs(models Models) error {
	var errs []error
	check := func(s, path, side string, ports func(a *ActorSpec) []string) {
		e, ok := f.end(s)
		if !ok {
			var known []string
			for _, a := range f.Application.Actors {
				known = append(known, a.Name)
			}
			errs = append(errs, f.errorf(path, "%w: there is no actor for %q; expected actor.port with an actor of %s", ErrActor, s, strings.Join(known, ", ")))
			return
		}
		a := &f.Application.Actors[e.actor]
		if known := ports(a); !slices.Contains(known, e.port) {
			errs = append(errs, f.errorf(path, "%w: actor %s has no %s port %q; it has %s", ErrActor, a.Name, side, e.port, list(known)))
		}
	}
	for j, q := range f.Application.FIFOs {
		path := fmt.Sprintf("$.application.fifos[%d]", j)
		check(q.From, path+".from", "output", func(a *ActorSpec) []string {
			if a.Model != "" {
				return tensorNames(models[a.Model].Outputs())
			}
			return portNames(a.Out)
		})
		check(q.To, path+".to", "input", func(a *ActorSpec) []string {
			if a.Model != "" {
				return tensorNames(models[a.Model].Inputs())
			}
			return portNames(a.In)
		})
	}
	return errors.Join(errs...)
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func portNames(ports []PortSpec) []string {
	var s []string
	for _, p := range ports {
		s = append(s, p.Port)
	}
	return s
}

func tensorNames(tensors []onnx.TensorInfo) []string {
	var s []string
	for _, t := range tensors {
		s = append(s, t.Name)
	}
	return s
}
