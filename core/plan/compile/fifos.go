package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// joints are what the FIFOs of an application join, by FIFO.
type joints struct {
	from, to []end
	into     map[end]int // the first FIFO to an input port
	outs     []portSet   // by actor of the application
}

// findJoints finds the ends of all FIFOs, and reports those that are no ports. All
// models must be there.
func findJoints(f *planfile.File, models Models) (*joints, error) {
	n := len(f.Application.FIFOs)
	j := &joints{from: make([]end, n), to: make([]end, n), into: make(map[end]int, n)}
	names, errs := f.Names(), []error(nil)
	outs := portSets(f, models, func(a *planfile.ActorSpec) []string {
		if a.Model != "" {
			return tensorNames(models[a.Model].Outputs())
		}
		return portNames(a.Out)
	})
	ins := portSets(f, models, func(a *planfile.ActorSpec) []string {
		if a.Model != "" {
			return tensorNames(models[a.Model].Inputs())
		}
		return portNames(a.In)
	})
	j.outs = outs
	find := func(s, path, side string, ports []portSet) end {
		actor, port := names.End(s)
		if actor < 0 {
			errs = append(errs, f.Errorf(path, "%w: there is no actor for %q; expected actor.port with an actor of %s%s",
				planfile.ErrActor, s, names, hint(errs, s, names)))
			return end{actor, port}
		}
		var ok bool
		if port, ok = ports[actor].tensor(port); !ok {
			errs = append(errs, f.Errorf(path, "%w: actor %s has no %s port %q; it has %s%s",
				planfile.ErrActor, f.Application.Actors[actor].Name, side, port, list(ports[actor].names),
				nearest.Hint(port, ports[actor].names)))
		}
		return end{actor, port}
	}
	for i, q := range f.Application.FIFOs {
		path := fmt.Sprintf("$.application.fifos[%d]", i)
		j.from[i] = find(q.From, path+".from", "output", outs)
		j.to[i] = find(q.To, path+".to", "input", ins)
		if _, known := j.into[j.to[i]]; !known {
			j.into[j.to[i]] = i
		}
	}
	return j, errors.Join(errs...)
}

// hint asks which actor was meant by the end of a FIFO that names none, of the first wrong ends:
// a file may have very many.
func hint(before []error, end string, names *graph.Names) string {
	const most = 20
	at := strings.LastIndexByte(end, '.')
	if at < 0 || len(before) >= most {
		return ""
	}
	return names.Hint(end[:at])
}

// portSet is the names of an actor's ports on one side; those of a model are its tensors.
type portSet struct {
	names []string
	at    map[string]int    // the first index of a name
	of    map[string]string // tensors, by names of ports that differ
}

// tensor returns the name among names that a FIFO's end means: it gives the port's own
// name or the tensor's.
func (s *portSet) tensor(port string) (name string, ok bool) {
	if _, ok := s.at[port]; ok {
		return port, true
	}
	if name, ok := s.of[port]; ok {
		return name, true
	}
	return port, false
}

// portSets returns the ports that the application's actors have.
func portSets(f *planfile.File, models Models, ports func(a *planfile.ActorSpec) []string) []portSet {
	sets := make([]portSet, len(f.Application.Actors))
	for i := range sets {
		s := portSet{names: ports(&f.Application.Actors[i]), at: map[string]int{}, of: map[string]string{}}
		m := models[f.Application.Actors[i].Model]
		for k, name := range slices.Backward(s.names) {
			s.at[name] = k
			if m != nil {
				s.of[m.Ports.Of(name)] = name
			}
		}
		sets[i] = s
	}
	return sets
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return graph.ListNames(names)
}

func portNames(ports []planfile.PortSpec) []string {
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
