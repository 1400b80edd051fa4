package leakage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// calibrating is how many frames give int8-static its scales where none are given.
const calibrating = 16

// byteTensor is the type of bytes that are numbers.
var byteTensor = graph.TokenType{Elem: "uint8"}

// gatherer gathers what arrives of tensors.
type gatherer struct {
	r          *Request
	taps       *taps
	frames     *frames
	kept       *kept
	projection *leakage.Projection
	progress   driver.Progress
}

// gather runs what makes the tensors, in passes each of which fits the memory, and keeps what
// arrives of them with every codec.
func (g *gatherer) gather(ctx context.Context, tensors, codecs []string) error {
	var channels []*channel
	for i := range g.taps.list {
		if t := &g.taps.list[i]; slices.Contains(tensors, t.name) {
			if c := g.channel(t, codecs); len(c.ways) > 0 {
				channels = append(channels, c)
			}
		}
	}
	slices.SortStableFunc(channels, func(a, b *channel) int { return a.tap.actor - b.tap.actor })
	passes := g.passes(channels)
	for i, pass := range passes {
		if err := g.pass(ctx, pass, i+1, len(passes)); err != nil {
			return err
		}
		if err := g.kept.write(); err != nil {
			return err
		}
	}
	return nil
}

// channel returns a tensor with the codecs of which something is not known yet.
func (g *gatherer) channel(t *tap, codecs []string) *channel {
	c := &channel{tap: *t}
	for _, name := range codecs {
		if _, known := g.kept.Bytes[key(t.name, name)]; !known && g.kept.Failed[t.name] == "" {
			c.ways = append(c.ways, &way{codec: name, arrives: arrives(name, t.kind)})
		}
	}
	for i, w := range c.ways {
		for _, other := range c.ways[:i] {
			if other.arrives == w.arrives && w.arrives != codec.None {
				other.shared, w.shared = true, true
			}
		}
	}
	return c
}

// sketched returns the ways of a channel that need a sketch: the first of those with the same
// arrivals, if these are not known.
func (g *gatherer) sketched(c *channel) []*way {
	var list []*way
	for _, w := range c.ways {
		known := g.kept.Samples[key(c.tap.name, w.arrives)] != nil ||
			slices.ContainsFunc(list, func(o *way) bool { return o.arrives == w.arrives })
		if !known {
			list = append(list, w)
		}
	}
	return list
}

// passes divides channels so that the sketches of each fit the memory.
func (g *gatherer) passes(channels []*channel) [][]*channel {
	var passes [][]*channel
	left := int64(0)
	for _, c := range channels {
		need := leakage.SketchBytes(len(g.frames.of), int(c.tap.kind.Elements())) * int64(len(g.sketched(c)))
		if len(passes) == 0 || need > left {
			passes, left = append(passes, nil), g.r.Memory
		}
		left -= need
		passes[len(passes)-1] = append(passes[len(passes)-1], c)
	}
	return passes
}

// pass runs the samples once.
func (g *gatherer) pass(ctx context.Context, channels []*channel, number, of int) (err error) {
	calibration, err := g.calibrate(ctx, channels)
	if err != nil {
		return err
	}
	defer func() {
		for _, c := range channels {
			err = errors.Join(err, c.close())
		}
	}()
	t, err := g.taps.showing(g.r, g.taps.frames, channels)
	if err != nil {
		return err
	}
	at, actors := map[[2]int]*channel{}, []int{}
	for _, c := range channels {
		where, err := t.where(c.tap.name)
		if err != nil {
			return err
		}
		if err := c.open(g.r.Tapper, calibration); err != nil {
			return err
		}
		for _, w := range g.sketched(c) {
			w.sketch, w.failed = g.projection.Sketch(len(g.frames.of), int(c.tap.kind.Elements()))
		}
		at[where] = c
		actors = append(actors, where[0])
	}
	what := "tensors across their cuts"
	if of > 1 {
		what = fmt.Sprintf("tensors across their cuts, part %d of %d", number, of)
	}
	first := 0 // that was not told of: actors take turns, some are ahead
	err = g.run(ctx, actors, t, func(a, port int, n int64, token []byte) error {
		c, wanted := at[[2]int{a, port}]
		sample, counts := g.frames.sample[n]
		if !wanted || !counts {
			return nil
		}
		if sample >= first {
			first = sample + 1
			g.progress.Step(what, first, len(g.frames.of), 0)
		}
		return c.take(sample, token)
	})
	if err != nil {
		return err
	}
	for i, c := range channels {
		if err := ctx.Err(); err != nil {
			return err
		}
		g.progress.Step("products of samples", i+1, len(channels), 0)
		g.keep(c)
	}
	return nil
}

// run runs what the actors need.
func (g *gatherer) run(ctx context.Context, actors []int, t *taps,
	see func(actor, port int, frame int64, token []byte) error,
) error {
	needed := t.before(actors)
	return g.r.Tapper.Tap(ctx, t.plan, func(a int) bool { return needed[a] }, see)
}

// keep keeps what arrived of a tensor.
func (g *gatherer) keep(c *channel) {
	n := len(g.frames.of)
	if c.failed == nil && c.seen != n {
		c.failed = fmt.Errorf("tensor %s is sent in %d of %d samples", c.tap.name, c.seen, n)
	}
	if c.failed != nil {
		g.kept.Failed[c.tap.name] = c.failed.Error()
		return
	}
	for _, w := range c.ways {
		if w.sketch != nil && w.failed == nil {
			var s *leakage.Samples
			if s, w.failed = w.sketch.Samples(); w.failed == nil {
				g.kept.Samples[key(c.tap.name, w.arrives)] = s
			}
			w.sketch = nil
		}
		if w.failed != nil {
			g.kept.Failed[key(c.tap.name, w.arrives)] = fmt.Sprintf("tensor %s: %v", c.tap.name, w.failed)
		}
		g.kept.Bytes[key(c.tap.name, w.codec)] = float64(w.sent) / float64(n)
	}
}

// calibrate finds the scales of int8-static that are not given, from the first frames.
func (g *gatherer) calibrate(ctx context.Context, channels []*channel) (map[string]codec.Affine, error) {
	all := map[string]codec.Affine{}
	var unknown []*channel
	for _, c := range channels {
		if !slices.ContainsFunc(c.ways, func(w *way) bool { return w.arrives == codec.Int8Static }) {
			continue
		}
		if a, given := g.r.Calibration[c.tap.name]; given {
			all[c.tap.name] = a
		} else {
			unknown = append(unknown, c)
		}
	}
	if len(unknown) == 0 {
		return all, nil
	}
	few, err := g.taps.showing(g.r, calibrating, unknown)
	if err != nil {
		return nil, err
	}
	open, actors := map[[2]int]*ranges{}, []int{}
	for _, c := range unknown {
		where, err := few.where(c.tap.name)
		if err != nil {
			return nil, err
		}
		open[where] = &ranges{coding: codecstat.Coding{Tensor: c.tap.name, Type: c.tap.kind}}
		actors = append(actors, where[0])
	}
	first := int64(0)
	err = g.run(ctx, actors, few, func(a, port int, n int64, token []byte) error {
		if r, wanted := open[[2]int{a, port}]; wanted {
			if n >= first {
				first = n + 1
				g.progress.Step("ranges for int8-static", int(first), calibrating, 0)
			}
			r.take(token)
		}
		return nil
	})
	for _, r := range open {
		all[r.coding.Tensor] = r.coding.Affine(false)
	}
	return all, err
}
