package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// built writes a model that fill builds, and returns its path.
func built(t *testing.T, fill func(b *build.Builder)) string {
	t.Helper()
	b := build.New("net")
	fill(b)
	data, err := b.Bytes()
	require.NoError(t, err)
	return write(t, filepath.Join(t.TempDir(), "net.onnx"), string(data))
}

// chain adds nodes of one input and one output, from x to y, with the types that they have.
func chain(b *build.Builder, shape []int64, ops ...string) {
	in := "x"
	for i, op := range ops {
		out := "y"
		if i < len(ops)-1 {
			out = string(rune('a' + i))
			b.Value(out, onnx.Float32, shape...)
		}
		in = b.Node(op, []string{in}, []string{out})
	}
	b.Output("y", onnx.Float32, shape...)
}

// verified runs model verify and returns what it says of the one model.
func verified(t *testing.T, code int, args ...string) modelcmd.Verified {
	t.Helper()
	o := edgeprune(t, append([]string{"model", "verify", "--json"}, args...)...)
	assert.Equal(t, code, o.code, o.stderr)
	var all []modelcmd.Verified
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &all), "%s%s", o.stdout, o.stderr)
	require.Len(t, all, 1)
	return all[0]
}

// What an operator draws can't be compared; what a cut sends before it can.
func TestVerifyRandomOperators(t *testing.T) {
	shape := []int64{1, 4}
	noise := func(b *build.Builder, attrs ...build.Attr) {
		b.Input("x", onnx.Float32, shape...)
		b.Value("a", onnx.Float32, shape...)
		b.Value("n", onnx.Float32, shape...)
		b.Value("b", onnx.Float32, shape...)
		b.Node("Relu", []string{"x"}, []string{"a"})
		b.Node("RandomNormalLike", []string{"a"}, []string{"n"}, attrs...)
		b.Node("Add", []string{"a", "n"}, []string{"b"})
		b.Node("Relu", []string{"b"}, []string{"y"})
		b.Output("y", onnx.Float32, shape...)
	}
	for name, attrs := range map[string][]build.Attr{
		"without a seed": nil, "with a seed": {{Name: "seed", Value: float32(3)}},
	} {
		t.Run(name, func(t *testing.T) {
			path := built(t, func(b *build.Builder) { noise(b, attrs...) })
			v := verified(t, exitOK, path)
			assert.Equal(t, 1, v.Verified)
			assert.Equal(t, 1, v.Heads, "cut a, before the operator")
			assert.Equal(t, 2, v.Incomparable)
			assert.Zero(t, v.Differ)
			assert.Zero(t, v.Compared)
			require.Len(t, v.NotComparable, 1)
			assert.EqualValues(t, 4, v.NotComparable[0].Elements)
			edgeprune(t, "model", "verify", path, "--cuts").says(t, exitOK,
				"not comparable        2 of 3 cuts",
				`not comparable        random, by RandomNormalLike "n": 4 of 4 elements of y`,
				"a (what it sends)", `b: not comparable: random, by RandomNormalLike "n": b`)
		})
	}
	both := built(t, func(b *build.Builder) { // an output that isn't random
		noise(b)
		b.Node("Neg", []string{"a"}, []string{"z"})
		b.Output("z", onnx.Float32, shape...)
	})
	v := verified(t, exitOK, both)
	assert.Equal(t, 7, v.Cuts)
	assert.Equal(t, 5, v.Verified)
	assert.Equal(t, 1, v.Heads, "cut a and z, behind which only y is made")
	assert.Equal(t, 2, v.Incomparable, "cuts n and z, b and z")
	assert.Zero(t, v.Differ)
	assert.EqualValues(t, 4, v.Compared)
	assert.EqualValues(t, 8, v.Elements)
	all := built(t, func(b *build.Builder) { // nothing before the operator
		b.Input("x", onnx.Float32, shape...)
		chain(b, shape, "Bernoulli", "Relu", "Neg")
	})
	o := edgeprune(t, "model", "verify", all)
	o.says(t, exitNothing, "verified              0")
	assert.Contains(t, o.stderr, "nothing was verified: "+all+`: not comparable: random, by Bernoulli "a"`)
}

