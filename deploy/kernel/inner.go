package kernel

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// inner lets any kernel work in a dynamic processing actor: the kernel doesn't
// see the control port, and its ports of rates 0 to 1 look static, as it fires
// only where each has a token.
type inner struct {
	Kernel
	control int // the input port that is left out
	firing  Firing
}

// controlPort returns the index of the control port among in, or -1.
func controlPort(in []graph.Port) int {
	return slices.IndexFunc(in, func(p graph.Port) bool { return p.Control })
}

// isInner reports whether s describes a dynamic processing actor: all data ports
// vary.
func isInner(s Spec) bool {
	data := slices.DeleteFunc(slices.Concat(s.In, s.Out), func(p graph.Port) bool { return p.Control })
	return controlPort(s.In) >= 0 && len(data) > 0 && !slices.ContainsFunc(data, graph.Port.Static)
}

// newInner makes the kernel of a dynamic processing actor.
func newInner(n New, s Spec) (Kernel, error) {
	c := controlPort(s.In)
	if len(s.Inputs) == len(s.In) {
		s.Inputs = slices.Delete(slices.Clone(s.Inputs), c, c+1)
	}
	s.In, s.Out = static(slices.Delete(slices.Clone(s.In), c, c+1)), static(slices.Clone(s.Out))
	k, err := n(s)
	if err != nil {
		return nil, err
	}
	return &inner{Kernel: k, control: c}, nil
}

// static raises the lower limit of rates 0 to 1.
func static(ports []graph.Port) []graph.Port {
	for i := range ports {
		if ports[i].URL == 1 {
			ports[i].LRL = 1
		}
	}
	return ports
}

// Fire runs the kernel without the control token.
func (k *inner) Fire(f *Firing) error {
	k.firing.Frame, k.firing.Out = f.Frame, f.Out
	k.firing.In = append(append(k.firing.In[:0], f.In[:k.control]...), f.In[k.control+1:]...)
	err := k.Kernel.Fire(&k.firing)
	f.Out = k.firing.Out // a kernel that changed it is found out
	return err
}
