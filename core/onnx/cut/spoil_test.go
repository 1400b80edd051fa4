package cut_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// spoil makes one change to a graph that may or may not break a rule.
func spoil(t *rapid.T, g *onnxpb.GraphProto) {
	at := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "at") }
	n := g.Node[at(len(g.Node))]
	var names []string
	for _, o := range g.Node {
		names = append(names, o.Output...)
	}
	for _, v := range g.Input {
		names = append(names, v.GetName())
	}
	for _, w := range g.Initializer {
		names = append(names, w.GetName())
	}
	name := rapid.SampledFrom(append(names, "", "ghost")).Draw(t, "name")
	kinds := []string{"DequantizeLinear", "QuantizeLinear", "If", "Loop", "Optional", "OptionalGetElement", "SequenceAt",
		"Identity", "RandomNormal", "Constant", "Conv", "MatMul", "Erf", "Div", "Mul", "Sigmoid", "ReduceMean"}
	switch change := rapid.IntRange(0, 11).Draw(t, "change"); {
	case change == 0 && len(n.Input) > 0:
		n.Input[at(len(n.Input))] = name
	case change == 1 && len(n.Output) > 0:
		n.Output[at(len(n.Output))] = name
	case change == 2:
		n.OpType = proto.String(rapid.SampledFrom(kinds).Draw(t, "kind"))
	case change == 3:
		i, j := at(len(g.Node)), at(len(g.Node))
		g.Node[i], g.Node[j] = g.Node[j], g.Node[i]
	case change == 4:
		n.Input, n.Output = n.Output, n.Input
	case change == 5 && len(g.Initializer) > 0:
		g.Initializer[at(len(g.Initializer))].Dims = []int64{rapid.SampledFrom([]int64{0, -1, 4, 1 << 62}).Draw(t, "dim"), 2}
	case change == 6 && len(g.ValueInfo) > 0:
		v := g.ValueInfo[at(len(g.ValueInfo))]
		v.Name, v.Type = proto.String(name), rapid.SampledFrom([]*onnxpb.TypeProto{nil, {}, v.Type,
			{Value: &onnxpb.TypeProto_SequenceType{SequenceType: &onnxpb.TypeProto_Sequence{}}},
			{Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{}}}}).Draw(t, "type")
	case change == 7:
		g.Output = append(g.Output, &onnxpb.ValueInfoProto{Name: proto.String(name)})
	case change == 8:
		g.Input = append(g.Input, &onnxpb.ValueInfoProto{Name: proto.String(name)})
	case change == 9:
		n.Input = append(n.Input, name)
	case change == 10:
		n.Output = append(n.Output, name)
	default:
		n.Input = nil
	}
}

// Spoiled models are refused with one of the errors, or can be cut anywhere
// into models that are not refused.
func TestSpoiledModels(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		model := onnxtest.Random(t, 8)
		if rapid.Bool().Draw(t, "known kind") {
			model = rapid.SampledFrom(onnxtest.All()).Draw(t, "model")
		}
		pb := &onnxpb.ModelProto{}
		require.NoError(t, proto.Unmarshal(model.Data, pb))
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			spoil(t, pb.Graph)
		}
		data, err := proto.Marshal(pb)
		require.NoError(t, err)
		m, err := onnx.ParseFiles(data, weights)
		if err != nil {
			if !errors.Is(err, onnx.ErrInvalidModel) {
				require.ErrorIs(t, err, onnx.ErrUnsupported, "%v is of no known kind", err)
			}
			refused++
			return
		}
		cuts, _, err := cut.All(m, cut.Limits{Heads: 64})
		if err != nil {
			require.ErrorIs(t, err, cut.ErrNoCut)
			return
		}
		_, err = cut.Chain(m)
		if err != nil && !errors.Is(err, onnx.ErrNoShape) {
			require.ErrorIs(t, err, cut.ErrNoCut)
		}
		c := rapid.SampledFrom(cuts).Draw(t, "cut")
		for _, ends := range [][2]cut.Cut{{cuts[0], c}, {c, cuts[len(cuts)-1]}} {
			s, err := cut.Between(m, ends[0], ends[1], "")
			if errors.Is(err, onnx.ErrNoType) ||
				errors.Is(err, cut.ErrNoCut) && len(cut.PassThrough(ends[0], ends[1])) == len(ends[1].Tensors) {
				continue
			}
			var b bytes.Buffer
			if err == nil {
				err = s.WriteModel(&b)
			}
			if err == nil {
				_, err = onnx.Parse(b.Bytes())
			}
			require.NoError(t, err, "from %q to %q", key(ends[0]), key(ends[1]))
		}
	})
	assert.GreaterOrEqual(t, refused, 100, "only %d models were refused", refused)
}
