package onnx

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// randomNet draws a small network of one-element tensors: several inputs,
// initializers, constant, dead and multi-output nodes, early outputs.
func randomNet(t *rapid.T) *Model {
	b := NewBuilder("random")
	var tensors, made []string
	for i := range rapid.IntRange(1, 3).Draw(t, "inputs") {
		name := fmt.Sprintf("in%d", i)
		b.Input(name, Float32, 1)
		tensors = append(tensors, name)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "weights") {
		tensors = append(tensors, b.Floats(fmt.Sprintf("w%d", i), []float32{1}, 1))
	}
	for i := range rapid.IntRange(1, 9).Draw(t, "nodes") {
		op := rapid.SampledFrom([]string{"MatMul", "Relu", "Add", "Split", "BatchNormalization"}).Draw(t, "op")
		var in []string
		for range rapid.IntRange(1, 3).Draw(t, "fan-in") {
			in = append(in, rapid.SampledFrom(tensors).Draw(t, "from"))
		}
		out := []string{fmt.Sprintf("t%d", i)}
		if op == "Split" {
			out = append(out, fmt.Sprintf("t%db", i))
		}
		b.Node(op, in, out)
		tensors, made = append(tensors, out...), append(made, out...)
	}
	outputs := rapid.SliceOfNDistinct(rapid.SampledFrom(tensors), 1, 3, rapid.ID).Draw(t, "outputs")
	for _, name := range made {
		b.Value(name, Float32, 1)
	}
	for _, name := range outputs {
		b.Output(name, Float32, 1)
	}
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// crossing finds by brute force what the nodes before pos send to the others:
// of all tensors that depend on a graph input, those from which a walk along
// nodes at or after pos reaches a graph output.
func crossing(m *Model, pos int) []string {
	variable := map[string]bool{}
	order := []string{}
	for _, t := range m.Inputs() {
		variable[t.Name] = true
		order = append(order, t.Name)
	}
	for _, n := range m.pb.Graph.Node {
		for _, in := range n.Input {
			if variable[in] {
				for _, o := range n.Output {
					variable[o] = true
				}
			}
		}
	}
	for _, n := range m.pb.Graph.Node[:pos] {
		order = append(order, n.Output...)
	}
	var reaches func(name string) bool
	reaches = func(name string) bool {
		if slices.Contains(names(m.Outputs()), name) {
			return true
		}
		for _, n := range m.pb.Graph.Node[pos:] {
			if slices.Contains(n.Input, name) && slices.ContainsFunc(n.Output, reaches) {
				return true
			}
		}
		return false
	}
	return slices.DeleteFunc(order, func(name string) bool { return !variable[name] || !reaches(name) })
}

func TestCutsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := randomNet(t)
		var want [][]string // of inner positions, each set once in a row
		for pos := 1; pos < len(m.nodes); pos++ {
			sent := crossing(m, pos)
			if slices.Equal(sent, crossing(m, pos-1)) || slices.Equal(sent, crossing(m, len(m.nodes))) {
				continue
			}
			want = append(want, sent)
		}
		cuts, err := m.Cuts()
		if len(crossing(m, len(m.nodes))) == 0 || err != nil {
			if slices.ContainsFunc(m.nodes, func(n node) bool { return n.moves() }) {
				t.Fatalf("Cuts(): %v", err)
			}
			return
		}
		if !slices.Equal(names(cuts[0].Tensors), names(m.Inputs())) || !slices.Equal(names(cuts[len(cuts)-1].Tensors), names(m.Outputs())) {
			t.Fatalf("the ends are %q", show(cuts))
		}
		for i, c := range cuts[1 : len(cuts)-1] {
			if got := names(c.Tensors); i >= len(want) || !slices.Equal(got, want[i]) || !slices.Equal(got, crossing(m, c.Nodes)) {
				t.Fatalf("inner cuts are %q, want %q", show(cuts), want)
			}
			if c.HeadMACs+c.TailMACs != m.MACs() || c.HeadParams+c.TailParams < m.Params() {
				t.Fatalf("cut %+v of %d MACs, %d parameters", c, m.MACs(), m.Params())
			}
		}
		if len(cuts)-2 != len(want) {
			t.Fatalf("inner cuts are %q, want %q", show(cuts), want)
		}
	})
}

