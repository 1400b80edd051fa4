package linkprobe

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// The indices of what a probing plan has.
const (
	fifo   = 0 // from the source to the sink
	source = 0
	sink   = 1
)

// warmup is how many tokens don't count.
const warmup = 3

// sending returns a plan that sends tokens of so many bytes from one device to another; so
// many at most are on their way or wait for that.
func sending(from, to string, bytes int64, capacity int, load plan.Workload) (*plan.Plan, error) {
	unit := []plan.Unit{{Name: "cpu"}}
	load.Warmup = warmup
	load.Frames += warmup
	return compile.Compile(&planfile.File{
		Plan: fmt.Sprintf("probe %s to %s with %d bytes", from, to, bytes),
		Application: planfile.Application{
			Name: "probe",
			Actors: []planfile.ActorSpec{
				{Name: "source", Kernel: "count", Out: []planfile.PortSpec{{Port: "out", Type: fmt.Sprintf("uint8[%d]", bytes)}}},
				{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "in"}}},
			},
			FIFOs: []planfile.FIFOSpec{{From: "source.out", To: "sink.in", Capacity: capacity}},
		},
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: from, Role: plan.Endpoint, Units: unit}, {Name: to, Role: plan.Server, Units: unit}},
			Links:   []plan.Link{{Name: "probed", Between: []string{from, to}}},
		},
		Instances: []planfile.Instance{
			{Mapping: []planfile.Assign{{Unit: from + ".cpu", Through: "source"}, {Unit: to + ".cpu"}}},
		},
		Workload: load,
	}, nil)
}
