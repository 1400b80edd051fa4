package engine

// met counts off one condition of an actor; at the last it fires, queues or skips.
func (e *Engine) met(now int64, i int32, effects []Effect) []Effect {
	a := &e.actors[i]
	a.waits--
	if a.waits > 0 {
		return effects
	}
	if a.inner && a.rate == 0 {
		return e.skip(now, i, effects)
	}
	if u := &e.units[a.unit]; u.lanes == 0 {
		u.push(i)
		return effects
	}
	return e.fire(now, i, effects)
}

// fire starts a firing of an actor that may fire, on a free lane.
func (e *Engine) fire(now int64, i int32, effects []Effect) []Effect {
	a := &e.actors[i]
	if a.dynamic {
		e.take(a)
	} else {
		for _, place := range e.ins(a) {
			f := &e.fifos[place]
			f.taken += f.rate()
			if f.filled = f.produced-f.taken >= f.need(); !f.filled {
				a.waits++
			}
		}
		for _, place := range e.outs(a) {
			f := &e.fifos[place]
			f.reserved += f.rate()
			if f.free = f.room(); !f.free {
				a.waits++
			}
		}
	}
	e.units[a.unit].lanes--
	e.firings++
	a.firing = true
	a.waits++
	effects = append(effects, Effect{Kind: Fire, Actor: int(a.index), Firing: a.begun})
	if a.paced && a.capture > 0 {
		f, _ := e.captureOf(a).queue.Take()
		effect := &effects[len(effects)-1]
		effect.N, effect.At = int(f.Number), f.AtNs
	}
	a.begun++
	return e.release(now, a, effects)
}

// due returns when an actor is released for an iteration: at once without a schedule.
func (e *Engine) due(a *actor, iteration int64) int64 {
	if a.times == 0 {
		return 0
	}
	return e.times[a.times-1].At(iteration)
}

// release makes an actor wait for its next iteration's time, or for its next frame, or for
// ever after the last one.
func (e *Engine) release(now int64, a *actor, effects []Effect) []Effect {
	if !a.paced {
		return effects
	}
	if a.limit > 0 && a.begun >= a.limit {
		a.waits++
		return effects
	}
	if a.capture > 0 {
		return e.await(now, a, effects)
	}
	if at := e.due(a, a.begun); now < at {
		a.armed = true
		a.waits++
		effects = append(effects, Effect{Kind: ArmTimer, Actor: int(a.index), At: at})
	}
	return effects
}
