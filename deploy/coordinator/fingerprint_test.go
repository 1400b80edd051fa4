package coordinator_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
)

// An agent says what its device is, and how fast.
func TestFingerprint(t *testing.T) {
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	tb := testbedtest.Start(t, testbed.Config{Devices: []string{"d0"}, InProcess: true, Agent: agent.Config{
		Kernels: kernels, Version: "v7",
		Root: fstest.MapFS{"proc/device-tree/model": &fstest.MapFile{Data: []byte("Jetson \x1b[31mNano\x00")}},
	}})
	d := tb.Driver()
	f, err := d.Fingerprint(t.Context(), "d0")
	require.NoError(t, err)
	assert.Equal(t, "Jetson ?[31mNano", f.Board)
	assert.Equal(t, "v7", f.Program)
	assert.Equal(t, ort.Version(), f.Runtime, "the agent loads ONNX Runtime to tell its version")
	assert.NotEmpty(t, f.Runtime)
	assert.Contains(t, f.Providers, "cpu")
	took, err := d.Reference(t.Context(), "d0")
	require.NoError(t, err)
	assert.Positive(t, took)
	_, err = d.Fingerprint(t.Context(), "d9")
	require.ErrorIs(t, err, coordinator.ErrNoAgent)
	status, err := d.Status(t.Context(), "d0")
	require.NoError(t, err)
	assert.Nil(t, status.Fingerprint, "nobody has asked")
	assert.Zero(t, status.ReferenceNs)
}
