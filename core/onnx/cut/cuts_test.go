package cut

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// show writes a list of cuts as "name=tensors" with a * at broken fusions.
func show(cuts []Cut) []string {
	out := []string{}
	for _, c := range cuts {
		s := c.Name + "=" + strings.Join(onnxtest.Names(c.Tensors), ",")
		if c.BreaksFusion {
			s += "*"
		}
		out = append(out, s)
	}
	return out
}

func TestCuts(t *testing.T) {
	tests := []struct {
		name       string
		net        func(testing.TB) onnxtest.Net
		all, chain []string
	}{
		{"chain", onnxtest.ChainNet,
			[]string{"x=x", "conv0=conv0*", "relu0=relu0", "conv1=conv1*", "relu1=relu1"},
			[]string{"x=x", "relu0=relu0", "relu1=relu1"}},
		{"residual", onnxtest.ResidualNet,
			[]string{"x=x", "conv0=conv0*", "relu0=relu0", "conv1+1=relu0,conv1*", "relu1+1=relu0,relu1", "conv2+1=relu0,conv2*",
				"sum=sum", "conv3=conv3"},
			[]string{"x=x", "relu0=relu0", "sum=sum", "conv3=conv3"}},
		{"two heads", onnxtest.HeadsNet,
			[]string{"x=x", "conv0=conv0*", "relu0=relu0", "conv1=conv1*", "relu1=relu1", "box0+1=relu1,box0",
				"cls0+2=relu1,box0,cls0",
				"conv2+2=box0,cls0,conv2*", "relu2+2=box0,cls0,relu2", "box1+3=box0,cls0,relu2,box1", "cls1+3=cls0,cls1,box0,box1"},
			[]string{"x=x", "relu0=relu0", "relu1=relu1", "relu2+2=box0,cls0,relu2", "cls1+3=cls0,cls1,box0,box1"}},
		{"skipped input, early output", onnxtest.SkipInputNet,
			[]string{"id+2=x,scale,id", "early+2=scale,id,early", "mid+3=scale,id,early,mid", "scaled+2=scaled,early,id"},
			[]string{"id+2=x,scale,id", "early+2=scale,id,early", "scaled+2=scaled,early,id"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tt.net(t).Model()
			all, err := InOrder(m)
			require.NoError(t, err, "InOrder() = %q, %v\nwant", show(all), err)
			assert.Equal(t, tt.all, show(all), "InOrder() = %q, %v\nwant", show(all), err)
			chain, err := Chain(m)
			require.NoError(t, err, "Chain() = %q, %v\nwant", show(chain), err)
			assert.Equal(t, tt.chain, show(chain), "Chain() = %q, %v\nwant", show(chain), err)
			for i, c := range chain {
				assert.Equal(t, i, c.Index, "cut %d of the chain has index", i)
			}
		})
	}
}

func TestCutsNameTheirNeighbour(t *testing.T) {
	cuts, err := InOrder(onnxtest.ChainNet(t).Model())
	require.NoError(t, err)
	for i, want := range []struct {
		broken  []string
		instead string
	}{{}, {[]string{"Conv+Relu"}, "relu0"}, {}, {[]string{"Conv+Relu"}, "relu0"}, {}} {
		c := cuts[i]
		assert.Equal(t, want.broken, c.Broken, "cut %s breaks %q, instead", c.Name, c.Broken)
		assert.Equal(t, want.instead, c.Instead, "cut %s breaks %q, instead", c.Name, c.Broken)
	}
}

