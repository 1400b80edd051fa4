package reference_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/reference"
)

func newKernel(t *testing.T) *reference.Kernel {
	t.Helper()
	library, err := ort.Find("")
	require.NoError(t, err)
	require.NoError(t, ort.Load(library))
	k, err := reference.New()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, k.Close()) })
	return k
}

func TestTime(t *testing.T) {
	took, err := newKernel(t).Time(t.Context())
	require.NoError(t, err)
	assert.Positive(t, took)
	t.Logf("%v a firing", took)
}

func TestTimeEndsWithItsContext(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	_, err := newKernel(t).Time(ctx)
	require.ErrorIs(t, err, stopped)
}
