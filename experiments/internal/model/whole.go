package model

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// expected is a tensor that can be compared, but for the elements of which skip is true.
type expected struct {
	Tensor
	skip []bool
}

// reference is the whole model, with which parts are compared.
type reference struct {
	m      *Model
	in     []Tensor
	rt     Runtime
	random map[string]string // see onnx.Model.Random

	steadied // of the outputs
}

// run computes the outputs.
func (r *reference) run() error {
	found, err := r.steady(func(plain bool) (map[string]Tensor, error) {
		return run(r.m.Data, r.m.Dir, plain, r.m.Outputs(), r.in, r.rt)
	})
	if err != nil {
		return fmt.Errorf("the whole model: %w", err)
	}
	r.steadied = *found
	return nil
}

// steadied is what can be compared of tensors of the whole.
type steadied struct {
	want               map[string]expected // tensors with elements that can be
	reasons            []NotComparable     // why others can't, by tensor
	compared, elements int64               // of all tensors
	spread             float64             // see Verdict
}

// steady looks at three runs of the whole. What can be compared is the same in two runs,
// finite, and finite also without the runtime's optimisations.
func (r *reference) steady(makes func(plain bool) (map[string]Tensor, error)) (*steadied, error) {
	first, err := makes(false)
	if err != nil {
		return nil, err
	}
	again, err := makes(false)
	if err != nil {
		return nil, fmt.Errorf("run again: %w", err)
	}
	plain, err := makes(true)
	if err != nil {
		return nil, fmt.Errorf("not optimised: %w", err)
	}
	s := &steadied{want: map[string]expected{}}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		t := first[name]
		of := max(t.Elements(), 0)
		s.elements += of
		c, why := r.judge(t, again[name])
		skip, n := unsteady(t, plain[name])
		p, err := Compare(plain[name], t, skip)
		if why == "" && err != nil {
			why = "another shape without the runtime's optimisations"
		}
		if why != "" {
			s.reasons = append(s.reasons, NotComparable{name, why, of, of})
			continue
		}
		if math.IsInf(p.Difference, 0) { // of 0 everywhere from something else
			n = c.Compared
		} else {
			s.spread = max(s.spread, p.Difference)
		}
		for _, why := range []NotComparable{
			{name, "NaN", c.NaN, of}, {name, "infinite", c.Infinite, of},
			{name, "another one without the runtime's optimisations", n, of},
		} {
			if why.Elements > 0 {
				s.reasons = append(s.reasons, why)
			}
		}
		if c.Compared > n {
			s.want[name] = expected{t, skip}
			s.compared += c.Compared - n
		}
	}
	return s, nil
}

// judge says why no element of a tensor can be compared; "" if some can.
func (r *reference) judge(t, again Tensor) (Comparison, string) {
	if t.Other != "" {
		return Comparison{}, t.Other + ", which isn't compared"
	}
	if why := r.random[t.Name]; why != "" {
		return Comparison{}, "random, by " + why
	}
	if t.Elements() == 0 {
		return Comparison{}, "no elements"
	}
	if r.m.Fixed(t.Name) {
		return Comparison{}, "made of constants only"
	}
	if r.m.input(t.Name) {
		return Comparison{}, "an input, which no node changes"
	}
	c, err := Compare(again, t, nil)
	if err != nil || c.Difference != 0 {
		return c, "random, as it is another one in another run"
	}
	return c, ""
}

// input reports whether a tensor is an input of the model.
func (m *Model) input(name string) bool { return sends(m.Inputs(), name) }

// sends reports whether a tensor is among others.
func sends(tensors []onnx.TensorInfo, name string) bool {
	return slices.ContainsFunc(tensors, func(t onnx.TensorInfo) bool { return t.Name == name })
}

