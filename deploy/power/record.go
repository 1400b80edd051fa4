package power

import (
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
	series []energy.Series
	failed []error // by rail: the last error
	totals []bool
	every  time.Duration
}

// Record begins to sample meters, each at its own rate but not more often than every 10 ms.
// now gives the time of a sample, in ns on the clock that the series are wanted on; it is
// asked before and after a reading, which counts as of the middle. The caller stops the
// recording, and reads none of the meters until then.
func Record(meters []Meter, now func() int64) *Recording {
	r := &Recording{stop: make(chan struct{})}
	for _, m := range meters {
		about := m.About()
		one := &recorder{meter: m, every: max(about.Period, least), failed: make([]error, len(about.Rails))}
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
	for i, r := range readings {
		if r.Err != nil {
			one.failed[i] = r.Err
			continue
		}
		s := &one.series[i]
		if n := len(s.Samples); n == 0 || at > s.Samples[n-1].AtNs {
			s.Samples = append(s.Samples, energy.Sample{AtNs: at, Value: r.Value})
		}
	}
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
