package local

import (
	"context"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// Coding runs all frames of p here, as Results does, and also says what became of
// every tensor that crosses between devices, in frames from skip on. The times are
// those of the kernels on one thread, without pauses before them.
func (d *Driver) Coding(ctx context.Context, p *plan.Plan, skip int64) ([]trace.Result, []codecstat.Coding, error) {
	var w *watcher
	t, err := d.run(ctx, p, nil, func(r *Runner) {
		w = newWatcher(r, skip)
		r.Observe = w.observe
	})
	if err != nil {
		return nil, nil, err
	}
	var list []codecstat.Coding
	for _, c := range w.codings {
		list = append(list, *c)
	}
	return t.Results, list, nil
}

// watcher follows the tokens that cross between devices.
type watcher struct {
	runner  *Runner
	skip    int64
	codings []*codecstat.Coding
	by      map[int]*codecstat.Coding      // by encoding or decoding actor
	plain   map[int][]int                  // by actor: the FIFOs to other devices that no codec is on
	plainBy map[int]*codecstat.Coding      // by such a FIFO
	before  map[string]map[int64][]float32 // by tensor and frame: what was encoded and not yet decoded
}

func newWatcher(r *Runner, skip int64) *watcher {
	w := &watcher{runner: r, skip: skip, by: map[int]*codecstat.Coding{}, plain: map[int][]int{},
		plainBy: map[int]*codecstat.Coding{}, before: map[string]map[int64][]float32{}}
	p := r.plan
	for f, q := range p.Graph.FIFOs {
		from := &p.Graph.Actors[q.From]
		port := from.Out[q.OutPort]
		if p.Routes[f] < 0 || port.Control || port.Feedback {
			continue
		}
		if p.Work[q.From].Tensor == "" {
			c := &codecstat.Coding{Tensor: p.Tensor(q.From, q.OutPort), Type: port.Type}
			w.codings, w.plainBy[f], w.plain[q.From] = append(w.codings, c), c, append(w.plain[q.From], f)
			continue
		}
		c := &codecstat.Coding{Tensor: p.Work[q.From].Tensor, Type: from.In[0].Type}
		w.codings, w.by[q.From], w.by[q.To] = append(w.codings, c), c, c
		w.before[c.Tensor] = map[int64][]float32{}
	}
	return w
}

func (w *watcher) observe(a int, frame int64, took time.Duration) {
	if frame < w.skip {
		return
	}
	firing := &w.runner.firings[a]
	if c := w.by[a]; c != nil {
		in, out := firing.In[0][0], firing.Out[0][0]
		if w.runner.plan.Graph.Actors[a].Kernel == plan.KernelEncode {
			w.take(c, in, out.Len)
			c.Encode = append(c.Encode, took)
			if in.Type.Elem == "float32" {
				w.before[c.Tensor][frame] = slices.Clone(in.Float32())
			}
		} else {
			c.Decode = append(c.Decode, took)
			if before, ok := w.before[c.Tensor][frame]; ok {
				c.Compare(before, out.Float32())
				delete(w.before[c.Tensor], frame)
			}
		}
	}
	for _, f := range w.plain[a] {
		for _, t := range firing.Out[w.runner.plan.Graph.FIFOs[f].OutPort] {
			w.take(w.plainBy[f], t, t.Len)
		}
	}
}

// take counts a token that was sent as so many bytes.
func (w *watcher) take(c *codecstat.Coding, t *kernel.Token, sent int) {
	c.Frames++
	c.SentBytes += int64(sent)
	if t.Type.Elem == "float32" {
		c.Observe(t.Float32())
	}
}
