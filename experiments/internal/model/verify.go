package model

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// Verdict is what was found of a model's cuts.
type Verdict struct {
	Cuts     int  `json:"cuts"`     // all but the first and the last, which leave one part empty
	Complete bool `json:"complete"` // the model has no others
	// Untried counts the cuts that were not run, as the model is so large; see Verify.
	Untried  int `json:"cuts_not_tried,omitempty"`
	Verified int `json:"verified"` // cuts whose parts compute what the whole does, within Tolerance
	Differ   int `json:"differ"`   // cuts whose parts don't
	BitEqual int `json:"bit_equal"`
	// Heads counts the verified cuts of which only what they send was compared, because
	// nothing that lies behind them can be.
	Heads int `json:"heads_only,omitempty"`
	// Incomparable counts the cuts at which no element could be compared.
	Incomparable int `json:"cuts_not_comparable"`
	// Variable counts the cuts that were run and send a tensor whose shape depends on the data.
	Variable int `json:"variable,omitempty"`
	// Compared counts the elements of the outputs that are compared at every cut, of Elements.
	Compared int64 `json:"compared_elements"`
	Elements int64 `json:"elements"`
	// NotComparable are the elements of outputs that aren't compared, with the reasons.
	NotComparable []NotComparable `json:"not_comparable,omitempty"`
	// Worst is the largest relative difference of all cuts and outputs, see
	// Comparison, at the cut WorstCut.
	Worst Difference `json:"worst"`
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

// NotComparable are elements of a tensor that can't be compared.
type NotComparable struct {
	Tensor   string `json:"tensor,omitempty"` // empty: all
	Reason   string `json:"reason"`
	Elements int64  `json:"elements"` // of which this holds
	Of       int64  `json:"of"`
}

func (n NotComparable) String() string {
	switch {
	case n.Tensor == "":
		return n.Reason
	case n.Of == 0:
		return fmt.Sprintf("%s in %s", n.Reason, n.Tensor)
	}
	return fmt.Sprintf("%s: %d of %d elements of %s", n.Reason, n.Elements, n.Of, n.Tensor)
}

// Verified is what was found of one cut.
type Verified struct {
	Cut        string     `json:"cut"`
	Difference Difference `json:"difference"`         // 0: equal bit by bit
	Variable   bool       `json:"variable,omitempty"` // the shape of a tensor sent depends on the data
	// Broken is what the cut parts that the runtime computes as one in the whole.
	Broken []string `json:"broken,omitempty"`
	// Head: only what the cut sends was compared.
	Head bool `json:"head_only,omitempty"`
	// NotComparable says why no element could be compared; Difference is 0 then.
	NotComparable string `json:"not_comparable,omitempty"`
}

// Refusal says why a cut could not be verified.
type Refusal struct {
	Cut    string `json:"cut"` // empty: none of the model's
	Reason string `json:"reason"`
}

// Verify runs the two parts that every cut leaves, one after the other, and
// compares with the whole model on the same inputs. Beside all cuts along the
// file's order, all that send one tensor and the cheapest at every depth, it looks
// at about heads further ones. Of a model in which that is more than 16 million nodes to
// load, cuts spread evenly are run, unless every one is asked for. A model that can't be
// run is refused as a whole. Elements that are random, NaN or infinite in both, and outputs
// without elements, are not compared, and verify nothing; nor do outputs that are inputs or
// constants. Where no output that the tail makes can be compared, what the cut sends is, as far
// as that can be. The error is of ctx only.
func Verify(ctx context.Context, m *Model, in []Tensor, rt Runtime, heads int, every bool, step func(n, total int)) (
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
	if m.Unmakeable != "" {
		v.Incomparable, v.NotComparable = len(inner), []NotComparable{{Reason: m.Unmakeable}}
		return v, nil
	}
	r := &reference{m: m, in: in, rt: rt, random: m.Random()}
	if err := r.run(); err != nil {
		v.Refused = Refuse(err).Refused
		return v, nil
	}
	v.Compared, v.Elements, v.NotComparable, v.Spread = r.compared, r.elements, r.reasons, r.spread
	v.Tolerance = cut.Tolerance(v.Spread)
	tried := inner
	if !every {
		tried = spread(inner, mostCuts(len(m.Nodes()), len(inner)))
	}
	v.Untried = len(inner) - len(tried)
	for i, c := range tried {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step(i+1, len(tried))
		result, tolerance, err := r.cut(cuts[0], c, cuts[len(cuts)-1])
		if err != nil {
			v.Refused = append(v.Refused, Refusal{c.Name, err.Error()})
			continue
		}
		v.count(result, max(tolerance, v.Tolerance))
	}
	return v, nil
}

// count adds what was found of a cut.
func (v *Verdict) count(r Verified, tolerance float64) {
	v.Results = append(v.Results, r)
	if r.Variable {
		v.Variable++
	}
	switch {
	case r.NotComparable != "":
		v.Incomparable++
		return
	case !(float64(r.Difference) <= tolerance):
		v.Differ++
	default:
		v.Verified++
		if r.Difference == 0 {
			v.BitEqual++
		}
		if r.Head {
			v.Heads++
		}
	}
	if r.Difference > v.Worst {
		v.Worst, v.WorstCut = r.Difference, r.Cut
	}
}

// Refuse is the verdict on a model none of whose cuts can be verified.
func Refuse(err error) *Verdict { return &Verdict{Refused: []Refusal{{"", err.Error()}}} }

// Nothing says why nothing of the model was verified and nothing differs; "" where
// something was or does.
func (v *Verdict) Nothing() string {
	switch {
	case v.Verified+v.Differ > 0:
		return ""
	case len(v.Refused) > 0 && v.Incomparable == 0:
		return "refused: " + v.Refused[0].Reason
	case v.Cuts == 0:
		return "it has no inner cut"
	case len(v.NotComparable) > 0:
		return "not comparable: " + v.NotComparable[0].String()
	}
	for _, r := range v.Results {
		if r.NotComparable != "" {
			return "not comparable: " + r.NotComparable
		}
	}
	return "no cut could be run"
}

// halves runs both parts of a cut, and returns what the head sends and the outputs that
// both make, by name.
func (m *Model) halves(first, at, last cut.Cut, in []Tensor, rt Runtime) (sent, out map[string]Tensor, err error) {
	have := map[string]Tensor{}
	for _, t := range in {
		have[t.Name] = t
	}
	if err := m.part(first, at, have, rt); err != nil {
		return nil, nil, fmt.Errorf("head: %w", err)
	}
	sent = map[string]Tensor{}
	for _, t := range at.Tensors {
		if made, ok := have[t.Name]; ok {
			sent[t.Name] = made
		}
	}
	if err := m.part(at, last, have, rt); err != nil {
		return nil, nil, fmt.Errorf("tail: %w", err)
	}
	for _, t := range m.Outputs() {
		if _, ok := have[t.Name]; !ok {
			return nil, nil, fmt.Errorf("the parts don't make output %s", t.Name)
		}
	}
	return sent, have, nil
}

// compare compares tensors with those of the whole, by name. Those of another shape or type
// differ, infinitely.
func compare(got map[string]Tensor, want map[string]expected) Comparison {
	var all Comparison
	for name, w := range want {
		c, err := Compare(got[name], w.Tensor, w.skip)
		if err != nil {
			c.Difference = math.Inf(1)
		}
		all.add(c)
	}
	return all
}
