package result

import (
	"fmt"
)

// Scenario is what counts of a run by its kind of workload: the metric of the MLPerf scenario that
// it is. See plan.WorkloadKind.
type Scenario struct {
	Kind string `json:"kind"`
	// Percentile is the share of queries, from 0 to 1, whose latency is Latency or less, in s, by
	// nearest rank; 0 of an offline run.
	Percentile float64 `json:"percentile,omitempty"`
	Latency    float64 `json:"latency_s,omitempty"`
	Queries    int     `json:"queries,omitempty"` // that counted; of multi-stream, of SamplesPerQuery frames each
	Samples    int     `json:"samples_per_query,omitempty"`
	// Rate is the frames per second at the sink, of server and offline runs.
	Rate float64 `json:"rate,omitempty"`
	// Bound, of a server run, is what Latency must not be above, in s, and Met says whether it isn't.
	Bound float64 `json:"latency_bound_s,omitempty"`
	Met   bool    `json:"met,omitempty"`
}

// String says it in words.
func (s *Scenario) String() string {
	latency := fmt.Sprintf("p%g latency", 100*s.Percentile)
	switch {
	case s.Bound > 0:
		met := "met"
		if !s.Met {
			met = "not met"
		}
		return fmt.Sprintf("%s: %.2f frames/s; %s %v, bound %v: %s", s.Kind, s.Rate, latency, ofSeconds(s.Latency),
			ofSeconds(s.Bound), met)
	case s.Samples > 0:
		return fmt.Sprintf("%s: %s %v of %d queries of %d frames", s.Kind, latency, ofSeconds(s.Latency), s.Queries,
			s.Samples)
	case s.Percentile > 0:
		return fmt.Sprintf("%s: %s %v of %d frames", s.Kind, latency, ofSeconds(s.Latency), s.Queries)
	}
	return fmt.Sprintf("%s: %.2f frames/s", s.Kind, s.Rate)
}
