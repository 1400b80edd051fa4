package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// findEnd finds the actor and the port that "actor.port" names.
func findEnd(f *planfile.File, s string) (end, bool) {
	a, port := graph.FindEnd(f.ActorNames(), s)
	return end{a, port}, a >= 0
}

// checkFIFOs reports the ends of FIFOs that are no ports. All models must be
// there.
func checkFIFOs(f *planfile.File, models Models) error {
	var errs []error
	check := func(s, path, side string, ports func(a *planfile.ActorSpec) []string) {
		e, ok := findEnd(f, s)
		if !ok {
			errs = append(errs, f.Errorf(path, "%w: there is no actor for %q; expected actor.port with an actor of %s",
				planfile.ErrActor, s, strings.Join(f.ActorNames(), ", ")))
			return
		}
		a := &f.Application.Actors[e.actor]
		if known := ports(a); !slices.Contains(known, e.port) {
			errs = append(errs, f.Errorf(path, "%w: actor %s has no %s port %q; it has %s",
				planfile.ErrActor, a.Name, side, e.port, list(known)))
		}
	}
	for j, q := range f.Application.FIFOs {
		path := fmt.Sprintf("$.application.fifos[%d]", j)
		check(q.From, path+".from", "output", func(a *planfile.ActorSpec) []string {
			if a.Model != "" {
				return tensorNames(models[a.Model].Outputs())
			}
			return portNames(a.Out)
		})
		check(q.To, path+".to", "input", func(a *planfile.ActorSpec) []string {
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
