package linkprobe

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// Prober measures a link between two devices.
type Prober struct {
	Driver  driver.Driver
	Between [2]string
	Limit   time.Duration // for a direction; slow links take longer
	Largest int64         // bytes of a token

	// Begin, if not nil, is told what will be sent, in both directions, before most of it is.
	Begin func(Amount)
	// Step, if not nil, is told what is sent next, and about how long all that is left takes.
	Step func(what string, n, total int, left time.Duration)
}

// The tokens that tell what to expect of a direction.
var (
	tiny  = step{bytes: 64, frames: 10}
	trial = step{bytes: 64 << 10, frames: 5}
)

// Trial is what is sent before Begin is told what will be.
func Trial() Amount {
	return Amount{Bytes: 2 * (tiny.sent() + trial.sent()), Takes: 4 * perStep}
}

// Run measures the link. Errors wrap ErrProbe, or are those of the driver, or of ctx.
func (p *Prober) Run(ctx context.Context) (*profile.Link, error) {
	link := &profile.Link{Between: p.Between}
	var lists [2][]step
	var all Amount
	for i := range lists {
		r, err := p.rough(ctx, i)
		if err != nil {
			return nil, err
		}
		lists[i] = schedule(r, p.Limit, p.Largest)
		a := amountOf(lists[i])
		all.Bytes, all.Takes = all.Bytes+a.Bytes, all.Takes+a.Takes
	}
	if p.Begin != nil {
		p.Begin(all)
	}
	done := progress{p: p, total: len(lists[0]) + len(lists[1]), left: all.Takes}
	for i, list := range lists {
		d, err := p.direction(ctx, i, list, &done)
		if err != nil {
			return nil, err
		}
		link.Directions[i] = *d
	}
	return link, link.Check()
}

// progress tells what is sent.
type progress struct {
	p        *Prober
	n, total int
	left     time.Duration
}

func (g *progress) next(from, to string, s *step) {
	g.n++
	if g.p.Step != nil {
		g.p.Step(fmt.Sprintf("%s to %s: %d tokens of %d bytes", from, to, s.frames+warmup, s.bytes), g.n, g.total,
			g.left.Round(time.Second))
	}
	g.left = max(g.left-s.takes, 0)
}

// run sends the tokens of a step in a direction.
func (p *Prober) run(ctx context.Context, direction int, s *step, load plan.Workload) (*trace.Trace, error) {
	from, to := p.Between[direction], p.Between[1-direction]
	pl, err := sending(from, to, s, load)
	if err != nil {
		return nil, err
	}
	t, err := p.Driver.Run(ctx, pl)
	if err != nil {
		return nil, fmt.Errorf("probe the link from %s to %s with tokens of %d bytes: %w", from, to, s.bytes, err)
	}
	return t, nil
}

// crossings sends the tokens of a step in a direction and returns what became of them.
func (p *Prober) crossings(ctx context.Context, direction int, s *step, load plan.Workload) ([]crossing, error) {
	t, err := p.run(ctx, direction, s, load)
	if err != nil {
		return nil, err
	}
	return crossings(t)
}

// rough finds out what to expect of a direction.
func (p *Prober) rough(ctx context.Context, direction int) (*rough, error) {
	r := &rough{}
	for _, s := range []step{tiny, trial} {
		list, err := p.crossings(ctx, direction, &s, plan.Workload{Kind: plan.SingleStream, Frames: s.frames})
		if err != nil {
			return nil, err
		}
		size, err := sizeOf(s.bytes, list)
		if err != nil {
			return nil, err
		}
		if s.bytes == tiny.bytes {
			r.latency = quantile.Median(size.RoundTrip)
			continue
		}
		// The first ones may have crossed at once after the pause.
		last := size.RoundTrip[len(size.RoundTrip)-1]
		r.bytesPerSec = float64(s.bytes) / max(last-r.latency, 100*time.Microsecond).Seconds()
	}
	return r, nil
}

// direction measures one direction by a schedule.
func (p *Prober) direction(ctx context.Context, direction int, list []step, done *progress) (*profile.Direction,
	error,
) {
	d := &profile.Direction{}
	var bandwidths []float64
	var rows [][]crossing
	for i := range list {
		s := &list[i]
		done.next(p.Between[direction], p.Between[1-direction], s)
		tokens, err := p.crossings(ctx, direction, s, s.load())
		if err != nil {
			return nil, err
		}
		if !s.alone() {
			rows = append(rows, tokens)
			bandwidths = append(bandwidths, rates(tokens)...)
			continue
		}
		size, err := sizeOf(s.bytes, tokens)
		if err != nil {
			return nil, err
		}
		d.Sizes = append(d.Sizes, size)
	}
	if len(bandwidths) == 0 {
		return nil, fmt.Errorf("%w: no stream came through from %s to %s", ErrProbe, p.Between[direction],
			p.Between[1-direction])
	}
	var under []int64
	middle := quantile.Median(bandwidths)
	for _, tokens := range rows {
		if len(tokens) > 0 {
			under = append(under, waiting(tokens, middle, quantile.Median(d.Sizes[0].OneWay))...)
		}
	}
	d.Fit(bandwidths, under)
	return d, nil
}
