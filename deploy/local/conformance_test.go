package local

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConformance(t *testing.T) {
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	enginetest.Conformance(t, func(*testing.T) enginetest.Driver { return &Driver{Kernels: kernels} })
}

// A run begins with delay tokens of zeros, whatever an earlier one left in their slots.
func TestDelayTokensOfASecondRun(t *testing.T) {
	app := planfile.Application{
		Name: "sum",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("sum", "add", 2, 2, 0),
			actor("sink", "sink", 1, 0, 0)},
		FIFOs: append(join("source.x", "sum.a", "sum.x", "sink.a"),
			planfile.FIFOSpec{From: "sum.y", To: "sum.b", Delay: 1}),
	}
	_, kernels := newLab(t)
	var got []float32
	h := &kernel.Host{Kernels: kernels, Record: func(r trace.Result) { got = append(got, r.Values[0]) }}
	r, err := New(h, nil, compiled(t, app, "source", offline(3)), nil)
	require.NoError(t, err)
	for range 2 {
		_, err := r.Run(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, []float32{1, 3, 6, 1, 3, 6}, got)
	require.NoError(t, r.Close())
}
