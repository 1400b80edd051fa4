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
	inner := cuts[1 : len(cuts)-1]
	for _, c := range slices.Backward(inner) {
		if !slices.ContainsFunc(c.Tensors, func(t onnx.TensorInfo) bool { return !m.Runs(t.Name) }) {
			return text + fmt.Sprintf("; cut it off at %s: what lies before it runs", c.Name)
		}
	}
	var lies []func(cut.Cut) bool // whether such a node lies before a cut
	for _, tensor := range m.lastCustom() {
		if l, err := cut.Behind(m.Model, tensor); err == nil {
			lies = append(lies, l)
		}
	}
	for _, c := range inner {
		if !slices.ContainsFunc(lies, func(before func(cut.Cut) bool) bool { return !before(c) }) {
			return text + fmt.Sprintf("; cut it off at %s: what lies behind it runs", c.Name)
		}
	}
	return text + "; no cut leaves a part without it: export the model with standard operators"
}

// lastCustom returns a tensor of each node of an operator that ONNX Runtime lacks of which no
// other such node needs anything: where these lie before a cut, so do all.
func (m *Model) lastCustom() []string {
	var last []string
	leads := map[string]bool{} // tensors that such a node needs
	for i := range slices.Backward(m.Nodes()) {
		n := &m.Nodes()[i]
		if !n.PerFrame() {
			continue
		}
		on := slices.ContainsFunc(n.Outputs(), func(o string) bool { return o != "" && leads[o] })
		if !on && n.Custom() != "" {
			last, on = append(last, n.Output(0)), true
		}
		for _, u := range n.Uses() {
			leads[u] = leads[u] || on
		}
	}
	return last
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
