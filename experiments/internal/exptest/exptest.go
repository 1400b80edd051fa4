// Package exptest is what tests of experiments share: a toy model, small experiments,
// and drivers that make up what they run. It is for tests only.
package exptest

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/require"
)

// Model builds three convolutions, each with its activation: relu0 to relu2.
func Model(t testing.TB) compile.Models {
	t.Helper()
	b := build.New("toy")
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
		b.Node("Conv", []string{from, "w" + name}, []string{"conv" + name},
			build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		if k < 2 {
			b.Value(name, onnx.Float32, 1, out, 8, 8)
		}
		b.Node("Relu", []string{"conv" + name}, []string{name})
		from, in = name, out
	}
	b.Output("relu2", onnx.Float32, 1, 2, 8, 8)
	data, err := b.Bytes()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "toy.onnx")
	require.NoError(t, os.WriteFile(path, data, 0o644))
	m, err := model.ForPlans(path)
	require.NoError(t, err)
	return compile.Models{"toy": m}
}

//go:embed testdata
var experiments embed.FS

// Spec reads the experiment toy, gated or mapped.
func Spec(t testing.TB, name string) *spec.Spec {
	t.Helper()
	path := "testdata/" + name + "/experiment.yaml"
	b, err := experiments.ReadFile(path)
	require.NoError(t, err)
	s, err := spec.Parse(path, b)
	require.NoError(t, err)
	return s
}

// Cost is what a firing of actor a takes under the driver: a millisecond a
// segment, 50 us anything else.
func Cost(p *plan.Plan, a int) time.Duration {
	if w := p.Work[a]; w.Model != "" {
		return time.Duration(w.To-w.From) * time.Millisecond
	}
	return 50 * time.Microsecond
}

// Profile holds the cost of everything in plans.
func Profile(plans []*plan.Plan) *profile.Profile {
	p := &profile.Profile{Machine: "made up", Entries: map[string]profile.Entry{}}
	for _, pl := range plans {
		for a, w := range pl.Work {
			p.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{Cost(pl, a)}}
		}
	}
	return p
}

// Driver stands for both drivers: one firing after the other, in precedence
// order, but for those that an atr of 0 skips, and made-up records of the sinks.
type Driver struct {
	Name  string
	Ran   []string                       // names of plans
	Spoil func(*plan.Plan, *trace.Trace) // of a finished run; may be nil
	Fail  func(*plan.Plan) error         // before a run; may be nil
}

// Run implements driver.Driver.
func (d *Driver) Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.Ran = append(d.Ran, p.Name)
	t := &trace.Trace{Plan: p.Name, Driver: d.Name, Seed: p.Seed, Emulated: p.Emulated()}
	if d.Fail != nil {
		if err := d.Fail(p); err != nil {
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
			e := trace.Event{Kind: trace.Firing, Device: p.DeviceOf(a).Name, Actor: a, FIFO: -1, Frame: n, Start: now,
				Kernel: int64(Cost(p, a))}
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
	if d.Spoil != nil {
		d.Spoil(p, t)
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
		trace.Event{Kind: trace.Send, Device: p.DeviceOf(q.From).Name, Actor: -1, FIFO: f, Frame: n, Start: now, End: end,
			Bytes: bytes},
		trace.Event{Kind: trace.Recv, Device: p.DeviceOf(q.To).Name, Actor: -1, FIFO: f, Frame: n, Start: arrived,
			End: arrived, Bytes: bytes})
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

// Oracle counts what it is asked.
type Oracle struct {
	mu    sync.Mutex
	Asked []string
	Wrong string // in the name of plans whose results it gets wrong
}

// Results implements driver.Oracle.
func (f *Oracle) Results(_ context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error) {
	f.mu.Lock()
	f.Asked = append(f.Asked, p.Name)
	f.mu.Unlock()
	results := records(p)
	if f.Wrong != "" && strings.Contains(p.Name, f.Wrong) {
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

// Progress keeps what it is told. Several goroutines may tell it at a time.
type Progress struct {
	mu           sync.Mutex
	Steps, Lines []string
}

// Step implements driver.Progress.
func (p *Progress) Step(what string, n, total int, left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Steps = append(p.Steps, fmt.Sprintf("%d/%d %s", n, total, what))
}

// Logf implements driver.Progress.
func (p *Progress) Logf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Lines = append(p.Lines, fmt.Sprintf(format, args...))
}
