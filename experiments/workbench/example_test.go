package workbench_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/experiments/cli"
	"github.com/edgeprune/edgeprune/experiments/workbench"
)

// steps is a source of one's own: a kernel of an actor without inputs. Frame n is all n.
// It can show any frame again, as it counts nothing.
type steps struct{}

func newSteps(s kernel.Spec) (kernel.Kernel, error) {
	return steps{}, s.CheckPorts(nil, []string{"float32[1,n]"})
}

func (steps) Fire(f *kernel.Firing) error {
	out := kernel.View[float32](f.Out[0][0])
	for i := range out {
		out[i] = float32(f.Frame)
	}
	return nil
}

func (steps) Close() error { return nil }

// scale multiplies by its parameter factor.
type scale struct{ factor float32 }

func newScale(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	factor := p.Float("factor", 2, 0, 100)
	if err := p.Done(); err != nil {
		return nil, err
	}
	return &scale{float32(factor)}, s.CheckPorts([]string{"float32[1,n]"}, []string{"float32[1,n]"})
}

func (k *scale) Fire(f *kernel.Firing) error {
	out := kernel.View[float32](f.Out[0][0])
	for i, v := range kernel.View[float32](f.In[0][0]) {
		out[i] = k.factor * v
	}
	return nil
}

func (*scale) Close() error { return nil }

const louder = `plan: louder
application:
  name: louder
  actors:
    - {name: steps, kernel: steps, out: [{port: values, type: "float32[1,4]"}]}
    - name: louder
      kernel: scale
      params: {factor: 3}
      in: [{port: values}]
      out: [{port: values, type: "float32[1,4]"}]
    - {name: sink, kernel: sink, in: [{port: values}]}
  fifos:
    - {from: steps.values, to: louder.values}
    - {from: louder.values, to: sink.values}
platform:
  devices:
    - {name: box, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [box, server], bandwidth_bytes_per_sec: 2.3e6, latency: 2ms}
instances:
  - mapping: [{unit: box.cpu, through: steps}, {unit: server.cpu}]
workload: {kind: offline, frames: 5}
`

// A program with a source and a kernel of its own. Its main function is
//
//	func main() {
//		workbench.Main(workbench.Kernel("steps", newSteps), workbench.Kernel("scale", newScale))
//	}
//
// Run does the same for one command in an environment of the caller's: here mine check
// louder.yaml.
func Example() {
	dir, err := os.MkdirTemp("", "louder-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "louder.yaml")
	if err := os.WriteFile(path, []byte(louder), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	env, out := cli.Process(), &bytes.Buffer{}
	env.Args, env.Stdout = []string{"mine", "check", path}, out
	code := workbench.Run(context.Background(), env,
		workbench.Kernel("steps", newSteps), workbench.Kernel("scale", newScale))
	head, _, _ := strings.Cut(out.String(), "note:")
	fmt.Print(head)
	fmt.Println("exit code", code)
	// Output:
	// plan louder: ok, 3 actors, 2 FIFOs, 0 dynamic parts
	// rates are consistent, memory is bounded, there is no deadlock
	// exit code 0
}
