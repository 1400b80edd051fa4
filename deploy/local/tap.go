package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// Tap runs all frames of p here and shows every token that the actors which include accepts
// make: what output port (index) of an actor gave in a frame. The other actors run nothing
// and make zeros. The bytes are valid until see returns; its error ends the run, and is returned.
func (d *Driver) Tap(ctx context.Context, p *plan.Plan, include func(actor int) bool,
	see func(actor, port int, frame int64, token []byte) error,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	_, err := d.run(ctx, p, include, func(r *Runner) {
		r.Observe = func(a int, frame int64, _ time.Duration) {
			for port, tokens := range r.firings[a].Out {
				for _, t := range tokens {
					if ctx.Err() != nil || p.Graph.Actors[a].Out[port].Control {
						continue
					}
					if err := see(a, port, frame, t.Data[:t.Len]); err != nil {
						cancel(err)
					}
				}
			}
		}
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Crossing is a boundary that tokens of one type cross: the very kernels that code them for a
// link and decode them behind it. It is not safe for concurrent use. Close it when done.
type Crossing struct {
	kernels []kernel.Kernel
	tokens  []*kernel.Token // before each kernel, and behind the last
}

// Crossing returns the boundary with a codec; the Affine is of int8-static, others ignore it.
func (d *Driver) Crossing(name string, t graph.TokenType, a codec.Affine) (c *Crossing, err error) {
	c = &Crossing{tokens: []*kernel.Token{kernel.NewToken(t, 0)}}
	if name == "" || name == codec.None {
		return c, nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	parsed, err := codec.Parse(name)
	if err != nil {
		return c, err
	}
	wire, err := parsed.Wire(t)
	if err != nil {
		return c, err
	}
	types := []graph.TokenType{t, wire, t}
	for i, kind := range []string{plan.KernelEncode, plan.KernelDecode} {
		port := func(name string, t graph.TokenType) []graph.Port {
			return []graph.Port{{Name: name, LRL: 1, URL: 1, Type: t}}
		}
		k, err := d.Kernels.New(kind, kernel.Spec{
			Actor: kind, Params: compile.CoderParams(parsed, a), In: port("in", types[i]), Out: port("out", types[i+1]),
			Note: d.Note,
			Unit: plan.Unit{Name: "cpu", Lanes: 1, Threads: 1, Provider: plan.Named(plan.CPU), Slowdown: 1},
		})
		if err != nil {
			return c, err
		}
		c.kernels, c.tokens = append(c.kernels, k), append(c.tokens, kernel.NewToken(types[i+1], 0))
	}
	return c, nil
}

// Cross returns what arrives of a token, which is valid until the next call, and how many bytes
// crossed.
func (c *Crossing) Cross(token []byte) (arrived []byte, sent int64, err error) {
	first := c.tokens[0]
	if len(token) > len(first.Data) {
		return nil, 0, fmt.Errorf("%w: a token of %d bytes came; expected %s", kernel.ErrToken, len(token), first.Type)
	}
	first.Len, sent = copy(first.Data, token), int64(len(token))
	for i, k := range c.kernels {
		in, out := c.tokens[i], c.tokens[i+1]
		out.Len = len(out.Data)
		f := kernel.Firing{In: [][]*kernel.Token{{in}}, Out: [][]*kernel.Token{{out}}}
		if err := k.Fire(&f); err != nil {
			return nil, 0, err
		}
		if i == 0 {
			sent = int64(out.Len)
		}
	}
	last := c.tokens[len(c.tokens)-1]
	return last.Data[:last.Len], sent, nil
}

// Close frees the kernels.
func (c *Crossing) Close() error {
	var errs []error
	for _, k := range c.kernels {
		errs = append(errs, k.Close())
	}
	c.kernels = nil
	return errors.Join(errs...)
}
