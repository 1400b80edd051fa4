//go:build hosts

package hosts

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// counted is a plan without a model: frames that are numbered, 20 a second because of the
// emulated link.
const counted = `plan: counted
application:
  name: counted
  actors:
    - {name: source, kernel: count, out: [{port: out, type: "float32[100,6]"}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos: [{from: source.out, to: sink.in}]
platform:
  devices:
    - {name: endpoint, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links: [{name: wired, between: [endpoint, server], bandwidth_bytes_per_sec: 48e3}]
instances:
  - mapping: [{unit: endpoint.cpu, through: source}, {unit: server.cpu}]
workload: {kind: offline, frames: 200}
`

// task is a plan with the results that it must have.
type task struct {
	path  string // of the plan
	want  []trace.Result
	token int64 // bytes of what the endpoint sends for a frame
}

// check fails the test unless verify finds nothing.
func (k *task) check(t *testing.T, run *hoststest.Process) {
	t.Helper()
	require.NoError(t, k.verify(run))
}

// verify waits for the end of a run, and returns an error unless it gave every frame once, in
// order and with the results that it gives in one process, in every bit.
func (k *task) verify(run *hoststest.Process) error {
	found, err := runs(run)
	if err != nil {
		return err
	}
	file, err := os.Open(found[0].Results)
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := trace.ReadResults(file)
	if err != nil {
		return err
	}
	same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }
	for i, w := range k.want {
		if i >= len(got) {
			break
		}
		g := got[i]
		if g.Instance != w.Instance || g.Frame != w.Frame || !slices.EqualFunc(g.Values, w.Values, same) {
			return fmt.Errorf("result %d is %+v, want %+v", i, g, w)
		}
	}
	if len(got) != len(k.want) {
		return fmt.Errorf("%d frames at the sink, want %d", len(got), len(k.want))
	}
	return nil
}

// newTask writes a plan and computes in this process what it must give.
func newTask(t *testing.T, f *planfile.File, models compile.Models) *task {
	t.Helper()
	p, err := compile.Compile(f, models)
	require.NoError(t, err)
	d := &local.Driver{Kernels: builtin.Registry(), Models: models,
		Data: func(name string) (string, error) { return dataset(t, name), nil }}
	want, _, err := d.Results(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, want, int(f.Workload.Frames))
	text, err := yaml.Marshal(f)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plan.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o644))
	k := &task{path: path, want: want}
	for i, fifo := range p.Graph.FIFOs {
		if p.Work[fifo.From].Device != p.Work[fifo.To].Device {
			k.token += p.Graph.Type(i).Bytes()
		}
	}
	return k
}

// countedTask returns that of a plan without a model.
func countedTask(t *testing.T) *task {
	t.Helper()
	f, err := planfile.Parse("counted.yaml", []byte(counted))
	require.NoError(t, err)
	return newTask(t, f, nil)
}

// dataset returns the path of a data set in the cache.
func dataset(t *testing.T, name string) string {
	t.Helper()
	dir, err := datasets.DefaultDir()
	require.NoError(t, err)
	path, err := (&datasets.Store{Dir: dir}).Path(name)
	require.NoError(t, err)
	return path
}

var loadLibrary = sync.OnceValue(func() error {
	path, err := ort.Find("")
	if err != nil {
		return err
	}
	return ort.Load(path)
})

// trackingTask returns that of ssd-tracking, cut in the midst of its model, with all frames
// in flight that the FIFOs hold.
func trackingTask(t *testing.T, frames int64) *task {
	t.Helper()
	require.NoError(t, loadLibrary())
	path := filepath.Join("..", "..", "ssd-tracking", "experiment.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	s, err := spec.Parse(path, text)
	require.NoError(t, err)
	models := compile.Models{}
	for _, a := range s.Application.Actors {
		if a.Model != "" {
			models[a.Model], err = model.ForPlans(modelcmd.File(dataset(t, a.Model)))
			require.NoError(t, err)
		}
	}
	unit := []plan.Unit{{Name: "cpu", Lanes: 1, Threads: 1}}
	return newTask(t, &planfile.File{
		Plan: "tracking through faults", Application: s.Application,
		Platform: plan.Platform{
			Devices: []plan.Device{{Name: "endpoint", Role: plan.Endpoint, Units: unit},
				{Name: "server", Role: plan.Server, Units: slices.Clone(unit)}},
			Links: []plan.Link{{Name: "link", Between: []string{"endpoint", "server"}}},
		},
		Instances: []planfile.Instance{
			{Mapping: []planfile.Assign{{Unit: "endpoint.cpu", Through: s.Together.Through}, {Unit: "server.cpu"}}},
		},
		Workload: plan.Workload{Kind: plan.Offline, Frames: frames},
		Seed:     s.Seed,
	}, models)
}
