package coordinator_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesOfCoordinators(t *testing.T) {
	one, other := coordinator.NewName(), coordinator.NewName()
	require.NoError(t, wire.CheckName("coordinator", one))
	assert.NotEqual(t, one, other)
	_, err := (&coordinator.Driver{Name: "a.b"}).Run(t.Context(), small(1))
	require.EqualError(t, err, `bad name: coordinator "a.b"; expected letters from A to Z, digits, '-' and '_' only`)
}

func TestNamesOfDevices(t *testing.T) {
	p := small(1)
	p.Platform.Devices[0].Name = "caméra"
	err := coordinator.Supports(p, nil)
	require.ErrorIs(t, err, coordinator.ErrUnsupported)
	assert.ErrorContains(t, err, `bad name: device "caméra"; expected letters from A to Z, digits, '-' and '_' only; `+
		"rename the device or use --driver sim")
}
