package builtin

import (
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// relay is the kernel "relay": it copies a control token to every out port, so
// that one token crosses to a device and serves all dynamic actors there. Ports:
// one control in port, control out ports. It takes no parameters.
type relay struct{}

func newRelay(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	in, dataIn := kernel.SplitPorts(s.In)
	out, dataOut := kernel.SplitPorts(s.Out)
	if len(in) != 1 || len(dataIn) > 0 || len(out) == 0 || len(dataOut) > 0 {
		return nil, fmt.Errorf("%w: expected one in port and at least one out port, all control ports", kernel.ErrPort)
	}
	return relay{}, nil
}

// Fire copies.
func (relay) Fire(f *kernel.Firing) error {
	for _, port := range f.Out {
		copy(port[0].Data, f.In[0][0].Data)
	}
	return nil
}

// Close does nothing.
func (relay) Close() error { return nil }

// gate is the kernel "gate", the entry of a dynamic part: every out port gets a
// copy of the in port's token, those of rates 0 to 1 only if the atr is 1. Ports:
// a static in port and a control in port, at least one out port of rates 0 to 1,
// and static ones. It takes no parameters.
type gate struct{ in int }

func newGate(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	control, data := kernel.SplitPorts(s.In)
	if len(control) != 1 || len(data) != 1 {
		return nil, fmt.Errorf(
			"%w: %d control and %d other in ports; expected one of each",
			kernel.ErrPort,
			len(control),
			len(data),
		)
	}
	in := s.In[data[0]]
	if err := kernel.CheckPort("in", in, 1, "any"); err != nil {
		return nil, err
	}
	variable := 0
	for _, p := range s.Out {
		if !p.Static() {
			variable++
		}
		if err := kernel.CheckPort("out", p, min(p.LRL, 1), in.Type.String()); err != nil {
			return nil, err
		}
	}
	if variable == 0 {
		return nil, fmt.Errorf("%w: no out port has rates 0 to 1, so that there is nothing to hold back", kernel.ErrPort)
	}
	return gate{data[0]}, nil
}

// Fire copies to the tokens that there are.
func (k gate) Fire(f *kernel.Firing) error {
	copyToAll(f.Out, f.In[k.in][0])
	return nil
}

// Close does nothing.
func (gate) Close() error { return nil }

// copyToAll copies a token to every token of the ports.
func copyToAll(ports [][]*kernel.Token, from *kernel.Token) {
	for _, port := range ports {
		for _, t := range port {
			t.Len = copy(t.Data, from.Data[:from.Len])
		}
	}
}

// choose is the kernel "choose", the exit of a dynamic part: out goes the late
// result if there is one, else the early one. Ports: a static in port (early), an
// in port of rates 0 to 1 (late), a control in port, and one static out port, all
// but the control port of one type. It takes no parameters.
type choose struct{ early, late int }

func newChoose(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	control, data := kernel.SplitPorts(s.In)
	if len(control) != 1 || len(data) != 2 || len(s.Out) != 1 {
		return nil, fmt.Errorf("%w: %d control and %d other in ports, %d out ports; expected 1, 2 and 1", kernel.ErrPort,
			len(control), len(data), len(s.Out))
	}
	k := choose{data[0], data[1]}
	if !s.In[k.early].Static() {
		k.early, k.late = k.late, k.early
	}
	want := s.Out[0].Type.String()
	if err := kernel.CheckPort("in", s.In[k.early], 1, want); err != nil {
		return nil, err
	}
	if err := kernel.CheckPort("in", s.In[k.late], 0, want); err != nil {
		return nil, err
	}
	return k, kernel.CheckPort("out", s.Out[0], 1, want)
}

// Fire copies one of the two.
func (k choose) Fire(f *kernel.Firing) error {
	from := f.In[k.early][0]
	if late := f.In[k.late]; len(late) > 0 {
		from = late[0]
	}
	copyToAll(f.Out, from)
	return nil
}

// Close does nothing.
func (choose) Close() error { return nil }
