package trace

import "slices"

// Part is a dynamic part of a plan: what happens in it follows from the atr that
// its configuration actor sets frame by frame.
type Part struct {
	Config int   // actor whose firings' Rate is the atr
	Inner  []int // actors that fire for frames with an atr of 1 or more, and no others
	FIFOs  []int // those that carry as many tokens per frame as the atr
}

// inPart notes what a firing means for dynamic parts; it returns whether the actor
// may pass over frames.
func (c *checker) inPart(e *Event) bool {
	if len(c.laws.Parts) == 0 {
		return false
	}
	if rates, ok := c.rates[e.Actor]; ok {
		c.rates[e.Actor] = append(rates, e.Rate)
	}
	frames, ok := c.inner[e.Actor]
	if ok {
		c.inner[e.Actor] = append(frames, e.Frame)
	}
	return ok
}

// parts checks dynamic parts against the rates that were set.
func (c *checker) parts() {
	for _, p := range c.laws.Parts {
		rates := c.rates[p.Config]
		var on []int64
		for frame, n := range rates {
			if n > 0 {
				on = append(on, int64(frame))
			}
		}
		for _, a := range p.Inner {
			if !slices.Equal(c.inner[a], on) {
				c.fail("actor %d fired for %d frames; its configuration actor %d let it for %d, or for others", a, len(c.inner[a]),
					p.Config, len(on))
			}
		}
		for _, f := range p.FIFOs {
			if f < len(c.fifos) && len(c.fifos[f].sent) > 0 {
				c.burst(&c.fifos[f], rates)
			}
		}
	}
}

// burst checks that as many tokens were sent for every frame as its atr.
func (c *checker) burst(f *traffic, rates []int) {
	sent := f.sent
	for frame, n := range rates {
		for range n {
			if len(sent) == 0 || sent[0].frame != int64(frame) {
				c.fail("FIFO %s: not %d tokens were sent for frame %d", f.name, n, frame)
				return
			}
			sent = sent[1:]
		}
	}
	if len(sent) > 0 {
		c.fail("FIFO %s: a token was sent for frame %d beyond its atr", f.name, sent[0].frame)
	}
}
