package builtin

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// bound holds the tensors that wrap a port's tokens, by slot. A slot is wrapped when
// it is first seen, so the steady state allocates nothing.
type bound struct {
	of    graph.TokenType
	slots []*ort.Tensor
}

// bindAll describes tokens of type t as tensors.
func bindAll(t graph.TokenType) *bound { return &bound{of: t} }

func (b *bound) tensor(t *kernel.Token) (*ort.Tensor, error) {
	for t.Slot >= len(b.slots) {
		b.slots = append(b.slots, nil)
	}
	if b.slots[t.Slot] == nil {
		size := int(b.of.Bytes())
		if len(t.Data) < size {
			return nil, fmt.Errorf("%w: slot %d has %d bytes, %s needs %d", kernel.ErrToken, t.Slot, len(t.Data), t.Type, size)
		}
		v, err := ort.NewTensor(elemOf(b.of.Elem), b.of.Shape, t.Data[:size])
		if err != nil {
			return nil, err
		}
		b.slots[t.Slot] = v
	}
	return b.slots[t.Slot], nil
}

func (b *bound) close() error {
	var errs []error
	for _, t := range b.slots {
		if t != nil {
			errs = append(errs, t.Close())
		}
	}
	b.slots = nil
	return errors.Join(errs...)
}

// arg is one input or output of a session: the tokens of a port, or
// scratch memory for an output that no port takes.
type arg struct {
	*bound
	port    int
	scratch *ort.Tensor
	tensors *graph.Shaped // of the port, if they travel with their shape; then not bound
	name    string        // of the model's tensor
}

// argOf is the arg for a port's tokens.
func argOf(name string, port int, t graph.TokenType) arg {
	if t.Of != nil {
		return arg{name: name, port: port, tensors: t.Of}
	}
	return arg{name: name, port: port, bound: bindAll(t)}
}

func (a arg) tensorIn(tokens [][]*kernel.Token) (*ort.Tensor, error) {
	if a.scratch != nil {
		return a.scratch, nil
	}
	return a.tensor(tokens[a.port][0])
}

// runner runs a session straight from and into tokens.
type runner struct {
	session *ort.Session
	in, out []arg // in the session's order

	inTensors, outTensors []*ort.Tensor
	open                  bool // a tensor travels with its shape
}

func newRunner(s *ort.Session, in, out []arg) *runner {
	return &runner{session: s, in: in, out: out,
		inTensors: make([]*ort.Tensor, len(in)), outTensors: make([]*ort.Tensor, len(out)),
		open: slices.ContainsFunc(in, arg.shaped) || slices.ContainsFunc(out, arg.shaped)}
}

func (r *runner) run(f *kernel.Firing) (err error) {
	if r.open {
		return r.runOpen(f)
	}
	for i, a := range r.in {
		if r.inTensors[i], err = a.tensorIn(f.In); err != nil {
			return err
		}
	}
	for i, a := range r.out {
		if r.outTensors[i], err = a.tensorIn(f.Out); err != nil {
			return err
		}
	}
	return r.session.Run(r.inTensors, r.outTensors)
}

// Close frees the session and the tensors, not the tokens.
func (r *runner) Close() error {
	errs := []error{r.session.Close()}
	for _, args := range [][]arg{r.in, r.out} {
		for _, a := range args {
			switch {
			case a.scratch != nil:
				errs = append(errs, a.scratch.Close())
			case a.bound != nil:
				errs = append(errs, a.close())
			}
		}
	}
	return errors.Join(errs...)
}
