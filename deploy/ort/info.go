package ort

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func decode(model []byte) (*onnxpb.ModelProto, error) {
	m := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(model, m); err != nil {
		return nil, fmt.Errorf("ort: not an ONNX model: %w", err)
	}
	return m, nil
}

// interfaceOf reads a model's inputs and outputs from the file itself: asking
// the runtime would load the model a second time.
func interfaceOf(m *onnxpb.ModelProto) (inputs, outputs []Info, err error) {
	g := m.GetGraph()
	constant := make(map[string]bool, len(g.GetInitializer()))
	for _, t := range g.GetInitializer() {
		constant[t.GetName()] = true
	}
	for _, v := range g.GetInput() {
		if !constant[v.GetName()] {
			inputs = append(inputs, infoOf(v))
		}
	}
	for _, v := range g.GetOutput() {
		outputs = append(outputs, infoOf(v))
	}
	if len(outputs) == 0 {
		return nil, nil, fmt.Errorf("ort: model %q has no outputs", g.GetName())
	}
	return inputs, outputs, nil
}

func infoOf(v *onnxpb.ValueInfoProto) Info {
	t := v.GetType().GetTensorType()
	info := Info{Name: v.GetName(), Elem: onnx.Elem(t.GetElemType()), Known: t.GetShape() != nil}
	for _, d := range t.GetShape().GetDim() {
		n := int64(-1)
		if known, ok := d.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue); ok {
			n = known.DimValue
		}
		info.Shape = append(info.Shape, n)
	}
	return info
}

func names(infos []Info) []string {
	out := make([]string, len(infos))
	for i, v := range infos {
		out[i] = v.Name
	}
	return out
}
