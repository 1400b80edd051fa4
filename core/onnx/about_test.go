package onnx

import (
	"errors"
	"reflect"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func TestAbout(t *testing.T) {
	m := mustParse(t, edit(t, chainNet(t).bytes(), func(pb *onnxpb.ModelProto) {
		pb.OpsetImport = append(pb.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx.ml"), Version: proto.Int64(3)})
	}))
	if got, want := m.Opsets(), []Version{{"", Opset}, {"ai.onnx.ml", 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("Opsets = %v, want %v", got, want)
	}
	if m.Producer() != "edgeprune" || m.IRVersion() != irVersion {
		t.Errorf("producer %q, format %d", m.Producer(), m.IRVersion())
	}
}

// A part holds where the whole does.
func TestOptimisedFor(t *testing.T) {
	n := chainNet(t)
	if got := n.model().OptimisedFor(); got != "" {
		t.Errorf("a portable model is optimised for %q", got)
	}
	n.Metadata("other", "x")
	n.Metadata(OptimisedForKey, "a runtime, a processor")
	m := n.model()
	cuts, err := m.Cuts()
	if err != nil {
		t.Fatal(err)
	}
	part, err := m.Extract(cuts[0], cuts[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Model{m, mustParse(t, part)} {
		if got := m.OptimisedFor(); got != "a runtime, a processor" {
			t.Errorf("optimised for %q", got)
		}
	}
}

func TestBehind(t *testing.T) {
	m := residualNet(t).model() // relu0 is read by conv1 and, later, by sum
	cuts, err := m.Cuts()
	if err != nil {
		t.Fatal(err)
	}
	for tensor, first := range map[string]int{"x": 0, "conv0": 1, "relu0": 2, "conv1": 3, "sum": 6, "conv3": 7} {
		for i, c := range cuts {
			behind, err := m.Behind(c, tensor)
			if err != nil || behind != (i >= first) {
				t.Errorf("cut %s behind %s: %t, %v", c.Name, tensor, behind, err)
			}
		}
	}
	for _, none := range []string{"nobody", "conv0.w"} {
		if _, err := m.Behind(cuts[1], none); !errors.Is(err, ErrNoCut) {
			t.Errorf("%s: %v, want ErrNoCut", none, err)
		}
	}
}
