package explore_test

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/core/explore"
)

// A camera and a network of two halves, on an endpoint and a server four times as fast.
func ExampleFind() {
	p := &explore.Problem{
		Tasks: []explore.Task{
			{Name: "camera", Nanos: []float64{1e6, -1}},
			{Name: "head", Nanos: []float64{20e6, 5e6}},
			{Name: "tail", Nanos: []float64{80e6, 20e6}},
		},
		Nets: []explore.Net{
			{From: 0, To: []int{1}, Bytes: 270_000, Raw: true},
			{From: 1, To: []int{2}, Bytes: 90_000},
		},
		Units:    []explore.Unit{{Name: "endpoint.cpu"}, {Name: "server.cpu", Device: 1}},
		Devices:  []explore.Device{{Name: "endpoint", Endpoint: true}, {Name: "server"}},
		Channels: 2,
	}
	p.Hop = func(net, from, _ int) (explore.Hop, bool) { // 12.5 MB/s
		ns := p.Nets[net].Bytes / 12.5e6 * 1e9
		return explore.Hop{Channel: from, Occupancy: ns, Sending: ns}, true
	}
	goal := explore.Goal{
		Objectives: []explore.Objective{{Metric: explore.Latency}},
		Limits:     []explore.Limit{{Objective: explore.Objective{Metric: explore.Raw}, Max: 0}},
	}
	a, err := explore.Find(context.Background(), p, goal, explore.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Front[0].Units, a.Front[0].Values.Latency/1e6, "ms", a.Method, a.Proven)
	// Output: [0 0 1] 48.2 ms branch and bound true
}
