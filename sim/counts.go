package sim

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
)

// counts collects violations of conservation laws.
type counts struct {
	errs []error
	more int // that are not told
}

// maxTold bounds the violations that are told.
const maxTold = 20

func (c *counts) fail(format string, args ...any) {
	if len(c.errs) == maxTold {
		c.more++
		return
	}
	c.errs = append(c.errs, fmt.Errorf("%w: %s", trace.ErrConservation, fmt.Sprintf(format, args...)))
}

func (c *counts) err() error {
	if c.more > 0 {
		c.errs = append(c.errs, fmt.Errorf("%w: and %d more", trace.ErrConservation, c.more))
	}
	return errors.Join(c.errs...)
}

// checkCounts proves by counts what trace.Check proves of every event: that tokens and bytes
// sent = received + lost + under way, that captured frames = entered + dropped + waiting and as
// many entered as the source fired for, that all actors of a flow fired equally often and those
// inside a dynamic part for the frames with an atr of 1 or more, that every frame has left, and
// that no unit was busy for longer than its lanes allow. Of a run that was interrupted, in which
// actors fire again and tokens are sent again, it leaves out how often they fire and send. The
// error joins all violations (the first 20), each wrapping trace.ErrConservation.
func (r *run) checkCounts(s *summary.Run) error {
	c := &counts{}
	r.checkTokens(c, s)
	r.checkCaptured(c, s)
	for i := range r.sums.flows {
		if f := &r.sums.flows[i]; f.first != r.plan.Workload.Frames {
			c.fail("instance %q: %d frames have left, expected %d", f.name, f.first, r.plan.Workload.Frames)
		}
	}
	if s.Header.Restarts == 0 {
		r.checkFirings(c)
	}
	for i := range s.Units {
		u := &s.Units[i]
		if u.Busy < 0 || float64(u.Busy) > float64(s.End)*float64(u.Lanes)*(1+1e-12) {
			c.fail("unit %s of device %s was busy for %v of %v, with %d lanes", u.Unit, u.Device, u.Busy, s.End, u.Lanes)
		}
	}
	return c.err()
}

// checkTokens checks what became of the tokens that were sent. All of a FIFO have its bytes.
func (r *run) checkTokens(c *counts, s *summary.Run) {
	for i := range r.fifos {
		b := &r.fifos[i]
		if b.name == "" {
			continue
		}
		if n := &b.sums; n.tokens != n.received+n.lost+n.underway {
			c.fail("FIFO %s: %d tokens and %d bytes sent, %d and %d received, %d and %d lost, %d tokens under way", b.name,
				n.tokens, n.tokens*b.bytes, n.received, n.received*b.bytes, n.lost, n.lost*b.bytes, n.underway)
		}
		if b.tokens != nil && b.crossed != b.sums.tokens*b.bytes+b.lost() {
			c.fail("FIFO %s: %d bytes crossed link %s, %d of tokens and %d that were lost", b.name, b.crossed, b.link,
				b.sums.tokens*b.bytes, b.lost())
		}
		if s.Header.Restarts > 0 {
			continue
		}
		want := r.fired(r.graph.FIFOs[i].From) * int64(b.frames.Rate)
		if least, most := r.graph.Rate(i); least != most {
			want = r.active(r.graph.FIFOs[i].From)
		}
		if b.sums.tokens != want {
			c.fail("FIFO %s: %d tokens sent, its producer made %d", b.name, b.sums.tokens, want)
		}
	}
}

// active returns the sum of the atr of all frames, for an actor in a dynamic part or at its border.
func (r *run) active(a int) (sum int64) {
	by := r.sums.varying[r.sums.at[a]].by
	for n := range r.plan.Workload.Frames {
		sum += int64(by.of(n))
	}
	return sum
}

// checkCaptured checks what became of the frames that sources captured.
func (r *run) checkCaptured(c *counts, s *summary.Run) {
	for _, n := range s.Header.Captured {
		if entered := n.Captured - n.Dropped - n.Waiting; s.Header.Restarts == 0 && entered != r.fired(n.Actor) {
			c.fail("source %s: %d frames captured, %d dropped, %d left waiting, and it fired %d times", n.Name, n.Captured,
				n.Dropped, n.Waiting, r.fired(n.Actor))
		}
	}
}

// checkFirings checks how often actors fired.
func (r *run) checkFirings(c *counts) {
	for _, flow := range r.laws.Flows {
		for _, a := range flow {
			if n, want := r.fired(a), r.fired(flow[0]); n != want {
				c.fail("actor %s fired %d times, actor %s of the same flow %d times", r.graph.Actors[a].Name, n,
					r.graph.Actors[flow[0]].Name, want)
			}
		}
	}
	for _, p := range r.laws.Parts {
		asked := int64(0)
		for n := range r.plan.Workload.Frames {
			if r.choosers[p.Config].of(n) > 0 {
				asked++
			}
		}
		for _, a := range p.Inner {
			if n := r.sums.varying[r.sums.at[a]].fired; n != asked {
				c.fail("actor %s fired %d times, and %d frames have an atr of 1 or more", r.graph.Actors[a].Name, n, asked)
			}
		}
	}
}
