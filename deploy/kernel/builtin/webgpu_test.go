package builtin

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/ort/orttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// With a fallback to the CPU the user is told where the nodes of a segment run, before it
// fires; without one nothing is.
func TestWebGPUSegmentSaysWhereNodesRun(t *testing.T) {
	loadLibrary(t)
	orttest.WebGPU(t, ort.Missing("webgpu"))
	const v = "float32[1,3]"
	for _, c := range []struct {
		p    plan.Provider
		want string
	}{
		{plan.Provider{Name: "webgpu", Fallback: plan.CPU}, "actor a: provider webgpu+cpu: "},
		{plan.Named("webgpu"), ""},
	} {
		var notes []string
		b := newBench(t, "onnx", kernel.Spec{
			Actor: "a", Model: sums(t, 3), Inputs: []string{"x", "y"}, Outputs: []string{"sum"}, In: ports(t, v, v),
			Out: ports(t, v), Unit: plan.Unit{Provider: c.p}, Note: func(s string) { notes = append(notes, s) },
		})
		said := strings.Join(notes, "\n")
		if c.want == "" {
			assert.NotContains(t, said, "nodes on")
		} else {
			assert.Contains(t, said, c.want)
			assert.Contains(t, said, "nodes on webgpu (Add")
		}
		copy(b.f.In[0][0].Float32(), []float32{1, 2, 3})
		copy(b.f.In[1][0].Float32(), []float32{10, 20, 30})
		require.NoError(t, b.Fire(&b.f))
		assert.InDeltaSlice(t, []float32{11, 22, 33}, b.f.Out[0][0].Float32(), 1e-3)
	}
}
