package onnx_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestAbout(t *testing.T) {
	m := onnxtest.MustParse(t, onnxtest.Edit(t, onnxtest.ChainNet(t).Encoded(), func(pb *onnxpb.ModelProto) {
		pb.OpsetImport = append(pb.OpsetImport,
			&onnxpb.OperatorSetIdProto{Domain: proto.String("ai.onnx.ml"), Version: proto.Int64(3)})
	}))
	got, want := m.Opsets(), []onnx.Version{{Version: build.Opset}, {Domain: "ai.onnx.ml", Version: 3}}
	assert.Equal(t, want, got, "Opsets")
	assert.Equal(t, "edgeprune", m.Producer(), "producer %q, format", m.Producer())
	assert.EqualValues(t, 8, m.IRVersion(), "producer %q, format", m.Producer())
}

// A part holds where the whole does.
func TestOptimisedFor(t *testing.T) {
	n := onnxtest.ChainNet(t)
	assert.Empty(t, n.Model().OptimisedFor(), "a portable model is optimised for")
	n.Metadata("other", "x")
	n.Metadata(onnx.OptimisedForKey, "a runtime, a processor")
	m := n.Model()
	cuts, err := cut.InOrder(m)
	require.NoError(t, err)
	part, err := cut.Extract(m, cuts[0], cuts[1])
	require.NoError(t, err)
	for _, m := range []*onnx.Model{m, onnxtest.MustParse(t, part)} {
		assert.Equal(t, "a runtime, a processor", m.OptimisedFor(), "optimised for")
	}
}
