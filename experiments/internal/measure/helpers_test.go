package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// toyModel builds three convolutions, each with its activation: relu0 to relu2.
func toyModel(t testing.TB) plan.Models {
	t.Helper()
	b := onnx.NewBuilder("toy")
	b.Input("image", onnx.Float32, 1, 3, 8, 8)
	from, in := "image", int64(3)
	for k, out := range []int64{4, 4, 2} {
		w := make([]float32, out*in*9)
		for i := range w {
			w[i] = float32((i*7+k)%11-4) / 40
		}
		name := fmt.Sprintf("relu%d", k)
		b.Floats("w"+name, w, out, in, 3, 3)
		b.Value("conv"+name, onnx.Float32, 1, out, 8, 8)
		b.Node("Conv", []string{from, "w" + name}, []string{"conv" + name}, onnx.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		if k < 2 {
			b.Value(name, onnx.Float32, 1, out, 8, 8)
		}
		b.Node("Relu", []string{"conv" + name}, []string{name})
		from, in = name, out
	}
	b.Output("relu2", onnx.Float32, 1, 2, 8, 8)
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "toy.onnx")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := LoadModel(path)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Models{"toy": m}
}

func toySpec(t testing.TB) *Spec { return testSpec(t, "toy") }

// testSpec reads an experiment in testdata.
func testSpec(t testing.TB, name string) *Spec {
	t.Helper()
	path := filepath.Join("testdata", name, "experiment.yaml")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseSpec(path, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cost is what a firing of actor a takes under the driver: a millisecond a
// segment, 50 us anything else.
func cost(p *plan.Plan, a int) time.Duration {
	if w := p.Work[a]; w.Model != "" {
		return time.Duration(w.To-w.From) * time.Millisecond
	}
	return 50 * time.Microsecond
}

// toyProfile holds the cost of everything in plans.
func toyProfile(plans []*plan.Plan) *profile.Profile {
	p := &profile.Profile{Machine: "made up", Entries: map[string]profile.Entry{}}
	for _, pl := range plans {
		for a, w := range pl.Work {
			p.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{cost(pl, a)}}
		}
	}
	return p
}

// driver stands for both drivers: one firing after the other, in precedence
// order, but for those that an atr of 0 skips, and made-up records of the sinks.
type driver struct {
	name  string
	ran   []string                       // names of plans
	spoil func(*plan.Plan, *trace.Trace) // of a finished run; may be nil
	fail  func(*plan.Plan) error         // before a run; may be nil
}

func (d *driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.ran = append(d.ran, p.Name)
	t := &trace.Trace{Plan: p.Name, Driver: d.name, Seed: p.Seed, Emulated: p.Emulated()}
	if d.fail != nil {
		if err := d.fail(p); err != nil {
			t.Partial = err.Error()
			return t, err
		}
	}
	order, err := graph.Order(p.Graph)
	if err != nil {
		return nil, err
	}
	var now int64
	inner, config, variable := dynamicPart(p)
	for n := range p.Workload.Frames {
		for _, a := range order {
			if inner[a] && atr(p, config, n) == 0 {
				continue
			}
			e := trace.Event{Kind: trace.Firing, Device: p.DeviceOf(a).Name, Actor: a, FIFO: -1, Frame: n, Start: now, Kernel: int64(cost(p, a))}
			now += int64(float64(e.Kernel) * p.UnitOf(a).Slowdown)
			e.End = now
			if a == config {
				e.Rate = atr(p, a, n)
			}
			t.Events = append(t.Events, e)
			for f, q := range p.Graph.FIFOs {
				if variable[f] && atr(p, config, n) == 0 {
					continue
				}
				if q.From == a && p.Routes[f] >= 0 && q.Delay == 0 {
					now = send(p, t, f, n, now)
				}
			}
		}
	}
	t.Results = records(p)
	if d.spoil != nil {
		d.spoil(p, t)
	}
	return t, nil
}

// dynamicPart returns the actors and FIFOs that can be skipped, and the actor that
// skips them; -1 if there is none.
func dynamicPart(p *plan.Plan) (inner map[int]bool, config int, variable map[int]bool) {
	inner, variable, config = map[int]bool{}, map[int]bool{}, -1
	for _, d := range graph.DPGs(p.Graph) {
		config = d.Config
		for _, a := range d.Inner {
			inner[a] = true
		}
		for _, f := range d.FIFOs {
			variable[f] = true
		}
	}
	return inner, config, variable
}

// atr is what a configuration actor chooses: frame n is worth n modulo 10, and what
// is worth the threshold gets 1.
func atr(p *plan.Plan, config int, n int64) int {
	if threshold, ok := p.Graph.Actors[config].Params["threshold"].(float64); ok && float64(n%10) < threshold {
		return 0
	}
	return 1
}

// send records a token's way over a link and returns when it has arrived.
func send(p *plan.Plan, t *trace.Trace, f int, n, now int64) int64 {
	q, bytes := p.Graph.FIFOs[f], p.Graph.Type(f).Bytes()
	end := now + int64(p.Platform.Links[p.Routes[f]].Serialisation(bytes))
	arrived := end + int64(time.Millisecond)
	t.Events = append(t.Events,
		trace.Event{Kind: trace.Send, Device: p.DeviceOf(q.From).Name, Actor: -1, FIFO: f, Frame: n, Start: now, End: end, Bytes: bytes},
		trace.Event{Kind: trace.Recv, Device: p.DeviceOf(q.To).Name, Actor: -1, FIFO: f, Frame: n, Start: arrived, End: arrived, Bytes: bytes})
	return arrived
}

// records makes up what the sinks of p record.
func records(p *plan.Plan) []trace.Result {
	var results []trace.Result
	for _, w := range p.Work {
		if !w.Sink {
			continue
		}
		for n := range p.Workload.Frames {
			results = append(results, trace.Result{Instance: w.Instance, Frame: n, Values: []float32{float32(n), 1}})
		}
	}
	return results
}

// referee counts what it is asked.
type referee struct {
	mu    sync.Mutex
	asked []string
	wrong string // in the name of plans whose results it gets wrong
}

func (f *referee) Results(_ context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error) {
	f.mu.Lock()
	f.asked = append(f.asked, p.Name)
	f.mu.Unlock()
	results := records(p)
	if f.wrong != "" && strings.Contains(p.Name, f.wrong) {
		results[0].Values[1] = 2
	}
	_, config, _ := dynamicPart(p)
	if config < 0 {
		return results, nil, nil
	}
	c := plan.Choice{Actor: p.Graph.Actors[config].Name}
	for n := range p.Workload.Frames {
		c.Recorded = append(c.Recorded, atr(p, config, n))
	}
	return results, []plan.Choice{c}, nil
}

// progress keeps what it is told.
type progress struct{ steps, lines []string }

func (p *progress) Step(what string, n, total int, left time.Duration) {
	p.steps = append(p.steps, fmt.Sprintf("%d/%d %s", n, total, what))
}

func (p *progress) Logf(format string, args ...any) {
	p.lines = append(p.lines, fmt.Sprintf(format, args...))
}

// toy returns a runner of the toy experiment and its fake deployment.
func toy(t testing.TB) (*Runner, *driver) { return testRunner(t, "toy") }

// testRunner returns a runner of an experiment in testdata and its fake deployment.
func testRunner(t testing.TB, name string) (*Runner, *driver) {
	t.Helper()
	spec, models := testSpec(t, name), toyModel(t)
	plans, err := spec.ProfilePlans(models)
	if err != nil {
		t.Fatal(err)
	}
	prof := toyProfile(plans)
	d := &driver{name: "deploy"}
	return &Runner{
		Spec: spec, Models: models, Dir: t.TempDir(), Sim: &driver{name: "sim"}, Deploy: d,
		Referee: &referee{}, Truth: classes{1}, Progress: &progress{},
		WholeModel: func(u plan.Unit) (time.Duration, error) { return spec.WholeModel(prof, models, u) },
	}, d
}
