package onnxtest

import (
	"encoding/binary"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// changed writes the model as a change leaves it, of what the Builder doesn't write.
func (n *net) changed(name string, change func(*onnxpb.ModelProto)) Model {
	m := n.done(name)
	pb := &onnxpb.ModelProto{}
	err := proto.Unmarshal(m.Data, pb)
	if err == nil {
		change(pb)
		m.Data, err = proto.Marshal(pb)
	}
	if err != nil {
		panic(err) // the generators are at fault
	}
	return m
}

// Unsorted has its nodes in the order that is the wrong one throughout, an If among them.
func Unsorted() Model {
	n := newNet("unsorted")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("Sigmoid", "a", shape, []string{"x"})
	n.value("Exp", "b", shape, []string{"a"})
	n.branch("chosen", "a", "a", "b", shape)
	n.value("Add", "sum", shape, []string{"chosen", "b"})
	n.Node("Neg", []string{"sum"}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	return n.changed("unsorted", func(m *onnxpb.ModelProto) { slices.Reverse(m.Graph.Node) })
}

// Repeated gives one tensor as two outputs.
func Repeated() Model {
	n := newNet("repeated")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("MatMul", "a", shape, []string{"x", n.weight("w", 6, 6)})
	n.value("Relu", "b", shape, []string{"a"})
	n.value("Tanh", "c", shape, []string{"b"})
	for _, out := range []string{"b", "c", "b"} {
		n.Output(out, onnx.Float32, shape...)
	}
	return n.done("repeated")
}

// Learned imports only the operators of classical machine learning.
func Learned() Model {
	n := newNet("learned")
	n.Input("x", onnx.Float32, 1, 3)
	ml := func(op, in, out string, attrs ...build.Attr) {
		n.value(op, out, []int64{1, 3}, []string{in}, attrs...)
		n.Domain("ai.onnx.ml")
	}
	numbers := func(name string, v ...float32) build.Attr { return build.Attr{Name: name, Value: v} }
	ml("Scaler", "x", "scaled", numbers("offset", 0, 1, 2), numbers("scale", 1, 2, 3))
	ml("Scaler", "scaled", "again", numbers("offset", 0.5, 0.5, 0.5), numbers("scale", 4, 4, 4))
	ml("Binarizer", "again", "y", build.Attr{Name: "threshold", Value: float32(-3)})
	n.Output("y", onnx.Float32, 1, 3)
	return n.changed("learned", func(m *onnxpb.ModelProto) {
		m.Graph.ValueInfo = m.Graph.ValueInfo[:2]
		m.OpsetImport = []*onnxpb.OperatorSetIdProto{{Domain: proto.String("ai.onnx.ml"), Version: proto.Int64(3)}}
	})
}

// SparseTensor encodes a tensor of float32 in which the elements at some indices, counted
// through all of it, aren't 0.
func SparseTensor(name string, dims, at []int64, values []float32) []byte {
	data := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(onnx.Float32)),
		Dims: []int64{int64(len(values))}, FloatData: values}
	indices := &onnxpb.TensorProto{DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{int64(len(at))}, Int64Data: at}
	var b []byte
	for i, t := range []*onnxpb.TensorProto{data, indices} {
		field, err := proto.Marshal(t)
		if err != nil {
			panic(err)
		}
		b = protowire.AppendBytes(protowire.AppendTag(b, protowire.Number(i+1), protowire.BytesType), field)
	}
	for _, d := range dims {
		b = protowire.AppendVarint(protowire.AppendTag(b, 3, protowire.VarintType), uint64(d))
	}
	return b
}

// AddSparse adds an encoded sparse tensor to the initializers of a graph.
func AddSparse(g *onnxpb.GraphProto, tensor []byte) {
	m := g.ProtoReflect()
	m.SetUnknown(protowire.AppendBytes(protowire.AppendTag(slices.Clone(m.GetUnknown()), 15, protowire.BytesType), tensor))
}

// Sparse has two sparse initializers.
func Sparse() Model { return sparse("sparse", false) }

// SparseBranch is Sparse with another one in a branch. ONNX Runtime runs it, and loses that one
// when it writes what it has optimised.
func SparseBranch() Model { return sparse("sparse-branch", true) }

