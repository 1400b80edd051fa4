package cut_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBehind(t *testing.T) {
	m := onnxtest.ResidualNet(t).Model() // relu0 is read by conv1 and, later, by sum
	cuts, err := cut.InOrder(m)
	require.NoError(t, err)
	for tensor, first := range map[string]int{"x": 0, "conv0": 1, "relu0": 2, "conv1": 3, "sum": 6, "conv3": 7} {
		behind, err := cut.Behind(m, tensor)
		require.NoError(t, err, "behind %s", tensor)
		for i, c := range cuts {
			assert.Equal(t, (i >= first), behind(c), "cut %s behind %s", c.Name, tensor)
		}
	}
	for _, none := range []string{"nobody", "conv0.w"} {
		_, err := cut.Behind(m, none)
		assert.ErrorIs(t, err, cut.ErrNoCut, "%s: %v, want ErrNoCut", none, err)
	}
}
