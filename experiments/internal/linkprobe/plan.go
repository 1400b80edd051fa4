package linkprobe

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// The indices of what a plan of Sending has.
const (
	FIFO = 0 // from the source to the sink
	Sink = 1 // of its actors
)

// sending is Sending for tokens that are probed, after those of the warm-up.
func sending(from, to string, s *step, load plan.Workload) (*plan.Plan, error) {
	load.Warmup = warmup
	load.Frames += warmup
	return Sending(fmt.Sprintf("probe %s to %s with %d bytes", from, to, s.bytes), from, to, s.bytes, s.capacity, load)
}

// warmup is how many tokens don't count.
const warmup = 3

// Sending returns a named plan whose source, on one device, sends tokens of so many bytes to a
// sink on another over an unshaped link; capacity tokens at most, or as many as is usual if it is
// 0, are on their way or wait for that.
func Sending(name, from, to string, bytes int64, capacity int, load plan.Workload) (*plan.Plan, error) {
	unit := []plan.Unit{{Name: "cpu"}}
	return compile.Compile(&planfile.File{
		Plan: name,
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
