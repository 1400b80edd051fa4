package trace

// Part is a dynamic part of a plan: what happens in it follows from the atr that
// its configuration actor sets frame by frame.
type Part struct {
	Config int   // actor whose firings' Rate is the atr
	Inner  []int // actors that fire for frames with an atr of 1 or more, and no others
	FIFOs  []int // those that carry as many tokens per frame as the atr
}

// course follows what an atr rules, firings or tokens, through the frames.
type course struct {
	config int
	once   bool    // for a frame with an atr of 1 or more there is one, whatever the atr is
	frame  int64   // that is due
	count  int32   // of that frame so far
	any    bool    // there was one
	wrong  bool    // it is not as the rates say
	at     int64   // the first frame for which it is not
	early  []int64 // frames of those that came before their rates were known
}

// due returns how many belong to a frame of the given atr.
func (k *course) due(rate int32) int32 {
	if k.once {
		return min(rate, 1)
	}
	return rate
}

// pass leaves the frames before n behind, whose rates are known.
func (k *course) pass(rates []int32, n int64) {
	for ; k.frame < n; k.frame++ {
		if want := k.due(rates[k.frame]); k.count != want {
			k.fails(k.frame)
		}
		k.count = 0
	}
}

func (k *course) fails(frame int64) {
	if !k.wrong {
		k.wrong, k.at = true, frame
	}
}

// add takes the next one, of a frame.
func (k *course) add(rates []int32, frame int64) {
	k.any = true
	if frame < 0 || frame >= int64(len(rates)) || len(k.early) > 0 {
		k.early = append(k.early, frame)
		return
	}
	if frame < k.frame {
		k.fails(frame)
		return
	}
	k.pass(rates, frame)
	k.count++
}

// end takes those that came early and goes through the rest of the frames.
func (k *course) end(rates []int32) {
	early := k.early
	k.early = nil
	for _, frame := range early {
		if frame < 0 || frame >= int64(len(rates)) {
			k.fails(frame)
			continue
		}
		k.add(rates, frame)
	}
	k.pass(rates, int64(len(rates)))
}

// inPart notes what a firing means for dynamic parts; it returns whether the actor
// may pass over frames.
func (c *Checker) inPart(e *Event) bool {
	if len(c.laws.Parts) == 0 {
		return false
	}
	if rates, ok := c.rates[e.Actor]; ok {
		c.rates[e.Actor] = append(rates, int32(e.Rate))
	}
	k := c.inner[e.Actor]
	if k != nil {
		k.add(c.rates[k.config], e.Frame)
	}
	return k != nil
}

// burst notes what a token means for dynamic parts.
func (c *Checker) burst(e *Event) {
	if k := c.dynamic[e.FIFO]; k != nil {
		k.add(c.rates[k.config], e.Frame)
	}
}

// parts checks dynamic parts against the rates that were set.
func (c *Checker) parts() {
	for _, p := range c.laws.Parts {
		rates := c.rates[p.Config]
		on := 0
		for _, n := range rates {
			if n > 0 {
				on++
			}
		}
		for _, a := range p.Inner {
			k := c.inner[a]
			if k.end(rates); k.wrong {
				c.fired = grow(c.fired, a)
				c.fail("actor %d fired for %d frames; its configuration actor %d let it for %d, or for others", a,
					c.fired[a], p.Config, on)
			}
		}
		for _, f := range p.FIFOs {
			k := c.dynamic[f]
			if !k.any {
				continue
			}
			k.end(rates)
			switch {
			case !k.wrong:
			case k.at >= 0 && k.at < int64(len(rates)):
				c.fail("FIFO %s: not %d tokens were sent for frame %d", c.fifos[f].name, rates[k.at], k.at)
			default:
				c.fail("FIFO %s: a token was sent for frame %d beyond its atr", c.fifos[f].name, k.at)
			}
		}
	}
}