func TestCutNumbers(t *testing.T) {
	m := onnxtest.ChainNet(t).Model()
	cuts, err := InOrder(m)
	require.NoError(t, err)
	const macs0, macs1 = 4 * 64 * 27, 2 * 64 * 36
	c := cuts[2]
	assert.Equal(t, 2, c.Nodes, "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	assert.EqualValues(t, macs0, c.HeadMACs, "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	assert.EqualValues(t, macs1, c.TailMACs, "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	assert.EqualValues(t, 108, c.HeadParams, "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	assert.EqualValues(t, 72, c.TailParams, "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	assert.EqualValues(t, 4*4*64, c.Bytes(), "cut after relu0 = %+v, %d bytes", c, c.Bytes())
	first, last := cuts[0], cuts[4]
	assert.EqualValues(t, 0, first.HeadMACs, "the ends divide the work as")
	assert.Equal(t, work.MACs(m), first.TailMACs, "the ends divide the work as")
	assert.Equal(t, work.MACs(m), last.HeadMACs, "the ends divide the work as")
	assert.EqualValues(t, 0, last.TailMACs, "the ends divide the work as")
	assert.EqualValues(t, 180, first.TailParams, "the ends divide the parameters as")
	assert.EqualValues(t, 180, last.HeadParams, "the ends divide the parameters as")
	assert.EqualValues(t, 180, work.Params(m), "the ends divide the parameters as")
	assert.Equal(t, 4, last.Nodes, "the ends divide the parameters as")
}

func TestSharedWeightCountsOnBothSides(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 4)
	n.Floats("w", make([]float32, 16), 4, 4)
	n.Value("a", onnx.Float32, 1, 4)
	n.Node("MatMul", []string{"x", "w"}, []string{"a"})
	n.Node("MatMul", []string{"a", "w"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 4)
	m := n.Model()
	cuts, err := InOrder(m)
	require.NoError(t, err)
	c := cuts[1]
	assert.EqualValues(t, 16, c.HeadParams, "parameters %d head, %d tail, %d all; want 16 each", c.HeadParams,
		c.TailParams, work.Params(m))
	assert.EqualValues(t, 16, c.TailParams, "parameters %d head, %d tail, %d all; want 16 each", c.HeadParams,
		c.TailParams, work.Params(m))
	assert.EqualValues(t, 16, work.Params(m), "parameters %d head, %d tail, %d all; want 16 each", c.HeadParams,
		c.TailParams, work.Params(m))
}

func TestConstantsAreNotSent(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 4)
	n.Floats("w", make([]float32, 4), 4)
	n.Node("Neg", []string{"w"}, []string{"c"}) // made first, used last
	n.Value("a", onnx.Float32, 1, 4)
	n.Node("Relu", []string{"x"}, []string{"a"})
	n.Node("Relu", []string{"x"}, []string{"dead"})
	n.Node("Add", []string{"a", "c"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 4)
	n.Output("c", onnx.Float32, 4)
	m := n.Model()
	cuts, err := InOrder(m)
	want := []string{"x=x", "a=a", "y+1=y,c"}
	require.NoError(t, err, "InOrder()")
	require.Equal(t, want, show(cuts), "InOrder()")
	c := cuts[1]
	assert.EqualValues(t, 0, c.HeadParams, "parameters %d head, %d tail; want 0, 4", c.HeadParams, c.TailParams)
	assert.EqualValues(t, 4, c.TailParams, "parameters %d head, %d tail; want 0, 4", c.HeadParams, c.TailParams)
	data, err := Extract(m, cuts[1], cuts[2])
	require.NoError(t, err)
	assert.Equal(t, []onnx.OpCount{{Op: "Add", Count: 1}, {Op: "Neg", Count: 1}}, onnxtest.MustParse(t, data).Ops(),
		"the tail has the nodes")
}

func TestFusions(t *testing.T) {
	tests := []struct {
		name   string
		follow func(n onnxtest.Net) // from "c", [1 4 8 8], to "y"
		want   []bool               // BreaksFusion of the cuts after conv and followers
	}{
		{"relu", func(n onnxtest.Net) { n.Op("Relu", "y", 4, 8, "c") }, []bool{true, false}},
		{"softmax", func(n onnxtest.Net) { n.Op("Softmax", "y", 4, 8, "c") }, []bool{false, false}},
		{"bias on the left, clip", func(n onnxtest.Net) {
			n.Floats("b", make([]float32, 4), 4, 1, 1)
			n.Op("Add", "s", 4, 8, "b", "c")
			n.Op("Clip", "y", 4, 8, "s")
		}, []bool{true, true, false}},
		{"batch norm, two activations", func(n onnxtest.Net) {
			n.Floats("b", make([]float32, 4), 4)
			n.Op("BatchNormalization", "s", 4, 8, "c", "b", "b", "b", "b")
			n.Op("Tanh", "a", 4, 8, "s")
			n.Op("Relu", "y", 4, 8, "a")
		}, []bool{true, true, false, false}},
		{"addition of a variable", func(n onnxtest.Net) { n.Op("Add", "y", 4, 8, "c", "x") }, []bool{false, false}},
		{"used twice", func(n onnxtest.Net) {
			n.Op("Relu", "r", 4, 8, "c")
			n.Op("Add", "y", 4, 8, "c", "r")
		}, []bool{false, false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := onnxtest.NewNet(t)
			n.Input("x", onnx.Float32, 1, 4, 8, 8)
			n.Conv("c", "x", 4, 4, 8)
			tt.follow(n)
			n.Output("y", onnx.Float32, 1, 4, 8, 8)
			cuts, err := InOrder(n.Model())
			require.NoError(t, err)
			var got []bool
			for _, c := range cuts[1:] {
				got = append(got, c.BreaksFusion)
			}
			assert.Equal(t, tt.want, got, "BreaksFusion")
		})
	}
}

func TestChainKeepsCheapestOfEqualWork(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Uint8, 1, 3, 8, 8)
	n.Op("Cast", "float", 3, 8, "x") // larger than x: no cut
	n.Conv("c", "float", 3, 4, 8)
	n.Op("MaxPool", "pool", 4, 4, "c") // smaller: the cut
	n.Op("Pad", "pad", 4, 6, "pool")
	n.Conv("d", "pad", 4, 4, 6)
	n.Op("Flatten", "flat", 4, 6, "d")
	n.Op("MaxPool", "small", 4, 1, "flat") // before the last: both stay
	n.Op("Resize", "y", 4, 9, "small")
	n.Output("y", onnx.Float32, 1, 4, 9, 9)
	chain, err := Chain(n.Model())
	want := []string{"x=x", "pool=pool", "small=small", "y=y"}
	require.NoError(t, err, "Chain()")
	assert.Equal(t, want, show(chain), "Chain()")
}

func TestChainHasNoActorForATie(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 3, 8, 8)
	n.Op("Transpose", "nchw", 3, 8, "x") // as large as x, no work
	n.Conv("c", "nchw", 3, 4, 8)
	n.Op("Softmax", "y1", 4, 8, "c") // as large as c: the later one stays
	n.Conv("y", "y1", 4, 4, 8)
	n.Output("y", onnx.Float32, 1, 4, 8, 8)
	chain, err := Chain(n.Model())
	want := []string{"x=x", "y1=y1", "y=y"}
	require.NoError(t, err, "Chain()")
	assert.Equal(t, want, show(chain), "Chain()")
}

func TestCutsWithoutInputs(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Node("RandomNormal", nil, []string{"r"}, build.Attr{Name: "shape", Value: []int64{2}})
	n.Value("r", onnx.Float32, 2)
	n.Node("Relu", []string{"r"}, []string{"y"})
	n.Output("y", onnx.Float32, 2)
	n.Output("r2", onnx.Float32, 2)
	n.Node("Gen", []string{"r"}, []string{"r2"})
	data := onnxtest.Edit(t, n.Encoded(), func(m *onnxpb.ModelProto) {
		m.Graph.Node[2].Domain = proto.String("com.microsoft")
		m.OpsetImport = append(m.OpsetImport,
			&onnxpb.OperatorSetIdProto{Domain: proto.String("com.microsoft"), Version: proto.Int64(1)})
	})
	m := onnxtest.MustParse(t, data)
	cuts, err := Chain(m)
	want := []string{"nothing=", "r2+1=y,r2"}
	require.NoError(t, err, "Chain()")
	assert.Equal(t, want, show(cuts), "Chain()")
	assert.Equal(t, "com.microsoft.Gen", m.Ops()[2].Op, "the operator of another domain is called")
}

func TestCutsNeedShapes(t *testing.T) {
	noInfo := func(in, out int64) *onnx.Model {
		n := onnxtest.NewNet(t)
		n.Input("x", onnx.Float32, in, 4)
		n.Node("Relu", []string{"x"}, []string{"hidden"})
		n.Node("Relu", []string{"hidden"}, []string{"y"})
		n.Output("y", onnx.Float32, out, 4)
		return n.Model()
	}
	conv := onnxtest.NewNet(t)
	conv.Input("x", onnx.Float32, -1, 3, 8, 8)
	conv.Floats("w", make([]float32, 108), 4, 3, 3, 3)
	conv.Node("Conv", []string{"x", "w"}, []string{"y"})
	conv.Output("y", onnx.Float32, -1, 4, 8, 8)
	tests := []struct {
		name  string
		model *onnx.Model
		about string
	}{
		{"nothing known of a tensor", noInfo(1, 1), "hidden"},
		{"symbolic input", noInfo(-1, 1), "x float32[-1,4]"},
		{"work unknown", conv.Model(), "Conv"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := InOrder(tt.model)
			_, chainErr := Chain(tt.model)
			require.ErrorIs(t, err, onnx.ErrNoShape, "errors %v and %v, want onnx.ErrNoShape about", err, chainErr)
			require.ErrorIs(t, chainErr, onnx.ErrNoShape, "errors %v and %v, want onnx.ErrNoShape about", err, chainErr)
			assert.Contains(t, err.Error(), tt.about, "errors %v and %v, want onnx.ErrNoShape about", err, chainErr)
		})
	}
	macs := work.MACs(conv.Model())
	assert.EqualValues(t, -1, macs, "MACs() = %d, want -1", macs)
}

func TestNoNodes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1)
	n.Output("x", onnx.Float32, 1)
	_, err := InOrder(n.Model())
	assert.ErrorIs(t, err, ErrNoCut, "InOrder() error %v, want ErrNoCut", err)
}
