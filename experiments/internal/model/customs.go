package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// Custom says which operator of the model ONNX Runtime lacks, and where to cut the model so
// that the rest runs; "" if it lacks none.
func (m *Model) Custom() string {
	err := m.Runnable()
	if err == nil {
		return ""
	}
	text := strings.TrimPrefix(err.Error(), onnx.ErrUnsupported.Error()+": ")
	cuts, _, err := cut.All(m.Model, cut.Limits{})
	if err != nil {
		return text
	}
	var custom []string // tensors that such nodes make
	for i := range m.Nodes() {
		if n := &m.Nodes()[i]; n.PerFrame() && n.Custom() != "" {
			custom = append(custom, n.Output(0))
		}
	}
	var lies []func(cut.Cut) bool
	for _, tensor := range custom {
		if l, err := cut.Behind(m.Model, tensor); err == nil {
			lies = append(lies, l)
		}
	}
	// behind counts those that lie before the cut.
	behind := func(c cut.Cut) (count int) {
		for _, before := range lies {
			if before(c) {
				count++
			}
		}
		return count
	}
	inner := cuts[1 : len(cuts)-1]
	for i := len(inner) - 1; i >= 0; i-- {
		if c := inner[i]; behind(c) == 0 {
			return text + fmt.Sprintf("; cut it off at %s: what lies before it runs", c.Name)
		}
	}
	for _, c := range inner {
		if behind(c) == len(custom) {
			return text + fmt.Sprintf("; cut it off at %s: what lies behind it runs", c.Name)
		}
	}
	return text + "; no cut leaves a part without it: export the model with standard operators"
}

// unsent says how many tensors can't cross between devices, by what they are; "" if all can.
func (m *Model) unsent() string {
	count := map[string]int{}
	for i := range m.Nodes() {
		n := &m.Nodes()[i]
		for _, o := range n.Outputs() {
			if o == "" || !n.PerFrame() || m.Sendable(o) {
				continue
			}
			e := m.Tensor(o).Elem
			if e == 0 && n.Op() == "Cast" {
				e = onnx.Elem(n.Attr("to").GetI())
			}
			if e != 0 {
				count[e.String()]++
			} else {
				count["no tensor of one element type"]++
			}
		}
	}
	var list []string
	for _, what := range slices.Sorted(maps.Keys(count)) {
		list = append(list, fmt.Sprintf("%s (%d)", what, count[what]))
	}
	return strings.Join(list, ", ")
}
