package enginetest

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/plan"
)

// scenarios returns plans of the workloads whose frames come in queries, under a bound, or as
// they were recorded.
func scenarios() []*plan.Plan {
	var cases []*plan.Plan
	for _, devices := range [][]int{{0, 0, 0}, {0, 1, 1}, {0, 1, 0}} {
		b := NewBuilder(fmt.Sprint("queries of three frames on devices ", devices), 12, 1, 2)
		c := b.Chain(1, 2, devices...)
		b.FIFO(c[len(c)-1], c[0], 1, 3, 6)
		b.Plan().Workload = plan.Workload{Kind: plan.MultiStream, Frames: 12, Samples: 3}
		cases = append(cases, b.Plan())
	}
	server := NewBuilder("server", 20, 1, 1)
	server.Chain(1, 2, 0, 1)
	server.Plan().Workload = plan.Workload{Kind: plan.ServerScenario, Frames: 20, Rate: 2000, Bound: time.Second}
	times := []int64{0, 50_000, 50_000, 1_000_000, 1_200_000, 4_000_000}
	recorded := NewBuilder("recorded arrivals", int64(len(times)), 1, 1)
	recorded.Chain(1, 2, 0, 1)
	recorded.Plan().Workload = plan.Workload{
		Kind: plan.Recorded, Frames: int64(len(times)), Record: &arrival.Record{TimesNs: times},
	}
	looped := NewBuilder("recorded arrivals that begin anew, and are dropped", 20, 1, 1)
	looped.Chain(1, 1, 0, 1)
	looped.Plan().Workload = plan.Workload{
		Kind: plan.Recorded, Frames: 20, Drop: admission.Newest, Phase: plan.RandomPhase,
		Record: &arrival.Record{TimesNs: times, LoopNs: 4_100_000},
	}
	return append(cases, server.Plan(), recorded.Plan(), looped.Plan())
}
