package seal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/deploy/seal"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func key(t *testing.T) *seal.Key {
	t.Helper()
	k, err := seal.NewKey()
	require.NoError(t, err)
	return k
}

func box(t *testing.T, own, peer *seal.Key) *seal.Box {
	t.Helper()
	b, err := own.With(peer.Public())
	require.NoError(t, err)
	return b
}

// message is one as an outbox makes it.
func message(seq uint64, part string) []byte {
	h := wire.Header{Kind: wire.Sealed, TokenID: boundary.TokenID{FIFO: 3, From: 1, To: 2, Seq: seq, Prev: seq},
		Total: uint64(len(part)), Length: uint32(len(part))}
	b := make([]byte, wire.HeaderBytes, wire.HeaderBytes+len(part))
	h.Encode(b)
	return append(b, part...)
}

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	a, b := key(t), key(t)
	for _, part := range []string{"", "x", string(bytes.Repeat([]byte("secret"), 100_000))} {
		plain := message(7, part)
		msg, err := box(t, a, b).Seal(nil, plain)
		require.NoError(t, err)
		assert.Len(t, msg, len(plain)+wire.SealBytes)
		assert.False(t, len(part) > 1 && bytes.Contains(msg, []byte("secret")), "it can be read")
		h, _, err := wire.Decode(msg, int64(len(part)))
		require.NoError(t, err)
		assert.EqualValues(t, 7, h.Seq)
		assert.EqualValues(t, len(part), h.Length)
		got, err := box(t, b, a).Open(msg)
		require.NoError(t, err)
		assert.Equal(t, part, string(got))
	}
}

func TestOpenRefuses(t *testing.T) {
	a, b, c := key(t), key(t), key(t)
	good, err := box(t, a, b).Seal(nil, message(7, "content"))
	require.NoError(t, err)
	other, err := box(t, a, b).Seal(nil, message(8, "content"))
	require.NoError(t, err)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		_, err := box(t, b, a).Open(bad)
		require.ErrorIs(t, err, seal.ErrSealed, "byte %d changed", i)
	}
	for n := range good {
		_, err := box(t, b, a).Open(good[:n])
		require.ErrorIs(t, err, seal.ErrSealed, "cut to %d bytes", n)
	}
	_, err = box(t, b, a).Open(append(bytes.Clone(other[:wire.HeaderBytes]), good[wire.HeaderBytes:]...))
	require.ErrorIs(t, err, seal.ErrSealed, "under the header of another token")
	_, err = box(t, b, c).Open(good)
	require.ErrorIs(t, err, seal.ErrSealed, "from somebody else")
	_, err = box(t, c, a).Open(good)
	require.ErrorIs(t, err, seal.ErrSealed, "for somebody else")
	_, err = a.With("SUANOTAKEY")
	require.EqualError(t, err, `bad key to seal tokens with: "SUANOTAKEY" is no public curve key`)
}

func TestKeyIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "device", "seal.nkey")
	first, err := seal.Keep(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	again, err := seal.Keep(path)
	require.NoError(t, err)
	assert.Equal(t, first.Public(), again.Public())
	seed, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %s", again, again, again, again), string(bytes.TrimSpace(seed)))

	require.NoError(t, os.Chmod(path, 0o640))
	_, err = seal.Keep(path)
	require.ErrorIs(t, err, seal.ErrKey)
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, []byte("no seed"), 0o600))
	_, err = seal.Keep(path)
	require.EqualError(t, err, "bad key to seal tokens with: "+path+
		" holds no seed of a curve key; remove the file to have a new one made")
}
