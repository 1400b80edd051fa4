package cut_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// TestMain has rapid draw 500 models a test, unless its flag says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "500"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// naive is a model as this test reads it: the nodes that depend on an input
// and that an output depends on.
type naive struct {
	uses, makes     [][]string
	inputs, outputs []string
}

// usesNaive collects what a node reads, in its bodies too, except what they make.
func usesNaive(n *onnxpb.NodeProto) []string {
	uses := slices.Clone(n.Input)
	for _, a := range n.Attribute {
		if a.G == nil {
			continue
		}
		var inside, local []string
		for _, v := range a.G.Input {
			local = append(local, v.GetName())
		}
		for _, b := range a.G.Node {
			inside, local = append(inside, usesNaive(b)...), append(local, b.Output...)
		}
		uses = append(uses, slices.DeleteFunc(inside, func(u string) bool { return slices.Contains(local, u) })...)
	}
	return uses
}

func readNaive(t *rapid.T, data []byte) *naive {
	pb := &onnxpb.ModelProto{}
	require.NoError(t, proto.Unmarshal(data, pb))
	n := &naive{}
	fixed, needed := map[string]bool{"": true}, map[string]bool{}
	for _, w := range pb.Graph.Initializer {
		fixed[w.GetName()] = true
	}
	for _, v := range pb.Graph.Input {
		n.inputs = append(n.inputs, v.GetName())
	}
	for _, v := range pb.Graph.Output {
		n.outputs = append(n.outputs, v.GetName())
		needed[v.GetName()] = true
	}
	var moving []*onnxpb.NodeProto
	for _, node := range pb.Graph.Node {
		varies := slices.ContainsFunc(node.Attribute, func(a *onnxpb.AttributeProto) bool { return a.G != nil }) ||
			slices.ContainsFunc(usesNaive(node), func(u string) bool { return !fixed[u] })
		if varies {
			moving = append(moving, node)
			continue
		}
		for _, o := range node.Output {
			fixed[o] = true
		}
	}
	for _, node := range slices.Backward(moving) {
		if slices.ContainsFunc(node.Output, func(o string) bool { return needed[o] }) {
			for _, u := range usesNaive(node) {
				needed[u] = true
			}
			n.uses = append(n.uses, slices.DeleteFunc(usesNaive(node), func(u string) bool { return fixed[u] }))
			n.makes = append(n.makes, node.Output)
		}
	}
	slices.Reverse(n.uses)
	slices.Reverse(n.makes)
	return n
}

// sent lists what the nodes before a cut send, sorted.
func (n *naive) sent(before []bool) []string {
	var have, want []string
	have, want = append(have, n.inputs...), append(want, n.outputs...)
	for i, b := range before {
		if b {
			have = append(have, n.makes[i]...)
		} else {
			want = append(want, n.uses[i]...)
		}
	}
	have = slices.DeleteFunc(have, func(h string) bool { return !slices.Contains(want, h) })
	slices.Sort(have)
	return have
}

// downSets calls visit with all sets of nodes that hold what their nodes need,
// by deciding on one node after the other, up to most; it says whether it went
// through them all.
func (n *naive) downSets(most int, visit func(before []bool)) bool {
	before, count := make([]bool, len(n.uses)), 0
	var decide func(i int) bool
	decide = func(i int) bool {
		if i == len(before) {
			count++
			visit(before)
			return count < most
		}
		ready := true
		for k := range i {
			if !before[k] && slices.ContainsFunc(n.makes[k], func(o string) bool { return slices.Contains(n.uses[i], o) }) {
				ready = false
			}
		}
		if before[i] = ready; ready && !decide(i+1) {
			return false
		}
		before[i] = false
		return decide(i + 1)
	}
	return decide(0)
}

func key(c cut.Cut) string {
	var names []string
	for _, t := range c.Tensors {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestAllCutsAgainstExhaustiveSearch(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		model := onnxtest.Random(t, 20)
		m, err := model.Parse()
		require.NoError(t, err)
		n := readNaive(t, model.Data)
		if len(n.uses) == 0 {
			return
		}
		cuts, complete, err := cut.All(m, cut.Limits{Heads: 1 << 20})
		require.NoError(t, err)
		want := map[string]int{} // number of tensors
		all := n.downSets(3000, func(before []bool) {
			if slices.Contains(before, true) && slices.Contains(before, false) {
				s := n.sent(before)
				want[strings.Join(s, " ")] = len(s)
			}
		})
		got := map[string]bool{}
		for _, c := range cuts[1 : len(cuts)-1] {
			got[key(c)] = true
		}
		for s := range want {
			if !got[s] {
				require.False(t, complete, "cut %q was not found", s)
			}
		}
		if all {
			require.LessOrEqual(t, len(got), len(want), "%d cuts, exhaustive search finds", len(got))
		}
		if all && complete {
			compared++
		}
		checkSingle(t, m, want, all)
	})
	assert.GreaterOrEqual(t, compared, 100, "only %d models could be searched exhaustively", compared)
}