// eval runs a model on formulas: the value of a tensor says how it was made.
func eval(m *Model, values map[string]string) {
	for name := range m.weights {
		values[name] = name
	}
	for _, n := range m.pb.Graph.Node {
		args := []string{}
		for _, in := range n.Input {
			args = append(args, values[in])
		}
		for i, o := range n.Output {
			values[o] = fmt.Sprintf("%s%d(%s)", n.GetOpType(), i, strings.Join(args, ","))
		}
	}
}

// checkPath runs the segments between consecutive cuts one after the other and
// compares the outcome with the whole model's.
func checkPath(t *rapid.T, m *Model, cuts []Cut) {
	whole := map[string]string{}
	for _, in := range m.Inputs() {
		whole[in.Name] = in.Name
	}
	sent := map[string]string{}
	for name, v := range whole {
		sent[name] = v
	}
	eval(m, whole)
	runs := map[string]int{} // of the nodes that depend on an input
	for i := range cuts[1:] {
		from, to := cuts[i], cuts[i+1]
		data, err := m.Extract(from, to)
		if err != nil {
			t.Fatalf("segment %d of %q: %v", i, show(cuts), err)
		}
		s, err := Parse(data)
		if err != nil {
			t.Fatalf("segment %d of %q: %v", i, show(cuts), err)
		}
		in, out := m.SegmentIO(from, to)
		if !slices.Equal(names(in), names(s.Inputs())) || !slices.Equal(names(out), names(s.Outputs())) {
			t.Fatalf("segment %d has inputs %v and outputs %v, SegmentIO says %v and %v", i, s.Inputs(), s.Outputs(), in, out)
		}
		next, inside := map[string]string{}, map[string]string{}
		for _, info := range s.Inputs() {
			inside[info.Name] = sent[info.Name]
		}
		eval(s, inside)
		for _, info := range s.Outputs() {
			next[info.Name] = inside[info.Name]
		}
		for _, info := range PassThrough(from, to) {
			next[info.Name] = sent[info.Name]
		}
		for j := range s.nodes {
			if !s.nodes[j].constant {
				runs[s.nodes[j].pb.GetName()]++
			}
		}
		sent = next
	}
	for _, o := range m.Outputs() {
		if sent[o.Name] != whole[o.Name] || sent[o.Name] == "" {
			t.Fatalf("output %s is %q, the whole model's %q", o.Name, sent[o.Name], whole[o.Name])
		}
	}
	for i := range m.nodes {
		want := 0
		if m.nodes[i].moves() {
			want = 1
		}
		if got := runs[m.nodes[i].pb.GetName()]; got != want {
			t.Fatalf("node %s runs %d times, want %d", label(m.nodes[i].pb), got, want)
		}
	}
}

func TestSegmentsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := randomNet(t)
		all, err := m.Cuts()
		if err != nil {
			return // no node depends on an input; TestCutsAgainstBruteForce proves it
		}
		chain, err := m.ChainCuts()
		if err != nil {
			t.Fatal(err)
		}
		some := []Cut{all[0]}
		for _, c := range all[1 : len(all)-1] {
			if rapid.Bool().Draw(t, "take") {
				some = append(some, c)
			}
		}
		checkPath(t, m, append(some, all[len(all)-1]))
		checkPath(t, m, all)
		checkPath(t, m, chain)
	})
}

func TestChainCutsAreWorthTheirPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := randomNet(t)
		chain, err := m.ChainCuts()
		if err != nil {
			return // as above
		}
		for i, c := range chain {
			inner := i > 0 && i < len(chain)-1
			if c.Index != i || i > 0 && chain[i-1].Nodes >= c.Nodes {
				t.Fatalf("cuts %+v are out of order", chain)
			}
			if inner && (c.BreaksFusion && !c.sums || dominated(c, chain[:i])) {
				t.Fatalf("cut %q should not be in %q", c.Name, show(chain))
			}
			if inner && i > 1 && chain[i-1].HeadMACs == c.HeadMACs {
				t.Fatalf("cuts %q and %q have equal work", chain[i-1].Name, c.Name)
			}
		}
	})
}
