package power

import (
	"fmt"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
)

// gapPeriods is how many periods two samples may be apart. Beyond, what lies between is not
// known: the meter failed, or nobody got to read it.
const gapPeriods = 4

// least is how often a meter is read at most: a counter loses nothing by it, and reading must
// not take what is to be measured.
const least = 10 * time.Millisecond

// Recording samples meters until it is stopped.
type Recording struct {
	stop chan struct{}
	done sync.WaitGroup
	of   []*recorder
}

// recorder is what one goroutine samples of one meter.
type recorder struct {
	meter  Meter
	totals []bool
	every  time.Duration

	mu     sync.Mutex
	series []energy.Series
	failed []error         // by rail: the last error
	live   []energy.Amount // by rail: from its first sample to its last one
}

// Record begins to sample meters, each at its own rate but not more often than every 10 ms.
// now gives the time of a sample, in ns on the clock that the series are wanted on; it is
// asked before and after a reading, which counts as of the middle. The caller stops the
// recording, and reads none of the meters until then.
func Record(meters []Meter, now func() int64) *Recording {
	r := &Recording{stop: make(chan struct{})}
	for _, m := range meters {
		about := m.About()
		rails := len(about.Rails)
		one := &recorder{meter: m, every: max(about.Period, least), failed: make([]error, rails),
			live: make([]energy.Amount, rails)}
		for _, rail := range about.Rails {
			one.totals = append(one.totals, rail.InTotal)
			one.series = append(one.series, energy.Series{
				Meter: about.Name, Rail: rail.Label, Counter: rail.Counter, WrapJoules: rail.WrapJoules,
				MeterPeriodNs: int64(about.Period), SamplePeriodNs: int64(one.every), GapNs: int64(gapPeriods * one.every),
			})
		}
		r.of = append(r.of, one)
		r.done.Go(func() { one.run(r.stop, now) })
	}
	return r
}

func (one *recorder) run(stop <-chan struct{}, now func() int64) {
	tick := time.NewTicker(one.every)
	defer tick.Stop()
	for {
		one.sample(now)
		select {
		case <-stop:
			one.sample(now) // what lies after the last tick is covered, too
			return
		case <-tick.C:
		}
	}
}

func (one *recorder) sample(now func() int64) {
	before := now()
	readings := one.meter.Read()
	at := before + (now()-before)/2
	one.mu.Lock()
	defer one.mu.Unlock()
	for i, r := range readings {
		if r.Err != nil {
			one.failed[i] = r.Err
			continue
		}
		s := &one.series[i]
		if n := len(s.Samples); n == 0 || at > s.Samples[n-1].AtNs {
			s.Samples = append(s.Samples, energy.Sample{AtNs: at, Value: r.Value})
			one.live[i] = later(one.live[i], s)
		}
	}
}

// later adds to the energy of a rail what lies between its last two samples. A step that can't be
// is not covered.
func later(sum energy.Amount, s *energy.Series) energy.Amount {
	n := len(s.Samples)
	if n < 2 {
		return sum
	}
	step := *s
	step.Samples = s.Samples[n-2:]
	from, to := step.Samples[0].AtNs, step.Samples[1].AtNs
	a, _ := step.Between(from, to)
	sum.Joules, sum.BoundJoules = sum.Joules+a.Joules, sum.BoundJoules+a.BoundJoules
	sum.CoveredNs, sum.WholeNs = sum.CoveredNs+a.CoveredNs, sum.WholeNs+to-from
	return sum
}

// Live returns the energy of the total so far, in a recording that may go on. If a rail of it is
// missing, so is the total: the error wraps energy.ErrMissing.
func (r *Recording) Live() (total energy.Amount, err error) {
	first := true
	for _, one := range r.of {
		one.mu.Lock()
		for i, a := range one.live {
			switch {
			case !one.totals[i]:
			case a.CoveredNs == 0 && err == nil:
				s := &one.series[i]
				err = fmt.Errorf("%w: %s, rail %s was read %d times", energy.ErrMissing, s.Meter, s.Rail, len(s.Samples))
				if one.failed[i] != nil {
					err = fmt.Errorf("%w: %w", err, one.failed[i])
				}
			case first:
				total, first = a, false
			default:
				total = total.Plus(a)
			}
		}
		one.mu.Unlock()
	}
	if first && err == nil {
		err = fmt.Errorf("%w: no meter has a rail in the total", energy.ErrMissing)
	}
	if err != nil {
		return energy.Amount{}, err
	}
	return total, nil
}

// Recorded is what a recording holds.
type Recorded struct {
	Series []energy.Series // all rails
	Total  []int           // those of Series whose sum is the total
	// Missing are the rails that could not be read at some time, with the last reason.
	Missing []Missing
}

// Stop ends the recording after a last sample and returns what it holds.
func (r *Recording) Stop() Recorded {
	close(r.stop)
	r.done.Wait()
	var all Recorded
	for _, one := range r.of {
		for i := range one.series {
			if one.totals[i] {
				all.Total = append(all.Total, len(all.Series))
			}
			all.Series = append(all.Series, one.series[i])
			if err := one.failed[i]; err != nil {
				all.Missing = append(all.Missing, Missing{one.series[i].Meter + ", " + one.series[i].Rail, err.Error()})
			}
		}
	}
	return all
}

// TotalOver returns the energy of the total over intervals. If a rail of it is missing, so
// is the total.
func (r *Recorded) TotalOver(intervals []energy.Interval) (energy.Amount, error) {
	var rails []*energy.Series
	for _, i := range r.Total {
		rails = append(rails, &r.Series[i])
	}
	return energy.Total(rails, intervals)
}
