package linkprobe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type failing struct{ error }

func (f failing) Run(context.Context, *plan.Plan) (*trace.Trace, error) {
	return &trace.Trace{}, f.error
}

func TestProbeThatFails(t *testing.T) {
	held := errors.New("device b is held by coordinator lab")
	p := Prober{Driver: failing{held}, Between: [2]string{"a", "b"}, Limit: time.Second, Largest: 1 << 20}
	_, err := p.Run(t.Context())
	require.ErrorIs(t, err, held)
	assert.EqualError(t, err, "probe the link from a to b with tokens of 64 bytes: device b is held by coordinator lab")
	p.Driver = failing{}
	_, err = p.Run(t.Context())
	require.ErrorIs(t, err, ErrProbe)
	assert.EqualError(t, err, "the link can't be measured: no token of 64 bytes came through")
}
