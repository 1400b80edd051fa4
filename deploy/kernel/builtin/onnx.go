package builtin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// segment is the kernel "onnx": it runs the sub-model Spec.Model in one
// session on the provider of Spec.Unit. Spec.Inputs and Spec.Outputs name the
// tensor of every port. Out ports of the same tensor get a copy each. It takes no
// parameters. Tensors whose shape depends on the data travel with it.
type segment struct {
	*runner
	copies [][2]int // out port to copy from, out port to copy to
}

func newSegment(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	if len(s.Model) == 0 {
		return nil, fmt.Errorf("%w: no sub-model given", kernel.ErrPort)
	}
	if len(s.Inputs) != len(s.In) || len(s.Outputs) != len(s.Out) {
		return nil, fmt.Errorf("%w: %d in and %d out ports, tensor names for %d and %d",
			kernel.ErrPort, len(s.In), len(s.Out), len(s.Inputs), len(s.Outputs))
	}
	o := ort.Options{Threads: s.Unit.Threads, Spin: s.Unit.Spin, Shared: true, Provider: s.Unit.Provider}
	session, err := ort.NewSession(s.Model, o)
	if err != nil {
		return nil, err
	}
	k := &segment{runner: newRunner(session, nil, nil)}
	err = k.bindPorts(s)
	if err == nil {
		err = warm(s, session, o)
	}
	if err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// bindPorts pairs the session's inputs and outputs with the ports.
func (k *segment) bindPorts(s kernel.Spec) error {
	in, out := k.session.Inputs(), k.session.Outputs()
	if err := errNoTensor("in", s.In, s.Inputs, in); err != nil {
		return err
	}
	if err := errNoTensor("out", s.Out, s.Outputs, out); err != nil {
		return err
	}
	for _, info := range in {
		port := slices.Index(s.Inputs, info.Name)
		if port < 0 {
			return fmt.Errorf("%w: no in port brings the model's input %s", kernel.ErrPort, info.Name)
		}
		k.in = append(k.in, argOf(info.Name, port, s.In[port].Type))
	}
	for _, info := range out {
		port := slices.Index(s.Outputs, info.Name)
		if port < 0 {
			t, err := scratch(info)
			if err != nil {
				return err
			}
			k.out = append(k.out, arg{scratch: t})
			continue
		}
		k.out = append(k.out, argOf(info.Name, port, s.Out[port].Type))
	}
	for p, name := range s.Outputs {
		if first := slices.Index(s.Outputs, name); first < p {
			k.copies = append(k.copies, [2]int{first, p})
		}
	}
	k.runner = newRunner(k.session, k.in, k.out)
	return nil
}

// Fire runs the session once.
func (k *segment) Fire(f *kernel.Firing) error {
	if err := k.run(f); err != nil {
		return err
	}
	for _, c := range k.copies {
		from, to := f.Out[c[0]][0], f.Out[c[1]][0]
		to.Len = copy(to.Data, from.Data[:from.Len])
	}
	return nil
}

// errNoTensor reports the first port whose tensor the model lacks or has with
// another type.
func errNoTensor(side string, ports []graph.Port, names []string, infos []ort.Info) error {
	for p, name := range names {
		i := slices.IndexFunc(infos, func(v ort.Info) bool { return v.Name == name })
		if i < 0 {
			var has []string
			for _, v := range infos {
				has = append(has, v.Name)
			}
			return fmt.Errorf("%w: %s port %s wants tensor %q, which the model lacks; it has %s",
				kernel.ErrPort, side, ports[p].Name, name, strings.Join(has, ", "))
		}
		port := ports[p]
		if of := port.Type.Of; of != nil {
			port.Type = of.Greatest()
		}
		if of := ports[p].Type.Of; of != nil && of.Elem == "float16" {
			return fmt.Errorf("%w: %s port %s carries tensor %s as %s; the runtime has float16 only where the shape is fixed",
				kernel.ErrPort, side, port.Name, name, of)
		}
		if err := kernel.CheckPort(side, port, 1, pattern(infos[i])); err != nil {
			return fmt.Errorf("%w (tensor %s)", err, name)
		}
	}
	return nil
}

// pattern returns the port type that suits a tensor of a session, as CheckPort takes it.
func pattern(v ort.Info) string {
	dims := make([]string, len(v.Shape))
	for i, d := range v.Shape {
		dims[i] = fmt.Sprint(d)
		if d <= 0 {
			dims[i] = fmt.Sprintf("n%d", i) // it is open
		}
	}
	return v.Elem.String() + "[" + strings.Join(dims, ",") + "]"
}

// scratch returns memory for an output that no port takes.
func scratch(v ort.Info) (*ort.Tensor, error) {
	bytes := v.Elem.Size()
	for _, d := range v.Shape {
		if d <= 0 {
			return nil, fmt.Errorf(
				"%w: no port takes the model's output %s, and its shape %v is not fixed",
				kernel.ErrPort,
				v.Name,
				v.Shape,
			)
		}
		bytes *= d
	}
	return ort.NewTensor(v.Elem, v.Shape, ort.AlignedBytes(int(bytes)))
}
