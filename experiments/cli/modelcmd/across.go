package modelcmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
)

// Across is what a model does on an execution provider beside the CPU. Its field names are
// part of the interface.
type Across struct {
	Provider   plan.Provider `json:"provider"`
	LoadMs     float64       `json:"load_ms"`
	FirstRunMs float64       `json:"first_run_ms"` // which may compile
	RunMs      float64       `json:"run_ms"`       // median of the later runs
	LowMs      float64       `json:"run_low_ms"`   // quartiles
	HighMs     float64       `json:"run_high_ms"`
	// Difference from the CPU, divided by the largest magnitude of the output; CutDifference
	// of the model's tail on the provider, behind a head on the CPU.
	Difference    model.Difference  `json:"difference"`
	CutDifference *model.Difference `json:"cut_difference,omitempty"`
	Placed        []ort.Placed      `json:"placed"`

	session *ort.Session
	out     []*ort.Tensor
	samples []float64
}

// load makes the session and runs it for the first time.
func (x *Across) load(data []byte, o ort.Options, in []*ort.Tensor) (err error) {
	o.Provider = x.Provider
	start := time.Now()
	if x.session, err = ort.NewSession(data, o); err != nil {
		return err
	}
	x.LoadMs = ms(time.Since(start))
	start = time.Now()
	if x.out, err = x.session.RunAlloc(in, nil); err != nil {
		return err
	}
	x.FirstRunMs = ms(time.Since(start))
	x.Placed, err = ort.Placement(data, o, in, nil)
	return err
}

// run times one more run.
func (x *Across) run(in []*ort.Tensor) error {
	start := time.Now()
	err := x.session.RunOpen(in, x.out)
	x.samples = append(x.samples, ms(time.Since(start)))
	return err
}

func (x *Across) settle() {
	x.RunMs = quantile.Median(x.samples)
	x.LowMs, x.HighMs = quantile.Of(0.25, x.samples), quantile.Of(0.75, x.samples)
}

// tensors returns copies of what was computed last.
func (x *Across) tensors() ([]model.Tensor, error) {
	var list []model.Tensor
	for i, t := range x.out {
		m, err := tensorOf(x.session.Outputs()[i], t)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

func (x *Across) close() (err error) {
	for _, t := range x.out {
		err = errors.Join(err, t.Close())
	}
	if x.session != nil {
		err = errors.Join(err, x.session.Close())
	}
	return err
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// across runs a model on the CPU and on providers, in turns, so that a drift of the machine
// meets them all.
func across(ctx context.Context, m *model.Model, providers []plan.Provider, o ort.Options, at string, runs int,
	step func(what string, n, total int)) (list []*Across, err error) {
	in, done, err := tensorsOf(m.Input)
	if err != nil {
		return nil, err
	}
	defer done()
	providers = append([]plan.Provider{plan.Named(plan.CPU)}, providers...)
	defer func() {
		for _, x := range list {
			err = errors.Join(err, x.close())
		}
	}()
	for i, p := range providers {
		step("load on "+p.String()+", run for the first time", i+1, len(providers))
		list = append(list, &Across{Provider: p})
		if err := list[i].load(m.Data, o, in); err != nil {
			return list, err
		}
	}
	for r := range runs {
		for _, x := range list {
			if ctx.Err() != nil {
				return list, ctx.Err()
			}
			step("run on "+x.Provider.String(), r+1, runs)
			if err := x.run(in); err != nil {
				return list, err
			}
		}
	}
	want, err := list[0].tensors()
	if err != nil {
		return list, err
	}
	for i, x := range list {
		x.settle()
		got, err := x.tensors()
		if err != nil {
			return list, err
		}
		if x.Difference, err = furthest(got, want); err != nil {
			return list, err
		}
		if at == "" || i == 0 {
			continue
		}
		step("cut at "+at+", tail on "+x.Provider.String(), 1, 1)
		o.Provider = x.Provider
		if got, err = cutAcross(m, at, o); err != nil {
			return list, err
		}
		d, err := furthest(got, want)
		if err != nil {
			return list, err
		}
		x.CutDifference = &d
	}
	return list, nil
}

// furthest returns the largest difference of any output.
func furthest(got, want []model.Tensor) (worst model.Difference, err error) {
	for _, w := range want {
		i := slices.IndexFunc(got, func(t model.Tensor) bool { return t.Name == w.Name })
		if i < 0 {
			return 0, fmt.Errorf("output %s is missing", w.Name)
		}
		c, err := model.Compare(got[i], w, nil)
		if err != nil {
			return 0, err
		}
		worst = max(worst, model.Difference(c.Difference))
	}
	return worst, nil
}

// cutAcross runs the head of a cut on the CPU and the tail on a provider.
func cutAcross(m *model.Model, at string, o ort.Options) ([]model.Tensor, error) {
	parts, err := m.SplitAt(at)
	if err != nil {
		return nil, err
	}
	have := map[string]model.Tensor{}
	for _, t := range m.Input {
		have[t.Name] = t
	}
	for i, part := range parts {
		data, err := part.Bytes()
		if err != nil {
			return nil, err
		}
		here := o
		if i == 0 {
			here.Provider = plan.Named(plan.CPU)
		}
		s, err := ort.NewSession(data, here)
		if err != nil {
			return nil, fmt.Errorf("part %d of the cut at %s: %w", i+1, at, err)
		}
		var in []model.Tensor
		for _, info := range s.Inputs() {
			in = append(in, have[info.Name])
		}
		out, err := modelSession{s}.Run(in, nil)
		if err = errors.Join(err, s.Close()); err != nil {
			return nil, fmt.Errorf("part %d of the cut at %s: %w", i+1, at, err)
		}
		for _, t := range out {
			have[t.Name] = t
		}
	}
	var outputs []model.Tensor
	for _, t := range m.Outputs() {
		outputs = append(outputs, have[t.Name])
	}
	return outputs, nil
}