// NaN and infinite in both verify nothing, also where they are some of many.
func TestVerifyNotFinite(t *testing.T) {
	shape := []int64{1, 8}
	of := func(ops ...string) string {
		return built(t, func(b *build.Builder) {
			b.Input("x", onnx.Float32, shape...)
			chain(b, shape, ops...)
		})
	}
	nan := of("Acosh", "Relu", "Neg") // of numbers below 1
	v := verified(t, exitNothing, nan)
	assert.Zero(t, v.Verified)
	assert.Equal(t, v.Cuts, v.Incomparable)
	assert.Positive(t, v.Cuts)
	assert.Zero(t, v.BitEqual)
	edgeprune(t, "model", "verify", nan, "--cuts").says(t, exitNothing, "not comparable        NaN: 8 of 8 elements of y",
		"a: not comparable: NaN: 8 of 8 elements of a")
	some := verified(t, exitOK, of("Log", "Neg"))
	assert.Equal(t, some.Cuts, some.Verified)
	require.Len(t, some.NotComparable, 1)
	assert.Equal(t, "NaN", some.NotComparable[0].Reason)
	assert.Equal(t, some.Elements, some.Compared+some.NotComparable[0].Elements)
	assert.Positive(t, some.Compared)
	large := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, shape...)
		b.Node("Div", []string{"x", b.Floats("nil", []float32{0}, 1)}, []string{"a"})
		b.Node("Neg", []string{"a"}, []string{"y"})
		b.Output("y", onnx.Float32, shape...)
	})
	edgeprune(t, "model", "verify", large).says(t, exitNothing, "not comparable        infinite: 8 of 8 elements of y")
	o := edgeprune(t, "model", "verify", nan, large) // a table
	o.says(t, exitNothing, "0 compared, 0 refused as a whole, 2 not comparable", "not comparable: NaN: 8 of 8")
	o = edgeprune(t, "model", "verify", nan, of("Relu", "Neg"))
	o.says(t, exitOK, "1 compared, 0 refused as a whole, 1 not comparable")
}

// No elements are never verified; a cache that is empty is, by what is not.
func TestVerifyNoElements(t *testing.T) {
	zero := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 0, 4)
		chain(b, []int64{0, 4}, "Relu", "Neg", "Exp")
	})
	edgeprune(t, "model", "verify", zero, "--dim", "x[0]=0").says(t, exitNothing, "verified              0",
		"not comparable        no elements in y")
	none := built(t, func(b *build.Builder) { // none of the numbers is other than 0
		b.Input("x", onnx.Float32, 1, 4)
		b.Node("Mul", []string{"x", b.Floats("nil", []float32{0}, 1)}, []string{"a"})
		b.Node("Relu", []string{"a"}, []string{"r"})
		b.Node("NonZero", []string{"r"}, []string{"y"})
		b.Output("y", onnx.Int64, 2, -1)
	})
	v := verified(t, exitOK, none)
	assert.Equal(t, v.Cuts, v.Heads, "what they send can be compared")
	require.Len(t, v.NotComparable, 1)
	assert.Equal(t, "no elements", v.NotComparable[0].Reason)
	cache := built(t, func(b *build.Builder) {
		b.Input("past", onnx.Float32, 1, 4, -1, 8)
		b.Input("new", onnx.Float32, 1, 4, 1, 8)
		b.Node("Relu", []string{"new"}, []string{"r"})
		b.Node("Concat", []string{"past", "r"}, []string{"present"}, build.Attr{Name: "axis", Value: 2})
		b.Node("Relu", []string{"present"}, []string{"y"})
		b.Output("y", onnx.Float32, 1, 4, 1, 8)
	})
	v = verified(t, exitOK, cache, "--dim", "n=0")
	assert.Equal(t, v.Cuts, v.Verified)
	assert.EqualValues(t, 32, v.Compared)
	edgeprune(t, "model", "inspect", cache, "--dim", "n=0").says(t, exitOK, "past float32[1,4,0,8], 0 B")
	edgeprune(t, "run", "--model", cache, "--dim", "n=0", "--at", "r+1", "--frames", "3", "--slowdown", "1", "--driver",
		"deploy").says(t, exitOK, "  128  ")
	edgeprune(t, "model", "verify", cache, "--dim", "n=-1").refused(t, exitInput, "a size of at least 0")
}

