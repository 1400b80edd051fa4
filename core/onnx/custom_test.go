package onnx_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// foreign makes the operator of the node that makes a tensor one of com.example, in the main
// graph or in a body.
func foreign(m *onnxpb.ModelProto, tensor string) {
	m.OpsetImport = append(m.OpsetImport,
		&onnxpb.OperatorSetIdProto{Domain: proto.String("com.example"), Version: proto.Int64(1)})
	for _, n := range m.Graph.Node {
		_ = onnx.Walk(n, func(n *onnxpb.NodeProto) error {
			if len(n.Output) > 0 && n.Output[0] == tensor {
				n.Domain = proto.String("com.example")
			}
			return nil
		})
	}
}

// A model with operators that ONNX Runtime lacks is read; what doesn't need them can be run.
func TestCustomOperators(t *testing.T) {
	for name, tt := range map[string]struct {
		data   []byte
		change func(m *onnxpb.ModelProto)
		custom string          // operator
		node   string          // that needs it
		runs   map[string]bool // tensors
	}{
		"in the main graph": {onnxtest.Unsorted().Data, func(m *onnxpb.ModelProto) { foreign(m, "b") }, "com.example.Exp",
			`Exp "b"`, map[string]bool{"x": true, "a": true, "b": false, "chosen.positive": true, "chosen": false, "y": false}},
		"in a body": {onnxtest.Loop().Data, func(m *onnxpb.ModelProto) { foreign(m, "sum") }, "com.example.Add",
			`Loop "looped"`, map[string]bool{"captured": true, "active": true, "looped": false, "y": false}},
		"in a function": {onnxtest.Function().Data, func(m *onnxpb.ModelProto) {
			m.Functions[0].Node[0].Domain = proto.String("com.example")
		}, "com.example.Sigmoid", `Swish "a"`, map[string]bool{"a.product": true, "a": false, "y": false}},
		"a function that there is not": {onnxtest.Function().Data, func(m *onnxpb.ModelProto) { m.Functions = nil },
			"local.Swish", `Swish "a"`, map[string]bool{"a.product": true, "a": false}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Parse(onnxtest.Edit(t, tt.data, tt.change))
			require.NoError(t, err)
			err = m.Runnable()
			require.ErrorIs(t, err, onnx.ErrCustomOp)
			assert.Contains(t, err.Error(), "node "+tt.node+" needs "+tt.custom)
			var running []onnx.TensorInfo
			for tensor, runs := range tt.runs {
				assert.Equal(t, runs, m.Runs(tensor), tensor)
				if at, made := m.MadeBy(tensor); runs && made && at >= 0 {
					running = append(running, m.Tensor(tensor))
				}
			}
			data, err := m.Extended(nil, nil, running)
			require.NoError(t, err)
			part, err := onnx.Parse(data)
			require.NoError(t, err)
			assert.NoError(t, part.Runnable(), "what is run has the operator still")
		})
	}
	m, err := onnxtest.Function().Parse()
	require.NoError(t, err)
	assert.NoError(t, m.Runnable())
}

// Functions that call others are looked at once each.
func TestCallsOfCallsOfFunctions(t *testing.T) {
	b := build.New("deep")
	b.Input("x", onnx.Float32, 1)
	name := func(i int) string { return "f" + string(rune('a'+i)) }
	const depth = 26
	for i := range depth {
		body := build.New("body")
		if i == 0 {
			body.Node("Relu", []string{"v"}, []string{"w"})
		} else { // two calls each: 2^25 of the first
			body.Node(name(i-1), []string{"v"}, []string{"u"})
			body.Domain("local")
			body.Node(name(i-1), []string{"u"}, []string{"w"})
			body.Domain("local")
		}
		b.Function("local", name(i), []string{"v"}, []string{"w"}, body)
	}
	b.Node(name(depth-1), []string{"x"}, []string{"y"})
	b.Domain("local")
	b.Output("y", onnx.Float32, 1)
	data, err := b.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	assert.NoError(t, m.Runnable())
}
