package compile_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSegment(t *testing.T) {
	p := plantest.Compiled(t, plantest.Good(t))
	a := p.Graph.Actor("net[1:3]")
	data, err := plantest.Models(t).Segment(p, a)
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	in, out := m.Inputs(), m.Outputs()
	require.Len(t, in, 1, "segment from %v to %v with %d MACs", in, out, work.MACs(m))
	require.Len(t, out, 1, "segment from %v to %v with %d MACs", in, out, work.MACs(m))
	assert.Equal(t, p.Work[a].Inputs[0], in[0].Name, "segment from %v to %v with %d MACs", in, out, work.MACs(m))
	assert.Equal(t, p.Work[a].Outputs[0], out[0].Name, "segment from %v to %v with %d MACs", in, out, work.MACs(m))
	assert.EqualValues(t, 64*4*36+64*2*36, work.MACs(m), "segment from %v to %v with %d MACs", in, out, work.MACs(m))
	_, err = plantest.Models(t).Segment(p, p.Graph.Actor("camera"))
	assert.ErrorIs(t, err, compile.ErrNoModel, "segment of the camera")
	_, err = (compile.Models{}).Segment(p, a)
	assert.ErrorIs(t, err, compile.ErrNoModel, "segment without models")
	other := compile.Models{"classifier": plantest.Models(t)["detector"]}
	_, err = other.Segment(p, a)
	assert.ErrorIs(t, err, compile.ErrNoModel, "segment of another model")
}
