package failure

import "time"

// Process says when something fails at random: it is up for a time of Crash, from the start or a
// repair on, then down for one of Repair, and so on (an alternating renewal process: D. R. Cox,
// Renewal Theory, 1962, chapter 7). In the long run it is up for the share
// MTBF / (MTBF + MTTR) of the time, of the means of both.
type Process struct {
	Crash  Times `json:"crash"`
	Repair Times `json:"repair"`
	// Until is when it fails no more, since the run's start; 0: never.
	Until time.Duration `json:"until_ns,omitempty"`
}

// Outages gives the times at which something is down, one after the other. The zero Outages has
// none. What fails for the n-th time is drawn by that number alone.
type Outages struct {
	process Process
	seed    uint64
	number  uint64
	at      time.Duration // the end of the last one
	once    bool          // there is one, from at on
	length  time.Duration
}

// Random returns the outages of a process under a seed.
func Random(p Process, seed uint64) Outages { return Outages{process: p, seed: seed} }

// Once returns one outage.
func Once(at, length time.Duration) Outages { return Outages{once: true, at: at, length: length} }

// Next returns the next outage, in time since the run's start, and false if there is none.
func (o *Outages) Next() (from, to time.Duration, ok bool) {
	switch {
	case o.once:
		o.once = false
		return o.at, o.at + o.length, true
	case o.process.Crash.Kind == "" || o.at > MaxTime:
		return 0, 0, false
	}
	from = o.at + o.process.Crash.Of(o.seed, 2*o.number)
	if u := o.process.Until; from > MaxTime || u > 0 && from >= u {
		o.at = MaxTime + 1
		return 0, 0, false
	}
	to = from + o.process.Repair.Of(o.seed, 2*o.number+1)
	o.number++
	o.at = to
	return from, to, true
}
