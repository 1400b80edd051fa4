package model

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// Verdict is what was found of a model's cuts.
type Verdict struct {
	Cuts     int  `json:"cuts"`     // all but the first and the last, which leave one part empty
	Complete bool `json:"complete"` // the model has no others
	Verified int  `json:"verified"` // cuts whose parts compute what the whole does, within Tolerance
	Differ   int  `json:"differ"`   // cuts whose parts don't
	BitEqual int  `json:"bit_equal"`
	// Variable counts the cuts that were run and send a tensor whose shape depends on the data.
	Variable int `json:"variable,omitempty"`
	// NotComparable says why nothing that the model computes can be compared; "" if
	// something can. No cut is verified then.
	NotComparable string `json:"not_comparable,omitempty"`
	// LeftOut are the outputs that can't be compared, each with the reason, where others can.
	LeftOut []string `json:"left_out,omitempty"`
	// Worst is the largest relative difference of all cuts and outputs, see
	// Difference, at the cut WorstCut.
	Worst float64 `json:"worst"`
	// Spread is how far the whole model is from itself, run without the runtime's
	// optimisations. It is large where the model ends in the sigmoid of large numbers,
	// which are equal to seven digits themselves, or where all results are near 0.
	Spread float64 `json:"spread"`
	// Tolerance is the largest difference that counts as rounding: see cut.Tolerance.
	Tolerance float64    `json:"tolerance"`
	WorstCut  string     `json:"worst_cut,omitempty"`
	Refused   []Refusal  `json:"refused,omitempty"`
	Results   []Verified `json:"results,omitempty"`
}

// Verified is what was found of one cut.
type Verified struct {
	Cut        string  `json:"cut"`
	Difference float64 `json:"difference"`         // 0: equal bit by bit
	Variable   bool    `json:"variable,omitempty"` // the shape of a tensor sent depends on the data
	// Broken is what the cut parts that the runtime computes as one in the whole.
	Broken []string `json:"broken,omitempty"`
}

// Refusal says why a cut could not be verified.
type Refusal struct {
	Cut    string `json:"cut"` // empty: none of the model's
	Reason string `json:"reason"`
}

// Verify runs the two parts that every cut leaves, one after the other, and
// compares with the whole model on the same inputs. Beside all cuts along the
// file's order, all that send one tensor and the cheapest at every depth, it looks
// at about heads further ones. A model that can't be run is refused as a whole. One
// whose outputs are others when it is run again, have no elements or only NaN, is not
// comparable. The error is of ctx only.
func Verify(ctx context.Context, m *Model, in []Tensor, rt Runtime, heads int, step func(n, total int)) (
	*Verdict, error,
) {
	if why := m.Custom(); why != "" {
		return Refuse(errors.New(why)), nil
	}
	cuts, complete, err := cut.All(m.Model, cut.Limits{Heads: heads})
	if err != nil {
		return Refuse(err), nil
	}
	inner := cuts[1 : len(cuts)-1]
	v := &Verdict{Cuts: len(inner), Complete: complete}
	whole, reasons, err := m.reference(in, rt)
	if err == nil && len(whole) == 0 {
		v.NotComparable = strings.Join(reasons, "; ")
		return v, nil
	}
	if err == nil {
		v.LeftOut = reasons
		v.Spread, err = m.spread(in, whole, rt)
	}
	if err != nil {
		v.Refused = Refuse(err).Refused
		return v, nil
	}
	v.Tolerance = cut.Tolerance(v.Spread)
	for i, c := range inner {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step(i+1, len(inner))
		d, err := m.halves(cuts[0], c, cuts[len(cuts)-1], in, whole, rt)
		if err != nil {
			v.Refused = append(v.Refused, Refusal{c.Name, err.Error()})
			continue
		}
		switch {
		case d > v.Tolerance:
			v.Differ++
		case d == 0:
			v.BitEqual++
			v.Verified++
		default:
			v.Verified++
		}
		if c.Variable() {
			v.Variable++
		}
		if d > v.Worst {
			v.Worst, v.WorstCut = d, c.Name
		}
		v.Results = append(v.Results, Verified{c.Name, d, c.Variable(), c.Broken})
	}
	return v, nil
}

// Refuse is the verdict on a model none of whose cuts can be verified.
func Refuse(err error) *Verdict { return &Verdict{Refused: []Refusal{{"", err.Error()}}} }

// reference runs the whole model twice and returns the outputs that can be compared,
// and why the others can't.
func (m *Model) reference(in []Tensor, rt Runtime) (whole map[string]Tensor, reasons []string, err error) {
	first, err := run(m.Data, m.Dir, false, m.Outputs(), in, rt)
	if err != nil {
		return nil, nil, fmt.Errorf("the whole model: %w", err)
	}
	again, err := run(m.Data, m.Dir, false, m.Outputs(), in, rt)
	if err != nil {
		return nil, nil, fmt.Errorf("the whole model, run again: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		d, err := Difference(again[name], first[name])
		why := incomparable(first[name])
		if err != nil || d != 0 {
			why = "is another one when the whole model is run again"
		}
		if why != "" {
			reasons = append(reasons, fmt.Sprintf("output %s %s", name, why))
			delete(first, name)
		}
	}
	return first, reasons, nil
}

// spread runs the whole model without optimisations.
func (m *Model) spread(in []Tensor, whole map[string]Tensor, rt Runtime) (float64, error) {
	plain, err := run(m.Data, m.Dir, true, m.Outputs(), in, rt)
	if err != nil {
		return 0, fmt.Errorf("the whole model, not optimised: %w", err)
	}
	worst := 0.0
	for name, t := range whole {
		d, err := Difference(plain[name], t)
		if err != nil {
			return 0, fmt.Errorf("the whole model, not optimised: output %s: %w", name, err)
		}
		worst = max(worst, d)
	}
	return worst, nil
}

// run returns the outputs by name.
func run(model []byte, dir string, plain bool, outputs []onnx.TensorInfo, in []Tensor, rt Runtime) (
	map[string]Tensor, error,
) {
	s, err := rt.Load(model, dir, plain)
	if err != nil {
		return nil, err
	}
	out, err := s.Run(in)
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

// halves returns the worst difference between tail(head(in)) and the whole.
func (m *Model) halves(first, at, last cut.Cut, in []Tensor, whole map[string]Tensor, rt Runtime) (float64, error) {
	have := map[string]Tensor{}
	for _, t := range in {
		have[t.Name] = t
	}
	for _, part := range []struct {
		name     string
		from, to cut.Cut
	}{{"head", first, at}, {"tail", at, last}} {
		if err := m.part(part.from, part.to, have, rt); err != nil {
			return 0, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	worst := 0.0
	for _, t := range m.Outputs() {
		got, ok := have[t.Name]
		if !ok {
			return 0, fmt.Errorf("the parts don't make output %s", t.Name)
		}
		want, ok := whole[t.Name]
		if !ok {
			continue // it can't be compared
		}
		d, err := Difference(got, want)
		if err != nil {
			return 0, fmt.Errorf("output %s: %w", t.Name, err)
		}
		worst = max(worst, d)
	}
	return worst, nil
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
		if _, kept := made[t.Name]; !kept &&
			!slices.ContainsFunc(to.Tensors, func(s onnx.TensorInfo) bool { return s.Name == t.Name }) {
			delete(have, t.Name) // only what is sent gets to the next part
		}
	}
	maps.Copy(have, made)
	return nil
}
