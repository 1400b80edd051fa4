package cut

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// randomNet draws a small network of one-element tensors: several inputs,
// initializers, constant, dead and multi-output nodes, early outputs.
func randomNet(t *rapid.T) *onnx.Model {
	b := build.New("random")
	var tensors, made []string
	for i := range rapid.IntRange(1, 3).Draw(t, "inputs") {
		name := fmt.Sprintf("in%d", i)
		b.Input(name, onnx.Float32, 1)
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
		b.Value(name, onnx.Float32, 1)
	}
	for _, name := range outputs {
		b.Output(name, onnx.Float32, 1)
	}
	data, err := b.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	return m
}

// crossing finds by brute force what the nodes before pos send to the others:
// of all tensors that depend on a graph input, those from which a walk along
// nodes at or after pos reaches a graph output.
func crossing(m *onnx.Model, pos int) []string {
	variable := map[string]bool{}
	order := []string{}
	for _, t := range m.Inputs() {
		variable[t.Name] = true
		order = append(order, t.Name)
	}
	for _, n := range m.Nodes() {
		for _, in := range n.Proto().Input {
			if variable[in] {
				for _, o := range n.Outputs() {
					variable[o] = true
				}
			}
		}
	}
	for _, n := range m.Nodes()[:pos] {
		order = append(order, n.Outputs()...)
	}
	var reaches func(name string) bool
	reaches = func(name string) bool {
		if slices.Contains(onnxtest.Names(m.Outputs()), name) {
			return true
		}
		for _, n := range m.Nodes()[pos:] {
			if slices.Contains(n.Proto().Input, name) && slices.ContainsFunc(n.Outputs(), reaches) {
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
		for pos := 1; pos < len(m.Nodes()); pos++ {
			sent := crossing(m, pos)
			if slices.Equal(sent, crossing(m, pos-1)) || slices.Equal(sent, crossing(m, len(m.Nodes()))) {
				continue
			}
			want = append(want, sent)
		}
		cuts, err := InOrder(m)
		if len(crossing(m, len(m.Nodes()))) == 0 || err != nil {
			require.False(t, slices.ContainsFunc(m.Nodes(), func(n onnx.Node) bool { return n.PerFrame() }), "InOrder()")
			return
		}
		require.Equal(t, onnxtest.Names(m.Inputs()), onnxtest.Names(cuts[0].Tensors), "the ends are %q", show(cuts))
		require.Equal(t, onnxtest.Names(m.Outputs()), onnxtest.Names(cuts[len(cuts)-1].Tensors), "the ends are %q",
			show(cuts))
		for i, c := range cuts[1 : len(cuts)-1] {
			got := onnxtest.Names(c.Tensors)
			require.Less(t, i, len(want), "inner cuts are %q", show(cuts))
			require.Equal(t, want[i], got, "inner cuts are %q", show(cuts))
			require.Equal(t, crossing(m, c.Nodes), got, "inner cuts are %q", show(cuts))
			require.Equal(t, work.MACs(m), c.HeadMACs+c.TailMACs, "cut %+v of %d MACs, %d parameters", c, work.MACs(m),
				work.Params(m))
			require.GreaterOrEqual(t, c.HeadParams+c.TailParams, work.Params(m), "cut %+v of %d MACs, %d parameters", c,
				work.MACs(m), work.Params(m))
		}
		require.Equal(t, len(want), len(cuts)-2, "inner cuts are %q", show(cuts))
	})
}

// eval runs a model on formulas: the value of a tensor says how it was made.
func eval(m *onnx.Model, values map[string]string) {
	for _, w := range m.Initializers() {
		values[w.GetName()] = w.GetName()
	}
	for _, n := range m.Nodes() {
		args := []string{}
		for _, in := range n.Proto().Input {
			args = append(args, values[in])
		}
		for i, o := range n.Outputs() {
			values[o] = fmt.Sprintf("%s%d(%s)", n.Proto().GetOpType(), i, strings.Join(args, ","))
		}
	}
}

// checkPath runs the segments between consecutive cuts one after the other and
// compares the outcome with the whole model's.
func checkPath(t *rapid.T, m *onnx.Model, cuts []Cut) {
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
		data, err := Extract(m, from, to)
		require.NoError(t, err, "segment %d of %q", i, show(cuts))
		s, err := onnx.Parse(data)
		require.NoError(t, err, "segment %d of %q", i, show(cuts))
		in, out := SegmentIO(m, from, to)
		require.Equal(t, onnxtest.Names(s.Inputs()), onnxtest.Names(in),
			"segment %d has inputs %v and outputs %v, SegmentIO says", i, s.Inputs(), s.Outputs())
		require.Equal(t, onnxtest.Names(s.Outputs()), onnxtest.Names(out),
			"segment %d has inputs %v and outputs %v, SegmentIO says", i, s.Inputs(), s.Outputs())
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
		for _, n := range s.Nodes() {
			if !n.Constant() {
				runs[n.Name()]++
			}
		}
		sent = next
	}
	for _, o := range m.Outputs() {
		require.Equal(t, whole[o.Name], sent[o.Name], "output %s is %q, the whole model's", o.Name, sent[o.Name])
		require.NotEmpty(t, sent[o.Name], "output %s is %q, the whole model's", o.Name, sent[o.Name])
	}
	for _, n := range m.Nodes() {
		want := 0
		if n.PerFrame() {
			want = 1
		}
		got := runs[n.Name()]
		require.Equal(t, want, got, "node %s runs %d times", n.Label(), got)
	}
}

func TestSegmentsMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := randomNet(t)
		all, err := InOrder(m)
		if err != nil {
			return // no node depends on an input; TestCutsAgainstBruteForce proves it
		}
		chain, err := Chain(m)
		require.NoError(t, err)
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
		chain, err := Chain(m)
		if err != nil {
			return // as above
		}
		for i, c := range chain {
			inner := i > 0 && i < len(chain)-1
			require.Equal(t, i, c.Index, "cuts %+v are out of order", chain)
			if i > 0 {
				require.Less(t, chain[i-1].Nodes, c.Nodes, "cuts %+v are out of order", chain)
			}
			if inner {
				require.False(t, c.BreaksFusion && !c.sums || dominated(c, chain[:i]), "cut %q should not be in %q", c.Name,
					show(chain))
			}
			if inner && i > 1 {
				require.NotEqual(t, c.HeadMACs, chain[i-1].HeadMACs, "cuts %q and %q have equal work", chain[i-1].Name, c.Name)
			}
		}
	})
}

// dominated looks at every earlier cut.
func dominated(c Cut, earlier []Cut) bool {
	sent := nameSet(c.Tensors)
	return slices.ContainsFunc(earlier, func(e Cut) bool {
		return len(e.Tensors) > 0 && len(e.Tensors) < len(c.Tensors) &&
			!slices.ContainsFunc(e.Tensors, func(t onnx.TensorInfo) bool { return !sent[t.Name] })
	})
}
