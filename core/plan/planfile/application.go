package planfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// CheckActors reports what is wrong with the actors of the application.
func (f *File) CheckActors() error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, f.Errorf(path, format, args...)) }
	names := f.Names()
	for i, a := range f.Application.Actors {
		path := fmt.Sprintf("$.application.actors[%d]", i)
		if names.Find(a.Name) < i {
			add(path+".name", "%w: two actors are named %q; give every one a name of its own", ErrActor, a.Name)
		}
		if (a.Kernel == "") == (a.Model == "") {
			add(path, "%w: actor %s must name either a kernel or a model", ErrActor, a.Name)
			continue
		}
		if a.Kind != "" && !slices.Contains(graph.Kinds(), a.Kind) {
			add(path+".kind", "%w: kind %q of actor %s; expected %s%s", ErrActor, a.Kind, a.Name, kindNames(),
				nearest.Hint(a.Kind, graph.Kinds()))
		}
		for _, ports := range []struct {
			side string
			of   []PortSpec
		}{{"in", a.In}, {"out", a.Out}} {
			for j, p := range ports.of {
				errs = append(errs, f.checkRate(p.Rate, fmt.Sprintf("%s.%s[%d].rate", path, ports.side, j)))
			}
		}
		errs = append(errs, f.checkRate(a.Rate, path+".rate"), f.checkConfigures(i, names))
		if a.Model == "" {
			if len(a.Rate) > 0 {
				add(path+".rate", "%w: actor %s runs a kernel; give the rate of each of its ports there", ErrActor, a.Name)
			}
			if len(a.Parts) > 0 {
				add(path+".parts", "%w: actor %s runs a kernel; only a model has parts, remove them", ErrActor, a.Name)
			}
			continue
		}
		errs = append(errs, f.checkParts(i)...)
		if len(a.In)+len(a.Out)+len(a.Params) > 0 {
			add(path, "%w: actor %s runs a model, which has ports of its own and no parameters; remove in, out and params",
				ErrActor, a.Name)
		}
		if a.Kind == graph.Dynamic || a.Kind == graph.Configuration {
			add(path+".kind", "%w: actor %s runs a model, whose ports all have one rate; its kind is %s or %s",
				ErrActor, a.Name, graph.StaticProcessing, graph.DynamicProcessing)
		}
	}
	return errors.Join(errs...)
}

func kindNames() string {
	var names []string
	for _, k := range graph.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

func (f *File) checkRate(r Rate, path string) error {
	if len(r) > 2 {
		return f.Errorf(path, "%w: a rate of %d numbers; expected one, or the lower and the upper limit as in [0, 1]",
			ErrActor, len(r))
	}
	return nil
}

// checkConfigures reports what is wrong with the list of actors that actor i configures.
func (f *File) checkConfigures(i int, names *graph.Names) error {
	a := &f.Application.Actors[i]
	path := fmt.Sprintf("$.application.actors[%d].configures", i)
	if len(a.Configures) > 0 && a.Kind != graph.Configuration {
		return f.Errorf(path, "%w: actor %s configures others, so its kind must be %s", ErrActor, a.Name, graph.Configuration)
	}
	var errs []error
	listed := map[string]bool{}
	for j, name := range a.Configures {
		at := fmt.Sprintf("%s[%d]", path, j)
		switch {
		case names.Find(name) < 0:
			errs = append(errs, f.Errorf(at, "%w: there is no actor %q to configure; the actors are %s%s",
				ErrActor, name, names, names.Hint(name)))
		case listed[name]:
			errs = append(errs, f.Errorf(at, "%w: actor %s is listed twice; remove one", ErrActor, name))
		}
		listed[name] = true
	}
	return errors.Join(errs...)
}

// checkEnds reports whether the application has one source and one sink, which
// frames enter and leave at.
func (f *File) checkEnds() error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, f.Errorf(path, format, args...)) }
	source, sink := "", ""
	for i := range f.Application.Actors {
		a := &f.Application.Actors[i]
		path := fmt.Sprintf("$.application.actors[%d]", i)
		if a.IsSource() && source != "" {
			add(path, "%w: actor %s has no input ports, so it is a source like %s; expected one source, give it an input "+
				"port or remove it", ErrActor, a.Name, source)
		} else if a.IsSource() {
			source = a.Name
		}
		if a.IsSink() && sink != "" {
			add(path, "%w: actor %s has no output ports, so it is a sink like %s; expected one sink, give it an output "+
				"port or remove it", ErrActor, a.Name, sink)
		} else if a.IsSink() {
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

// IsSource reports whether frames enter at the actor: no data come in.
func (a *ActorSpec) IsSource() bool {
	return a.Model == "" && a.Kind != graph.Configuration && !slices.ContainsFunc(a.In, PortSpec.data)
}

// IsSink reports whether results leave at the actor: no data go out.
func (a *ActorSpec) IsSink() bool {
	return a.Model == "" && a.Kind != graph.Configuration && !slices.ContainsFunc(a.Out, PortSpec.data)
}

func (p PortSpec) data() bool { return !p.Control }

// Names indexes the names of the application's actors, in the order of the file.
func (f *File) Names() *graph.Names {
	names := make([]string, len(f.Application.Actors))
	for i := range names {
		names[i] = f.Application.Actors[i].Name
	}
	return graph.IndexNames(names)
}
