package shape_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// claiming is x [1,4] -> a -> b -> y, whose shapes the file states as given.
func claiming(t *testing.T, a, b, y []int64) *onnx.Model {
	n := build.New("claims")
	n.Input("x", onnx.Float32, 1, 4)
	n.Node("Relu", []string{"x"}, []string{"a"})
	n.Node("Neg", []string{"a"}, []string{"b"})
	n.Node("Exp", []string{"b"}, []string{"y"})
	n.Value("a", onnx.Float32, a...)
	n.Value("b", onnx.Float32, b...)
	n.Output("y", onnx.Float32, y...)
	data, err := n.Bytes()
	require.NoError(t, err)
	return onnxtest.MustParse(t, data)
}

// shows is a Prober's answer: the shapes of tensors by run, the last for all further ones.
func shows(shapes ...[][]int64) func(seed uint64, _ [][]int64) ([][]int64, error) {
	return func(seed uint64, _ [][]int64) ([][]int64, error) {
		var list [][]int64
		for _, s := range shapes[min(int(seed), len(shapes)-1)] {
			list = append(list, append([]int64{0}, s...))
		}
		return list, nil
	}
}

func TestCheckNamesWrongClaims(t *testing.T) {
	for name, tt := range map[string]struct {
		a, b, y []int64
		runs    [][][]int64
		claims  []string
		varies  map[string]bool
		bytes   map[string]int64
	}{
		"all right": {[]int64{1, 4}, []int64{1, 4}, []int64{1, 4}, [][][]int64{{{1, 4}, {1, 4}, {1, 4}}}, nil, nil,
			map[string]int64{"a": 16}},
		"another size": {[]int64{1, 4}, []int64{3, 4}, []int64{1, 4}, [][][]int64{{{2, 4}, {3, 4}, {2, 4}}},
			[]string{"a is declared float32[1,4] and is float32[2,4]", "y is declared float32[1,4] and is float32[2,4]"}, nil,
			map[string]int64{"a": 32, "b": 48, "y": 32}},
		"another rank": {[]int64{4}, []int64{1, 1, 4}, []int64{1, 4}, [][][]int64{{{1, 4}, {1, 4}, {1, 4}}},
			[]string{"a is declared float32[4] and is float32[1,4]", "b is declared float32[1,1,4] and is float32[1,4]"}, nil,
			map[string]int64{"a": 16, "b": 16}},
		"a scalar": {[]int64{}, []int64{1, 4}, []int64{1, 4}, [][][]int64{{{1, 4}, {1, 4}, {1, 4}}},
			[]string{"a is declared float32[] and is float32[1,4]"}, nil, map[string]int64{"a": 16}},
		"varies": {[]int64{1, 4}, []int64{1, 4}, []int64{1, 4},
			[][][]int64{{{1, 4}, {1, 4}, {1, 4}}, {{1, 4}, {3, 4}, {1, 4}}},
			[]string{"b is declared float32[1,4] and is float32[-1,4]"}, map[string]bool{"b": true}, map[string]int64{"a": 16}},
		"size 0": {[]int64{0, 4}, []int64{1, 4}, []int64{1, 4}, [][][]int64{{{1, 4}, {1, 4}, {1, 4}}},
			[]string{"a is declared float32[0,4] and is float32[1,4]"}, nil, map[string]int64{"a": 16}},
	} {
		t.Run(name, func(t *testing.T) {
			m := claiming(t, tt.a, tt.b, tt.y)
			o := &onnxtest.Oracle{Change: shows(tt.runs...)}
			checked, err := shape.Check(m, o)
			require.NoError(t, err)
			var claims []string
			for _, c := range checked.Claims() {
				claims = append(claims, c.String())
			}
			assert.Equal(t, tt.claims, claims)
			for tensor, n := range tt.bytes {
				assert.Equal(t, n, checked.Tensor(tensor).Bytes(), tensor)
			}
			for _, tensor := range []string{"a", "b", "y"} {
				_, varies := checked.Span(tensor)
				assert.Equal(t, tt.varies[tensor], varies, tensor)
			}
			assert.Empty(t, m.Claims(), "the model itself has changed")
			if len(tt.varies) == 0 {
				again, err := shape.Check(checked, o)
				require.NoError(t, err)
				assert.Len(t, again.Claims(), len(tt.claims), "each is named once")
			}
			cuts, err := cut.InOrder(checked)
			require.NoError(t, err)
			part, err := cut.Extract(checked, cuts[0], cuts[2])
			require.NoError(t, err)
			for _, v := range onnxtest.MustParse(t, part).Outputs() {
				assert.Equal(t, checked.Tensor("b").Shape, v.Shape, "the part states what was found")
			}
		})
	}
}

// What is stated in part is checked by Probe.
func TestProbeNamesWrongClaims(t *testing.T) {
	data := onnxtest.Edit(t, claimingData(t), func(m *onnxpb.ModelProto) {
		m.Graph.ValueInfo[0].Type.GetTensorType().Shape.Dim[0].Value = nil
	})
	probed, err := shape.Probe(onnxtest.MustParse(t, data), &onnxtest.Oracle{Change: shows([][]int64{{1, 5}})}, 0)
	require.NoError(t, err)
	require.Len(t, probed.Claims(), 1)
	assert.Equal(t, "a is declared float32[-1,4] and is float32[1,5]", probed.Claims()[0].String())
}

func claimingData(t *testing.T) []byte {
	m := claiming(t, []int64{1, 4}, []int64{1, 4}, []int64{1, 4})
	all := map[int]bool{0: true, 1: true, 2: true}
	sub, err := m.Sub(all, m.Inputs(), m.Outputs(), "")
	require.NoError(t, err)
	data, err := sub.Bytes()
	require.NoError(t, err)
	return data
}

// The model that is run states no inner shapes, which may be wrong.
func TestWhatIsRunStatesNoShapes(t *testing.T) {
	o := &onnxtest.Oracle{Change: shows([][]int64{{2, 4}, {3, 4}, {2, 4}})}
	_, err := shape.Check(claiming(t, []int64{1, 4}, []int64{3, 4}, []int64{1, 4}), o)
	require.NoError(t, err)
	require.NotEmpty(t, o.Models)
	pb := &onnxpb.ModelProto{}
	require.NoError(t, proto.Unmarshal(o.Models[0], pb))
	for _, v := range pb.Graph.ValueInfo {
		assert.Nil(t, v.GetType().GetTensorType().GetShape(), v.GetName())
	}
}
