package kernel

import (
	"fmt"
	"math"
	"runtime/debug"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Guarded is a kernel at work in a graph: Fire runs the kernel and then checks
// that it made what its actor's ports promise. A panic of the kernel becomes
// ErrPanic, anything else than the promised tokens ErrOutput with the port's name.
// In the steady state it allocates nothing.
type Guarded struct {
	Kernel
	actor    *graph.Actor
	lrl, url int     // limits of the atr that a configuration actor chooses
	rate     int     // the atr that it chose
	counts   []int   // tokens by output port
	given    []given // the tokens of all output ports
}

// given is a token as the kernel gets it.
type given struct {
	token *Token
	data  *byte
	bytes int
}

// Guard returns k for the firings of an actor (index in g).
func Guard(k Kernel, g *graph.Graph, actor int) *Guarded {
	w := &Guarded{Kernel: k, actor: &g.Actors[actor], url: math.MaxInt32, counts: make([]int, len(g.Actors[actor].Out))}
	if w.actor.Kind == graph.Configuration {
		for _, d := range graph.DPGs(g) {
			if d.Config == actor {
				w.lrl, w.url = d.LRL, d.URL
			}
		}
	}
	return w
}

// Rate returns the atr that the kernel of a configuration actor chose in the
// last firing; 0 for other actors.
func (w *Guarded) Rate() int { return w.rate }

// Fire runs one firing and checks it.
func (w *Guarded) Fire(f *Firing) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, p, debug.Stack())
		}
	}()
	w.note(f)
	if err := w.Kernel.Fire(f); err != nil {
		return err
	}
	if err := w.tokens(f); err != nil {
		return err
	}
	return w.control(f)
}

// note keeps what the kernel is given, and marks opaque tokens as not made.
func (w *Guarded) note(f *Firing) {
	w.given = w.given[:0]
	for p, tokens := range f.Out {
		w.counts[p] = len(tokens)
		for _, t := range tokens {
			w.given = append(w.given, given{t, unsafe.SliceData(t.Data), len(t.Data)})
			if t.Type.Variable() {
				t.Len = -1
			}
		}
	}
}

// tokens checks the number, place and length of all tokens made.
func (w *Guarded) tokens(f *Firing) error {
	if len(f.Out) != len(w.counts) {
		return fmt.Errorf("%w: tokens for %d output ports; it has %d, which a kernel may not change", ErrOutput, len(f.Out),
			len(w.counts))
	}
	rest := w.given
	for p, tokens := range f.Out {
		if len(tokens) != w.counts[p] {
			return w.fail(p, "%d tokens; this firing makes %d: write into those given", len(tokens), w.counts[p])
		}
		for i, t := range tokens {
			g := rest[i]
			switch {
			case t != g.token || unsafe.SliceData(t.Data) != g.data || len(t.Data) != g.bytes:
				return w.fail(p, "token %d or its Data was replaced; write into the Data given", i)
			case t.Len < 0 && t.Type.Variable():
				return w.fail(p, "%d of %d tokens were made; set the Len of each", i, len(tokens))
			case t.Len < 0 || t.Len > g.bytes:
				return w.fail(p, "token %d has %d bytes; %s holds %d at most", i, t.Len, t.Type, g.bytes)
			case t.Len < g.bytes && !t.Type.Variable():
				return w.fail(p, "token %d has %d bytes; the shape %s takes %d", i, t.Len, t.Type, g.bytes)
			}
		}
		rest = rest[len(tokens):]
	}
	return nil
}

// control checks the control tokens of a configuration actor and keeps their atr.
func (w *Guarded) control(f *Firing) error {
	if w.actor.Kind != graph.Configuration {
		return nil
	}
	first := -1
	for p, tokens := range f.Out {
		if !w.actor.Out[p].Control {
			continue
		}
		rate := int(View[int32](tokens[0])[0])
		switch {
		case rate < w.lrl || rate > w.url:
			return w.fail(p, "atr %d; the limits of its dynamic part are %d to %d", rate, w.lrl, w.url)
		case first >= 0 && rate != w.rate:
			return w.fail(p, "atr %d, but %d on port %s; all control outputs must say the same", rate, w.rate,
				w.actor.Out[first].Name)
		case first < 0:
			first, w.rate = p, rate
		}
	}
	return nil
}

func (w *Guarded) fail(port int, format string, args ...any) error {
	return fmt.Errorf("output port %s: %w: %s", w.actor.Out[port].Name, ErrOutput, fmt.Sprintf(format, args...))
}
