package cut

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
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
			[]string{"x=x", "conv0=conv0*", "relu0=relu0", "conv1+1=relu0,conv1*", "relu1+1=relu0,relu1", "conv2+1=relu0,conv2*", "sum=sum", "conv3=conv3"},
			[]string{"x=x", "relu0=relu0", "sum=sum", "conv3=conv3"}},
		{"two heads", onnxtest.HeadsNet,
			[]string{"x=x", "conv0=conv0*", "relu0=relu0", "conv1=conv1*", "relu1=relu1", "box0+1=relu1,box0", "cls0+2=relu1,box0,cls0",
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
			if err != nil || !slices.Equal(show(all), tt.all) {
				t.Errorf("InOrder() = %q, %v\nwant %q", show(all), err, tt.all)
			}
			chain, err := Chain(m)
			if err != nil || !slices.Equal(show(chain), tt.chain) {
				t.Errorf("Chain() = %q, %v\nwant %q", show(chain), err, tt.chain)
			}
			for i, c := range chain {
				if c.Index != i {
					t.Errorf("cut %d of the chain has index %d", i, c.Index)
				}
			}
		})
	}
}

func TestCutsNameTheirNeighbour(t *testing.T) {
	cuts, err := InOrder(onnxtest.ChainNet(t).Model())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		broken  []string
		instead string
	}{{}, {[]string{"Conv+Relu"}, "relu0"}, {}, {[]string{"Conv+Relu"}, "relu0"}, {}} {
		if c := cuts[i]; !slices.Equal(c.Broken, want.broken) || c.Instead != want.instead {
			t.Errorf("cut %s breaks %q, instead %q; want %+v", c.Name, c.Broken, c.Instead, want)
		}
	}
}

func TestCutNumbers(t *testing.T) {
	m := onnxtest.ChainNet(t).Model()
	cuts, err := InOrder(m)
	if err != nil {
		t.Fatal(err)
	}
	const macs0, macs1 = 4 * 64 * 27, 2 * 64 * 36
	c := cuts[2]
	if c.Nodes != 2 || c.HeadMACs != macs0 || c.TailMACs != macs1 || c.HeadParams != 108 || c.TailParams != 72 || c.Bytes() != 4*4*64 {
		t.Errorf("cut after relu0 = %+v, %d bytes", c, c.Bytes())
	}
	first, last := cuts[0], cuts[4]
	if first.HeadMACs != 0 || first.TailMACs != work.MACs(m) || last.HeadMACs != work.MACs(m) || last.TailMACs != 0 {
		t.Errorf("the ends divide the work as %+v and %+v", first, last)
	}
	if first.TailParams != 180 || last.HeadParams != 180 || work.Params(m) != 180 || last.Nodes != 4 {
		t.Errorf("the ends divide the parameters as %+v and %+v", first, last)
	}
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
	if err != nil {
		t.Fatal(err)
	}
	if c := cuts[1]; c.HeadParams != 16 || c.TailParams != 16 || work.Params(m) != 16 {
		t.Errorf("parameters %d head, %d tail, %d all; want 16 each", c.HeadParams, c.TailParams, work.Params(m))
	}
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
	if want := []string{"x=x", "a=a", "y+1=y,c"}; err != nil || !slices.Equal(show(cuts), want) {
		t.Fatalf("InOrder() = %q, %v, want %q", show(cuts), err, want)
	}
	if c := cuts[1]; c.HeadParams != 0 || c.TailParams != 4 {
		t.Errorf("parameters %d head, %d tail; want 0, 4", c.HeadParams, c.TailParams)
	}
	data, err := Extract(m, cuts[1], cuts[2])
	if err != nil {
		t.Fatal(err)
	}
	if ops := onnxtest.MustParse(t, data).Ops(); !slices.Equal(ops, []onnx.OpCount{{Op: "Add", Count: 1}, {Op: "Neg", Count: 1}}) {
		t.Errorf("the tail has the nodes %v", ops)
	}
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
			if err != nil {
				t.Fatal(err)
			}
			var got []bool
			for _, c := range cuts[1:] {
				got = append(got, c.BreaksFusion)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("BreaksFusion = %v, want %v", got, tt.want)
			}
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
	if want := []string{"x=x", "pool=pool", "small=small", "y=y"}; err != nil || !slices.Equal(show(chain), want) {
		t.Errorf("Chain() = %q, %v, want %q", show(chain), err, want)
	}
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
	if want := []string{"x=x", "y1=y1", "y=y"}; err != nil || !slices.Equal(show(chain), want) {
		t.Errorf("Chain() = %q, %v, want %q", show(chain), err, want)
	}
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
		m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("com.microsoft"), Version: proto.Int64(1)})
	})
	m := onnxtest.MustParse(t, data)
	cuts, err := Chain(m)
	if want := []string{"nothing=", "r2+1=y,r2"}; err != nil || !slices.Equal(show(cuts), want) {
		t.Errorf("Chain() = %q, %v, want %q", show(cuts), err, want)
	}
	if got := m.Ops()[2].Op; got != "com.microsoft.Gen" {
		t.Errorf("the operator of another domain is called %q", got)
	}
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
			if !errors.Is(err, onnx.ErrNoShape) || !errors.Is(chainErr, onnx.ErrNoShape) || !strings.Contains(err.Error(), tt.about) {
				t.Errorf("errors %v and %v, want onnx.ErrNoShape about %s", err, chainErr, tt.about)
			}
		})
	}
	if macs := work.MACs(conv.Model()); macs != -1 {
		t.Errorf("MACs() = %d, want -1", macs)
	}
}

func TestNoNodes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1)
	n.Output("x", onnx.Float32, 1)
	if _, err := InOrder(n.Model()); !errors.Is(err, ErrNoCut) {
		t.Errorf("InOrder() error %v, want ErrNoCut", err)
	}
}
