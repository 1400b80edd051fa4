package measure

import "time"

// eta guesses the time left from the predicted time of every case and how far
// the guesses were off so far.
type eta struct {
	weights []float64
	start   time.Time
	passed  float64
	now     func() time.Time
}

func (r *Runner) estimate(chosen []int) *eta {
	e := &eta{start: r.Now(), now: r.Now}
	load := r.Experiment.Spec.Workload
	for _, i := range chosen {
		w := 1.0 // loading and its like, in s
		if s := r.sweep.Rows[i].Stored; s != nil {
			w += s.Latency.Median*float64(load.MinFrames+load.Warmup) +
				float64(load.ThroughputFrames)/s.Throughput.Value
			if r.Experiment.FramesGiven() {
				w = 3 + float64(r.frames(&r.sweep.Rows[i]))/s.Throughput.Value
			}
		}
		e.weights = append(e.weights, w)
	}
	return e
}

func (e *eta) done(n int) { e.passed += e.weights[n] }

func (e *eta) left(n int) time.Duration {
	rest := 0.0
	for _, w := range e.weights[n:] {
		rest += w
	}
	if e.passed > 0 {
		rest *= e.now().Sub(e.start).Seconds() / e.passed
	}
	return time.Duration(rest * float64(time.Second)).Round(time.Second)
}
