package kernel_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRegistry(t *testing.T) {
	r := kernel.NewRegistry()
	called := ""
	mine := func(s kernel.Spec) (kernel.Kernel, error) { called = s.Actor; return kerneltest.Func(nil), nil }
	require.NoError(t, r.Register("mine", mine))
	err := r.Register("mine", mine)
	assert.ErrorIs(t, err, kernel.ErrDuplicate, "registering twice: %v, want ErrDuplicate", err)
	_, err = r.New("mine", kernel.Spec{Actor: "a"})
	require.NoError(t, err, "New: %v, made for", err)
	assert.Equal(t, "a", called, "New: %v, made for", err)
	_, err = r.New("other", kernel.Spec{Actor: "a"})
	require.ErrorIs(t, err, kernel.ErrUnknown, "an unknown kernel")
	assert.Contains(t, err.Error(), `actor a: unknown kernel "other"; known are mine`, "an unknown kernel")
}
