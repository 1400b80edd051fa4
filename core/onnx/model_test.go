package onnx_test

import (
	"reflect"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"google.golang.org/protobuf/proto"
)

func TestAbout(t *testing.T) {
	m := onnxtest.MustParse(t, onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(pb *onnxpb.ModelProto) {
		pb.OpsetImport = append(pb.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx.ml"), Version: proto.Int64(3)})
	}))
	if got, want := m.Opsets(), []onnx.Version{{Version: build.Opset}, {Domain: "ai.onnx.ml", Version: 3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("Opsets = %v, want %v", got, want)
	}
	if m.Producer() != "edgeprune" || m.IRVersion() != 8 {
		t.Errorf("producer %q, format %d", m.Producer(), m.IRVersion())
	}
}

// A part holds where the whole does.
func TestOptimisedFor(t *testing.T) {
	n := onnxtest.ChainNet(t)
	if got := n.Model().OptimisedFor(); got != "" {
		t.Errorf("a portable model is optimised for %q", got)
	}
	n.Metadata("other", "x")
	n.Metadata(onnx.OptimisedForKey, "a runtime, a processor")
	m := n.Model()
	cuts, err := cut.InOrder(m)
	if err != nil {
		t.Fatal(err)
	}
	part, err := cut.Extract(m, cuts[0], cuts[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*onnx.Model{m, onnxtest.MustParse(t, part)} {
		if got := m.OptimisedFor(); got != "a runtime, a processor" {
			t.Errorf("optimised for %q", got)
		}
	}
}
