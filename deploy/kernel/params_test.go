package kernel_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParametersAreRead(t *testing.T) {
	p := kernel.Spec{Params: map[string]any{"factor": uint64(3), "name": "x", "scale": []any{1, 2.5}}}.Parameters()
	assert.Equal(t, 3.0, p.Float("factor", 2, 0, 10))
	assert.Equal(t, "x", p.Text("name"))
	assert.Equal(t, []float64{1, 2.5}, p.Floats("scale", 0, 10))
	assert.Equal(t, 7, p.Integer("count", 7, 0, 3), "a default is not checked")
	require.NoError(t, p.Done())
}

// All that is wrong is said at once, and what the kernel doesn't know.
func TestWrongParameters(t *testing.T) {
	p := kernel.Spec{Params: map[string]any{"factor": "3", "fcator": 3}}.Parameters()
	assert.Equal(t, 2.0, p.Float("factor", 2, 0, 10))
	p.Failf("the rest is missing")
	err := p.Done()
	require.ErrorIs(t, err, kernel.ErrParam)
	assert.ErrorContains(t, err, `factor is 3; expected a number from 0 to 10; the rest is missing; `+
		`"fcator" is not a parameter of this kernel; known are factor`)
}
