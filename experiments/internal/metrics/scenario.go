package metrics

import (
	"math"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// Percentiles of latency that MLPerf Inference takes for the result of single and multiple streams:
// single_stream_target_latency_percentile and multi_stream_target_latency_percentile of LoadGen.
const (
	singleStream = 0.9
	multiStream  = 0.99
)

// queries adds up the latencies of queries of several frames, which come one after another.
type queries struct {
	number      int64 // of the query at hand
	frames      int
	begin, last int64 // of its frames, in ns on the clock of the sink
	all         samples
}

// add takes a frame of a query of so many. A query of which frames are missing is left out.
func (q *queries) add(f *passing, samples int) {
	left := f.left.Middle()
	begin := left - f.latency.Middle()
	if n := f.number / int64(samples); q.frames == 0 || n != q.number {
		q.number, q.frames, q.begin, q.last = n, 0, begin, left
	}
	q.begin, q.last = min(q.begin, begin), max(q.last, left)
	if q.frames++; q.frames == samples {
		q.all.Add(q.last - q.begin)
		q.frames = 0
	}
}

// atRank returns the value that the share p of samples in ns has or is below, in s.
func atRank(of samples, p float64) float64 {
	n := of.N()
	if n == 0 {
		return 0
	}
	return seconds(of.Ranked().At(min(max(int(math.Ceil(p*float64(n)-1e-9))-1, 0), n-1)))
}

// scenario returns what counts by the kind of workload; nil of kinds that are no scenarios.
func (t *tally) scenario(rate float64) *result.Scenario {
	w := &t.in.plan.Workload
	s := &result.Scenario{Kind: string(w.Kind), Queries: t.latency.middle.N()}
	switch w.Kind {
	case plan.SingleStream:
		s.Percentile = singleStream
	case plan.MultiStream:
		s.Percentile, s.Samples, s.Queries = multiStream, w.Query(), t.queries.all.N()
		if s.Queries == 0 {
			return nil
		}
		s.Latency = atRank(t.queries.all, multiStream)
		return s
	case plan.ServerScenario:
		s.Percentile, s.Rate, s.Bound = w.Quantile(), rate, w.Bound.Seconds()
	case plan.Offline:
		s.Queries, s.Rate = 0, rate
		return s
	case plan.Camera, plan.Poisson, plan.Recorded:
		return nil
	}
	s.Latency = atRank(t.latency.middle, s.Percentile)
	s.Met = s.Bound > 0 && s.Latency <= s.Bound
	return s
}
