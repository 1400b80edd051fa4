package profiles_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCacheKeepsOneForEveryDevice(t *testing.T) {
	c := profiles.Cache{Dir: filepath.Join(t.TempDir(), "devices")}
	_, err := c.Find("jetson1")
	require.ErrorIs(t, err, profiles.ErrNone)
	assert.EqualError(t, err,
		"no such profile: none is kept; make one by edgeprune profile --testbed FILE experiments/NAME")
	path, differs, err := c.Add(nano(t))
	require.NoError(t, err)
	assert.Empty(t, differs)
	more := nano(t)
	more.Entries = map[string]profile.Entry{"c": took(9)}
	same, differs, err := c.Add(more)
	require.NoError(t, err)
	assert.Empty(t, differs)
	assert.Equal(t, path, same)
	k, err := c.Find("jetson1")
	require.NoError(t, err)
	assert.Equal(t, path, k.Path)
	assert.Len(t, k.Profile.Entries, 3, "of both measurements")

	newer := nano(t)
	newer.Fingerprint.Program = "v2"
	same, differs, err = c.Add(newer)
	require.NoError(t, err)
	assert.Equal(t, []string{"program: none, now v2"}, differs)
	assert.Equal(t, path, same, "a newer program's costs take the place of the older one's")

	slow := nano(t)
	slow.Fingerprint.PowerMode = "1 5W"
	other, _, err := c.Add(slow)
	require.NoError(t, err)
	assert.NotEqual(t, path, other, "one device, set in two ways")
	names := []string{filepath.Base(path[:len(path)-5]), filepath.Base(other[:len(other)-5])}
	if names[0] > names[1] {
		names[0], names[1] = names[1], names[0]
	}
	_, err = c.Find("jetson1")
	assert.EqualError(t, err, `no such profile: of device "jetson1" there are `+names[0]+", "+names[1]+
		"; name one of these")
	k, err = c.Find(names[1])
	require.NoError(t, err)
	assert.Equal(t, names[1], k.Name())
	_, err = c.Find("jetson2")
	assert.EqualError(t, err, `no such profile of device "jetson2"; those that are kept are `+names[0]+", "+names[1])
}

func TestCacheNamesWhatCannotBeRead(t *testing.T) {
	c := profiles.Cache{Dir: t.TempDir()}
	path, _, err := c.Add(nano(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	all, err := c.List()
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Nil(t, all[0].Profile)
	require.ErrorIs(t, all[0].Err, profiles.ErrFile)
	_, err = c.Find("jetson1")
	require.ErrorIs(t, err, profiles.ErrFile)
	_, _, err = c.Add(nano(t))
	require.NoError(t, err)
	_, err = c.Find("jetson1")
	require.NoError(t, err)
}

func TestCacheStaysInItsFolder(t *testing.T) {
	c := profiles.Cache{Dir: t.TempDir()}
	for _, name := range []string{"../x", `a\b`, ".hidden", "", "\x1b"} {
		d := nano(t)
		d.Device = name
		_, _, err := c.Add(d)
		require.ErrorIs(t, err, profiles.ErrFile, name)
	}
}
