package wire_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

func TestSendings(t *testing.T) {
	all := []wire.Sending{{Link: 1, Token: 1 << 63, Since: 1 << 62}, {Link: 1 << 30, Token: 7, Since: -1 << 62}}
	b, err := wire.EncodeSendings(all)
	require.NoError(t, err)
	got, err := wire.DecodeSendings(b, len(all))
	require.NoError(t, err)
	assert.Equal(t, all, got)
	b, err = wire.EncodeSendings(nil)
	require.NoError(t, err)
	got, err = wire.DecodeSendings(b, 0)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestSendingsThatAreNone(t *testing.T) {
	for text, says := range map[string]string{
		"[{},{},{}]":                   "not a valid token message: 3 tokens on at most 2 links",
		"[" + strings.Repeat(" ", 400): "not a valid token message: 401 bytes of tokens on at most 2 links",
		`[{"since_ns": 1e30}]`:         "",
		"{":                            "",
	} {
		_, err := wire.DecodeSendings([]byte(text), 2)
		require.ErrorIs(t, err, wire.ErrMessage, text)
		if says != "" {
			assert.EqualError(t, err, says)
		}
	}
}
