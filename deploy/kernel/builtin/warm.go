package builtin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// slow is how long a first run may take before the user is told what it waits for.
const slow = 2 * time.Second

// warm runs a session once on zeros: off the CPU a first run compiles, which must not
// count as a firing. With a fallback to the CPU it says where the nodes ran. A model with
// an input of open shape is left to its first firing.
func warm(s kernel.Spec, session *ort.Session, o ort.Options) (err error) {
	if o.Provider.OnCPU() {
		return nil
	}
	var in []*ort.Tensor
	defer func() {
		for _, t := range in {
			err = errors.Join(err, t.Close())
		}
	}()
	for _, info := range session.Inputs() {
		if !info.Known || slices.ContainsFunc(info.Shape, func(d int64) bool { return d < 0 }) {
			s.Notef("input %s has an open shape, so %s compiles in the first firing", info.Name, o.Provider.Name)
			return nil
		}
		n := info.Elem.Size()
		for _, d := range info.Shape {
			n *= d
		}
		t, err := ort.NewTensor(info.Elem, info.Shape, ort.AlignedBytes(int(n)))
		if err != nil {
			return err
		}
		in = append(in, t)
	}
	waiting := time.AfterFunc(slow, func() {
		s.Notef("the first run on %s, which may compile, takes more than %v", o.Provider.Name, slow)
	})
	defer waiting.Stop()
	out, err := session.RunAlloc(in, nil)
	for _, t := range out {
		err = errors.Join(err, t.Close())
	}
	if err != nil || o.Provider.Fallback == "" {
		return err
	}
	placed, err := ort.Placement(s.Model, o, in, nil)
	if err != nil {
		return err
	}
	var list []string
	for _, p := range placed {
		list = append(list, fmt.Sprintf("%d nodes on %s (%s)", p.Nodes, p.Provider, strings.Join(p.Ops, ", ")))
	}
	s.Notef("provider %s: %s", o.Provider, strings.Join(list, "; "))
	return nil
}
