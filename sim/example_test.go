package sim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
)

// The server dies in the middle of a run and is back two seconds later. The endpoint
// counts it as lost after one and half a second later runs the classifier itself.
func ExampleDriver_Run_fault() {
	file, err := planfile.Parse("fault.yaml", []byte(`
plan: fault
application:
  name: classification
  actors:
    - {name: camera, kernel: camera, out: [{port: frame, type: "uint8[96,96,3]"}]}
    - {name: classify, kernel: classify, in: [{port: frame}], out: [{port: scores, type: "float32[4]"}]}
    - {name: sink, kernel: sink, in: [{port: scores}]}
  fifos:
    - {from: camera.frame, to: classify.frame}
    - {from: classify.scores, to: sink.scores}
platform:
  name: testbed
  devices:
    - {name: box, role: endpoint, units: [{name: cpu, slowdown: 10}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [box, server], bandwidth_bytes_per_sec: 2.3e6, latency: 2ms}
instances:
  - mapping: [{unit: server.cpu, actors: [classify]}, {unit: box.cpu}]
    fallback: {after: 500ms, unit: box.cpu}
workload: {kind: camera, frames: 50, period: 100ms}
faults:
  - {device: server, at: 2s, for: 2s, detect: 1s}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := compile.Compile(file, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := &sim.Driver{Cost: sim.Constant(2 * time.Millisecond)}
	t, err := d.Run(context.Background(), p)
	if err != nil {
		fmt.Println(err)
		return
	}
	on := map[string]int{}
	results, longest, last := 0, int64(0), int64(0)
	for _, e := range t.Events {
		if e.Kind == trace.Firing && p.Graph.Actors[e.Actor].Kernel == "classify" {
			on[e.Device]++
		}
		if e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			results++
			longest, last = max(longest, e.End-last), e.End
		}
	}
	fmt.Printf("%d restart, %d results, none for %v\n", t.Restarts, results,
		time.Duration(longest).Round(time.Millisecond))
	fmt.Printf("classified: %d on the server, %d on the box\n", on["server"], on["box"])
	// Output:
	// 1 restart, 50 results, none for 1.582s
	// classified: 42 on the server, 9 on the box
}
