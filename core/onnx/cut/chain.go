package cut

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Chain returns the cuts worth choosing between, re-indexed from 0: the
// actors of the model's chain lie between them. The first (graph inputs) and
// the last (graph outputs) are always among them. Left out are
//
//   - cuts that break a fusion, unless all they do is to leave the addition of another
//     tensor out of a convolution: it costs little, and where the other one comes from
//     far away, all cuts on the way do that;
//   - of consecutive cuts with equal HeadMACs all but the one that sends the
//     fewest bytes, the last of equals;
//   - cuts that send all that an earlier one sends, and more.
//
// Errors are those of InOrder.
func Chain(m *onnx.Model) ([]Cut, error) {
	all, err := InOrder(m)
	if err != nil {
		return nil, err
	}
	end := len(all) - 1
	whole := slices.DeleteFunc(slices.Clone(all), func(c Cut) bool { return c.BreaksFusion && !c.sums })
	var kept []Cut
	var earlier senders
	for _, c := range cheapest(whole) {
		if c.Index == 0 || c.Index == end || !earlier.dominate(c) {
			kept = append(kept, c)
			earlier.add(c)
		}
	}
	for i := range kept {
		kept[i].Index = i
	}
	return kept, nil
}

// cheapest keeps one cut of every run of equal HeadMACs, and the first and
// the last cut. The first wins a tie, since it is kept anyway.
func cheapest(cuts []Cut) []Cut {
	var kept []Cut
	for start := 0; start < len(cuts); {
		best, next := start, start+1
		for ; next < len(cuts) && cuts[next].HeadMACs == cuts[start].HeadMACs; next++ {
			if d := cuts[next].Bytes() - cuts[best].Bytes(); d < 0 || d == 0 && best > 0 {
				best = next
			}
		}
		if start == 0 && best != 0 {
			kept = append(kept, cuts[0])
		}
		kept = append(kept, cuts[best])
		if next == len(cuts) && best != next-1 {
			kept = append(kept, cuts[next-1])
		}
		start = next
	}
	return kept
}

// senders are cuts by one of the tensors that they send, the one that is made last: few
// cuts share it.
type senders map[string][]Cut

func (s *senders) add(c Cut) {
	if *s == nil {
		*s = senders{}
	}
	if n := len(c.Tensors); n > 0 {
		key := c.Tensors[n-1].Name
		(*s)[key] = append((*s)[key], c)
	}
}

// dominate says that the cut sends all that one of these sends, and more.
func (s senders) dominate(c Cut) bool {
	var sent map[string]bool
	return slices.ContainsFunc(c.Tensors, func(t onnx.TensorInfo) bool {
		return slices.ContainsFunc(s[t.Name], func(e Cut) bool {
			if sent == nil {
				sent = nameSet(c.Tensors)
			}
			return len(e.Tensors) < len(c.Tensors) &&
				!slices.ContainsFunc(e.Tensors, func(t onnx.TensorInfo) bool { return !sent[t.Name] })
		})
	})
}

func nameSet(ts []onnx.TensorInfo) map[string]bool {
	set := make(map[string]bool, len(ts))
	for _, t := range ts {
		set[t.Name] = true
	}
	return set
}