func sparse(name string, branch bool) Model {
	n := newNet("sparse")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("MatMul", "a", shape, []string{"x", "s"})
	n.value("Exp", "b", shape, []string{"a"})
	n.branch("chosen", "a", "a", "b", shape)
	n.value("MatMul", "c", shape, []string{"chosen", "t"})
	n.Node("Neg", []string{"c"}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	return n.changed(name, func(m *onnxpb.ModelProto) {
		AddSparse(m.Graph, SparseTensor("s", []int64{6, 6}, []int64{0, 7, 35}, []float32{1, 2, 3}))
		AddSparse(m.Graph, SparseTensor("t", []int64{6, 6}, []int64{1, 8, 30}, []float32{3, 2, 1}))
		for _, node := range m.Graph.Node {
			if branch && node.GetOpType() == "If" {
				body := node.Attribute[0].G
				body.Node[0].OpType = proto.String("Add")
				body.Node[0].Input = []string{body.Node[0].Input[0], "inner"}
				AddSparse(body, SparseTensor("inner", []int64{6}, []int64{2}, []float32{5}))
			}
		}
	})
}

// Constants has Constant nodes whose values lie in another file, one of them in a branch.
func Constants() Model {
	n := newNet("constants")
	shape := []int64{1, 16}
	n.Input("x", onnx.Float32, shape...)
	n.value("Sigmoid", "a", shape, []string{"x"})
	n.value("MatMul", "b", shape, []string{"a", "outer"})
	n.branch("chosen", "a", "a", "b", shape)
	n.Node("Neg", []string{"chosen"}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	var data []byte
	constant := func(name string, dims ...int64) *onnxpb.NodeProto {
		t := &onnxpb.TensorProto{DataType: proto.Int32(int32(onnx.Float32)), Dims: dims}
		length := onnx.TensorInfo{Elem: onnx.Float32, Shape: dims}.Bytes()
		onnx.SetExternal(t, "constants.bin", int64(len(data)), length)
		for _, v := range n.numbers(length/4, 0.3) {
			data = binary.LittleEndian.AppendUint32(data, uint32(v*1e9)) // some bits
		}
		return &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{name},
			Attribute: []*onnxpb.AttributeProto{{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: t}}}
	}
	m := n.changed("constants", func(m *onnxpb.ModelProto) {
		m.Graph.Node = append([]*onnxpb.NodeProto{constant("outer", 16, 16)}, m.Graph.Node...)
		for _, node := range m.Graph.Node {
			if node.GetOpType() == "If" {
				body := node.Attribute[0].G
				body.Node[0].OpType = proto.String("Add")
				body.Node[0].Input = []string{body.Node[0].Input[0], "inner"}
				body.Node = append([]*onnxpb.NodeProto{constant("inner", 16)}, body.Node...)
			}
		}
	})
	m.Files = Files{"constants.bin": data}
	return m
}

// OddNames has tensors of names that other programs write and that files, lists and shells
// have a use for.
func OddNames() Model {
	n := newNet("names")
	shape := []int64{1, 4}
	n.Input("x 1", onnx.Float32, shape...)
	last := "x 1"
	for _, step := range [][2]string{
		{"Relu", "a/Relu;b/Bn;c/Conv"}, {"Neg", "入力 1"}, {"Exp", "a,b"}, {"Sigmoid", "x=1"}, {"Tanh", "a.b.c"},
		{"Neg", `C:\x "y"`}, {"Exp", "part1"}, {"Neg", "3"}, {"Tanh", "é~2+1"}, {"Neg", "y: {z}"},
	} {
		last = n.value(step[0], step[1], shape, []string{last})
	}
	n.Output(last, onnx.Float32, shape...)
	return n.done("names")
}

// WrongShapes states shapes that its tensors don't have, of two inner ones and of the output.
func WrongShapes() Model {
	n := newNet("wrong")
	n.Input("x", onnx.Float32, 1, 4)
	n.value("Concat", "a", []int64{1, 4}, []string{"x", "x"}, build.Attr{Name: "axis", Value: 0})
	n.value("Relu", "b", []int64{4}, []string{"a"})
	n.value("Tanh", "c", []int64{2, 4}, []string{"b"})
	n.Node("Neg", []string{"c"}, []string{"y"})
	n.Output("y", onnx.Float32, 3, 7)
	return n.done("wrong")
}

// Custom needs an operator that ONNX Runtime doesn't have, for its last node.
func Custom() Model {
	n := newNet("custom")
	n.Input("x", onnx.Float32, 1, 6)
	n.Node("MatMul", []string{"x", n.weight("w", 6, 6)}, []string{"a"})
	n.Node("Relu", []string{"a"}, []string{"b"})
	n.Import("com.example", 1)
	n.Node("Detect", []string{"b"}, []string{"y"})
	n.Domain("com.example")
	n.Output("y", onnx.Float32, 1, 6)
	return n.done("custom")
}

// Narrow has initializers of bfloat16, of 8-bit floats and of 4-bit integers, which are made
// float32 before they are used.
func Narrow() Model {
	n := newNet("narrow")
	n.Import("", 21)
	n.Input("x", onnx.Float32, 1, 4)
	scale := n.Floats("scale", []float32{0.5})
	to := build.Attr{Name: "to", Value: int64(onnx.Float32)}
	n.Node("Cast", []string{"halves"}, []string{"h"}, to)
	n.Node("Cast", []string{"eighths"}, []string{"e"}, to)
	n.Node("DequantizeLinear", []string{"nibbles", scale}, []string{"q"})
	n.value("Add", "a", []int64{1, 4}, []string{"x", "h"})
	n.value("Mul", "b", []int64{1, 4}, []string{"a", "e"})
	n.value("MatMul", "c", []int64{1, 4}, []string{"b", "q"})
	n.Node("Tanh", []string{"c"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 4)
	return n.changed("narrow", func(m *onnxpb.ModelProto) {
		m.IrVersion = proto.Int64(10)
		m.Graph.Initializer = append(m.Graph.Initializer, []*onnxpb.TensorProto{
			{Name: proto.String("halves"), DataType: proto.Int32(int32(onnxpb.TensorProto_BFLOAT16)), Dims: []int64{4},
				RawData: []byte{0x80, 0x3f, 0, 0x40, 0, 0xbf, 0, 0x3f}},
			{Name: proto.String("eighths"), DataType: proto.Int32(int32(onnxpb.TensorProto_FLOAT8E4M3FN)), Dims: []int64{4},
				RawData: []byte{0x38, 0x30, 0x34, 0xb8}},
			{Name: proto.String("nibbles"), DataType: proto.Int32(int32(onnxpb.TensorProto_INT4)), Dims: []int64{4, 4},
				RawData: []byte{0x21, 0xf3, 0x1e, 0x07, 0x52, 0x11, 0xc0, 0x3d}},
		}...)
	})
}