// Outputs that are no numbers are compared, if they are strings, or named.
func TestVerifyOtherOutputs(t *testing.T) {
	shape := []int64{1, 4}
	strings := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, shape...)
		b.Value("a", onnx.Float32, shape...)
		b.Node("Relu", []string{"x"}, []string{"a"})
		b.Node("Cast", []string{"a"}, []string{"s"}, build.Attr{Name: "to", Value: int(onnx.String)})
		b.Node("Greater", []string{"a", b.Floats("k", []float32{0.5}, 1)}, []string{"g"})
		b.Output("s", onnx.String, shape...)
		b.Output("g", onnx.Bool, shape...)
	})
	v := verified(t, exitOK, strings)
	assert.Equal(t, v.Cuts, v.Verified)
	assert.Positive(t, v.Cuts)
	assert.EqualValues(t, 8, v.Compared, "strings and conditions")
	b := build.New("list")
	b.Input("x", onnx.Float32, shape...)
	chain(b, shape, "Relu", "Neg", "Exp")
	b.Node("SequenceConstruct", []string{"b", "b"}, []string{"list"})
	b.Output("list", 0)
	data, err := b.Bytes()
	require.NoError(t, err)
	data = onnxtest.Edit(t, data, func(m *onnxpb.ModelProto) {
		of := onnxtest.Declaration("", onnx.Float32, shape...).Type
		m.Graph.Output[1].Type = &onnxpb.TypeProto{Value: &onnxpb.TypeProto_SequenceType{
			SequenceType: &onnxpb.TypeProto_Sequence{ElemType: of},
		}}
	})
	v = verified(t, exitOK, write(t, filepath.Join(t.TempDir(), "list.onnx"), string(data)))
	assert.Equal(t, v.Cuts, v.Verified)
	assert.Positive(t, v.Cuts)
	require.Len(t, v.NotComparable, 1)
	assert.Equal(t, "a sequence, which isn't compared in list", v.NotComparable[0].String())
}

// Half precision of either kind is compared, also where the file leaves the shape open.
func TestVerifyHalves(t *testing.T) {
	half := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float16, -1, 8)
		b.Node("Relu", []string{"x"}, []string{"a"})
		b.Node("Cast", []string{"a"}, []string{"f"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		b.Node("Cast", []string{"f"}, []string{"h"}, build.Attr{Name: "to", Value: int(onnx.BFloat16)})
		b.Node("Cast", []string{"h"}, []string{"y"}, build.Attr{Name: "to", Value: int(onnx.Float16)})
		b.Output("y", onnx.Float16, -1, 8)
		b.Output("h", onnx.BFloat16, -1, 8)
	})
	v := verified(t, exitOK, half, "--dim", "n=2")
	assert.Equal(t, v.Cuts, v.Verified)
	assert.Positive(t, v.Cuts)
	assert.EqualValues(t, 32, v.Compared)
}

// A model without an inner cut, and one that can't be run, are not verified.
func TestVerifyNothing(t *testing.T) {
	single := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 1, 4)
		chain(b, []int64{1, 4}, "Relu")
	})
	o := edgeprune(t, "model", "verify", single)
	o.says(t, exitNothing, "cuts                  0")
	assert.Contains(t, o.stderr, "it has no inner cut")
	edgeprune(t, "model", "--help").says(t, exitOK)
	edgeprune(t, "model", "verify", "--help").says(t, exitOK, "3 nothing was verified and nothing differs")
}
