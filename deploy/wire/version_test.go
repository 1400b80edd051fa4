package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVersions(t *testing.T) {
	own := Build{Wire: Format, Program: "v2"}
	require.NoError(t, own.Check("device d0", Build{}))
	err := Build{}.Check("device d0", own)
	require.ErrorIs(t, err, ErrVersion)
	assert.EqualError(t, err, "different versions: device d0 runs edgeprune unknown with wire version 1, this is "+
		"edgeprune v2 with wire version 4; install the same version on both")
	assert.ErrorContains(t, Build{Wire: 7, Program: "v9\x1b"}.Check("device d0", own),
		"edgeprune v9? with wire version 7")
}