// cut compares the parts that a cut leaves with the whole. Where the tail makes no output that
// can be compared, what the head sends is; tolerance is that of these tensors then, else 0.
func (r *reference) cut(first, at, last cut.Cut) (result Verified, tolerance float64, err error) {
	result = Verified{Cut: at.Name, Variable: at.Variable(), Broken: at.Broken}
	sent, out, err := r.m.halves(first, at, last, r.in, r.rt)
	if err != nil {
		return result, 0, err
	}
	result.Difference = Difference(compare(out, r.want).Difference)
	if !(float64(result.Difference) <= cut.Tolerance(r.spread)) {
		return result, 0, nil // of outputs that the head makes, if not of the tail's
	}
	for name := range r.want {
		if !sends(at.Tensors, name) {
			return result, 0, nil
		}
	}
	found, why, err := r.sent(at)
	if err != nil || why != "" {
		result.Difference, result.NotComparable = 0, why
		return result, 0, err
	}
	result.Head, result.Difference = true, Difference(compare(sent, found.want).Difference)
	return result, cut.Tolerance(found.spread), nil
}

// sent returns what the whole has where a cut sends, as far as that can be compared, or why
// none of it can.
func (r *reference) sent(at cut.Cut) (found *steadied, why string, err error) {
	var inner []onnx.TensorInfo
	for _, t := range at.Tensors {
		if why := r.random[t.Name]; why != "" {
			return nil, fmt.Sprintf("random, by %s: %s", why, t.Name), nil
		}
		if !r.m.input(t.Name) {
			inner = append(inner, t)
		}
	}
	if len(inner) == 0 {
		return nil, "it sends inputs only", nil
	}
	data, err := r.m.Extended(nil, nil, inner)
	if err != nil {
		return nil, "", err
	}
	found, err = r.steady(func(plain bool) (map[string]Tensor, error) {
		return run(data, r.m.Dir, plain, inner, r.in, r.rt)
	})
	if err != nil {
		return nil, "", fmt.Errorf("the whole model up to the cut: %w", err)
	}
	for _, t := range inner {
		if _, ok := found.want[t.Name]; !ok {
			at := slices.IndexFunc(found.reasons, func(n NotComparable) bool { return n.Tensor == t.Name })
			return nil, found.reasons[at].String(), nil
		}
	}
	return found, "", nil
}

// run returns the outputs by name.
func run(model []byte, dir string, plain bool, outputs []onnx.TensorInfo, in []Tensor, rt Runtime) (
	map[string]Tensor, error,
) {
	s, err := rt.Load(model, dir, plain)
	if err != nil {
		return nil, err
	}
	out, err := s.Run(in, knownShapes(outputs))
	if closed := s.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	all := map[string]Tensor{}
	for _, t := range out {
		all[t.Name] = t
	}
	return all, nil
}

// halfTypes are the types whose memory the runtime's Go interface can't take over.
var halfTypes = map[onnx.Elem]bool{onnx.Float16: true, onnx.BFloat16: true}

// knownShapes returns the shapes of outputs for which memory has to be made.
func knownShapes(outputs []onnx.TensorInfo) map[string][]int64 {
	known := map[string][]int64{}
	for _, t := range outputs {
		if halfTypes[t.Elem] && t.Elements() >= 0 {
			known[t.Name] = t.Shape
		}
	}
	return known
}

// part runs the sub-model between two cuts on what there is, and adds what it
// makes.
func (m *Model) part(from, to cut.Cut, have map[string]Tensor, rt Runtime) error {
	sub, err := cut.Between(m.Model, from, to, "")
	if err != nil {
		return err
	}
	var data bytes.Buffer
	if err := sub.WriteModel(&data); err != nil {
		return err
	}
	var in []Tensor
	for _, t := range sub.Inputs {
		v, ok := have[t.Name]
		if !ok {
			return fmt.Errorf("it wants %s, which nothing before it makes", t.Name)
		}
		in = append(in, v)
	}
	made, err := run(data.Bytes(), "", false, sub.Outputs, in, rt)
	if err != nil {
		return err
	}
	for _, t := range from.Tensors {
		if _, kept := made[t.Name]; !kept && !sends(to.Tensors, t.Name) {
			delete(have, t.Name) // only what is sent gets to the next part
		}
	}
	maps.Copy(have, made)
	return nil
}
