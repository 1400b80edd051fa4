package loader

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrors(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "libabsent.so.1")
	err := Open(absent)
	require.ErrorIs(t, err, ErrOpen)
	assert.EqualError(t, err, "can not be loaded: "+absent+": cannot open shared object file: No such file or directory")
	_, err = devices(absent)
	require.ErrorIs(t, err, ErrVulkan)
	assert.EqualError(t, err, "no Vulkan device: the Vulkan loader can not be loaded: "+absent+": cannot open shared "+
		"object file: No such file or directory; install it (Debian: libvulkan1) with your GPU's driver")
	_, err = Inspect("libm.so.6")
	require.ErrorIs(t, err, ErrOpen)
	assert.EqualError(t, err, "can not be loaded: libm.so.6 is no ONNX Runtime library: it has no OrtGetApiBase")
	_, err = devices("libm.so.6")
	assert.ErrorIs(t, err, ErrVulkan)
}
