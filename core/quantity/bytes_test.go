package quantity_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBytes(t *testing.T) {
	for s, want := range map[string]quantity.Bytes{
		"65536": 65536, "64KiB": 65536, "1.5MB": 1_500_000, "8kbit": 1000, "2 GiB": 2 << 30, "0": 0, "-5": -5, "1.9": 1,
	} {
		got, err := quantity.ParseBytes(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
		again, err := quantity.ParseBytes(got.String())
		require.NoError(t, err)
		assert.Equal(t, got, again)
	}
	for _, s := range []string{"", "KiB", "64KiB/s", "5Mbps", "1MB/sec", "NaN", "1e300", "many", "1e999"} {
		_, err := quantity.ParseBytes(s)
		require.ErrorIs(t, err, quantity.ErrUnit, s)
		assert.EqualError(t, err, "bad quantity: expected bytes, such as 64KiB, 1.5MB or 65536; found \""+s+"\"")
	}
}