func checkSingle(t *rapid.T, m *onnx.Model, want map[string]int, all bool) {
	single, err := cut.Single(m)
	require.NoError(t, err)
	got := map[string]bool{}
	for _, c := range single {
		got[key(c)] = true
	}
	for s, tensors := range want {
		if tensors == 1 {
			require.True(t, got[s], "the single-tensor cut %q was not found among", s)
		}
	}
	ends := map[string]bool{}
	for _, end := range [][]onnx.TensorInfo{m.Inputs(), m.Outputs()} {
		ends[key(cut.Cut{Tensors: end})] = true
	}
	for s := range got {
		if all && want[s] != 1 {
			require.True(t, ends[s], "%q is no single-tensor cut", s)
		}
	}
}

func TestLeastCutsAgainstExhaustiveSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := onnxtest.Random(t, 12)
		m, err := model.Parse()
		require.NoError(t, err)
		n := readNaive(t, model.Data)
		if len(n.uses) == 0 {
			return
		}
		cuts, complete, err := cut.All(m, cut.Limits{Heads: 1 << 20})
		if err != nil || !complete {
			return
		}
		size := map[string]int64{}
		for _, c := range cuts {
			size[key(c)] = c.Bytes()
		}
		best := make([]int64, len(n.uses)) // by depth
		at := make([]map[string]bool, len(n.uses))
		all := n.downSets(20000, func(before []bool) {
			s := strings.Join(n.sent(before), " ")
			for k := 1; k < len(before); k++ {
				if !before[k-1] || before[k] {
					continue
				}
				if at[k] == nil || size[s] < best[k] {
					best[k], at[k] = size[s], map[string]bool{}
				}
				if size[s] == best[k] {
					at[k][s] = true
				}
			}
		})
		if !all {
			return
		}
		least, err := cut.Least(m)
		require.NoError(t, err)
		for k := 1; k < len(best); k++ {
			require.True(t, slices.ContainsFunc(least, func(c cut.Cut) bool { return at[k][key(c)] }),
				"none of the cheapest cuts at depth %d, %v, was found", k, at[k])
		}
		for _, c := range least {
			require.True(t, c.Least, "cut %q is the cheapest at no depth", key(c))
			require.True(t, slices.ContainsFunc(at, func(m map[string]bool) bool { return m[key(c)] }),
				"cut %q is the cheapest at no depth", key(c))
		}
	})
}

// Head and tail of every cut are models of their own that do what the cut says.
func TestCutsDivideTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := onnxtest.Random(t, 16).Parse()
		require.NoError(t, err)
		cuts, _, err := cut.All(m, cut.Limits{Heads: 64})
		if err != nil {
			return // no node depends on an input
		}
		first, last := cuts[0], cuts[len(cuts)-1]
		for _, c := range cuts[1 : len(cuts)-1] {
			head, tail := written(t, m, first, c), written(t, m, c, last)
			require.Equal(t, work.MACs(m), c.HeadMACs+c.TailMACs, "cut %s: %d and %d MACs, the parts", c.Name, c.HeadMACs,
				c.TailMACs)
			require.Equal(t, c.HeadMACs, work.MACs(head), "cut %s: %d and %d MACs, the parts", c.Name, c.HeadMACs, c.TailMACs)
			require.Equal(t, c.TailMACs, work.MACs(tail), "cut %s: %d and %d MACs, the parts", c.Name, c.HeadMACs, c.TailMACs)
			require.Equal(t, c.HeadParams, work.Params(head), "cut %s: %d and %d parameters, the parts", c.Name, c.HeadParams,
				c.TailParams)
			require.LessOrEqual(t, work.Params(tail), c.TailParams, "cut %s: %d and %d parameters, the parts", c.Name,
				c.HeadParams, c.TailParams)
			other := slices.IndexFunc(cuts, func(o cut.Cut) bool { return o.Name == c.Instead })
			if c.Instead != "" {
				require.False(t, !c.BreaksFusion || other < 1 || other == len(cuts)-1 || cuts[other].BreaksFusion,
					"cut %s (%v) is to be replaced by", c.Name, c.Broken)
			}
		}
	})
}

func written(t *rapid.T, m *onnx.Model, from, to cut.Cut) *onnx.Model {
	s, err := cut.Between(m, from, to, "")
	require.NoError(t, err, "from %q to %q", key(from), key(to))
	var b bytes.Buffer
	require.NoError(t, s.WriteModel(&b))
	sub, err := onnx.Parse(b.Bytes())
	require.NoError(t, err, "from %q to %q", key(from), key(to))
	got := key(cut.Cut{Tensors: sub.Inputs()})
	require.Equal(t, key(cut.Cut{Tensors: s.Inputs}), got, "inputs %q", got)
	return sub
}
