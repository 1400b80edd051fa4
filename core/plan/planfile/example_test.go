package planfile_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// Every error names its place in the file, and all errors are reported.
func ExampleFile_Check() {
	file, err := planfile.Parse("plan.yaml", []byte(`plan: two
application:
  name: two
  actors:
    - {name: camera, kernel: camera, out: [{port: frame, type: "uint8[96,96,3]"}]}
    - {name: sink, kernel: sink, in: [{port: frame}]}
  fifos:
    - {from: camera.frame, to: sink.frame}
platform:
  name: one
  devices:
    - {name: box, role: endpoint, units: [{name: cpu, slowdown: 0.5}]}
instances:
  - mapping: [{unit: box.cpu}]
workload: {kind: offline, frames: 0}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Check())
	// Output:
	// bad input: plan.yaml:12:65: bad platform: unit box.cpu: slowdown 0.5; a unit can't be emulated faster than the machine, expected at least 1
	// bad input: plan.yaml:15:35: bad workload: 0 frames; expected at least 1
}
