package files_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// laid makes folders data and other, with files and links between them.
func laid(t *testing.T) (dir string, at func(...string) string) {
	t.Helper()
	dir = t.TempDir()
	at = func(name ...string) string { return filepath.Join(append([]string{dir}, name...)...) }
	for _, d := range []string{"data/deep", "other", "data-too"} {
		require.NoError(t, os.MkdirAll(at(d), 0o755))
	}
	for _, f := range []string{"data/a.bin", "data/deep/b.bin", "other/secret.bin", "data-too/c.bin"} {
		require.NoError(t, os.WriteFile(at(f), []byte("1234"), 0o600))
	}
	for link, to := range map[string]string{
		"data/in": "deep/b.bin", "data/absolute": at("data/a.bin"), "data/out": "../other/secret.bin",
		"data/out-absolute": at("other/secret.bin"), "data/folder": at("other"), "data/nowhere": "../other/none",
		"data/broken": "none", "way-in": at("data"), "data/loop": "loop",
	} {
		require.NoError(t, os.Symlink(to, at(link)))
	}
	require.NoError(t, syscall.Mkfifo(at("data/pipe"), 0o600))
	return dir, at
}

func TestOpen(t *testing.T) {
	_, at := laid(t)
	allowed, err := files.Below(at("data"), at("data-too", "c.bin"))
	require.NoError(t, err)
	for _, path := range []string{
		"data/a.bin", "data/deep/b.bin", "data/in", "data/absolute", "data/../data/a.bin", "way-in/a.bin", "data-too/c.bin",
		"data/folder/../a.bin",
	} {
		f, info, err := allowed.Open(at(path))
		if assert.NoError(t, err, path) {
			assert.EqualValues(t, 4, info.Size())
			assert.NoError(t, f.Close())
		}
	}
	for path, want := range map[string]error{
		at("other/secret.bin"): files.ErrOutside, at("other/none"): files.ErrOutside, at("data/out"): files.ErrOutside,
		at("data/out-absolute"): files.ErrOutside, at("data/folder/secret.bin"): files.ErrOutside,
		at("data/folder/none"): files.ErrOutside, at("data/nowhere"): files.ErrOutside,
		at("data/../other/secret.bin"): files.ErrOutside, at("data-too"): files.ErrOutside,
		at("data-too/other.bin"): files.ErrOutside, "/proc/self/environ": files.ErrOutside, "/dev/zero": files.ErrOutside,
		"": files.ErrOutside, at("data/pipe"): files.ErrNotRegular, at("data/deep"): files.ErrNotRegular,
		at("data/none"): fs.ErrNotExist, at("data/broken"): fs.ErrNotExist, at("data/loop"): syscall.ELOOP,
		at("data/a.bin/x"): syscall.ENOTDIR,
	} {
		_, _, err := allowed.Open(path)
		assert.ErrorIs(t, err, want, path)
		_, _, err = allowed.Path(path)
		assert.ErrorIs(t, err, want, path)
	}
	// What is outside is told alike, whether it is there or not.
	_, _, there := allowed.Open(at("other/secret.bin"))
	assert.EqualError(t, there, at("other/secret.bin")+
		": no such file below the folders that may be read here, which the agent's user gives with --data")
	_, _, missing := allowed.Open(at("other/none.bin"))
	assert.EqualError(t, missing, at("other/none.bin")+": "+files.ErrOutside.Error())
	_, _, err = (&files.Allowed{}).Open(at("data/a.bin"))
	assert.ErrorIs(t, err, files.ErrOutside, "no folder is given")
}

func TestPath(t *testing.T) {
	_, at := laid(t)
	allowed, err := files.Below(at("way-in"))
	require.NoError(t, err)
	real, err := filepath.EvalSymlinks(at("data"))
	require.NoError(t, err)
	path, _, err := allowed.Path(at("data/in"))
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(real, "deep", "b.bin"), path)
	path, _, err = (*files.Allowed)(nil).Path(at("other/secret.bin"))
	require.NoError(t, err, "a user's own process")
	assert.Equal(t, at("other/secret.bin"), path)
}

func TestReadLooksAtTheSizeFirst(t *testing.T) {
	_, at := laid(t)
	allowed, err := files.Below(at("data"), "/proc/self")
	require.NoError(t, err)
	for _, a := range []*files.Allowed{allowed, nil} {
		data, err := a.Read(at("data/a.bin"), 2, 4)
		require.NoError(t, err)
		assert.Equal(t, "1234", string(data))
		_, err = a.Read(at("data/a.bin"), 3)
		assert.EqualError(t, err, at("data/a.bin")+" holds 4 bytes, which does not fit")
		_, err = a.Read("/proc/self/environ", 1<<10) // it has no size
		assert.ErrorIs(t, err, files.ErrSize)
		data, err = a.ReadMost(at("data/a.bin"), 4)
		require.NoError(t, err)
		assert.Equal(t, "1234", string(data))
		_, err = a.ReadMost(at("data/a.bin"), 3)
		assert.EqualError(t, err, at("data/a.bin")+" holds 4 bytes, which does not fit: the limit is 3")
		_, err = a.Read(at("data/pipe"), 0)
		assert.ErrorIs(t, err, files.ErrNotRegular)
	}
	_, err = (*files.Allowed)(nil).Read("/dev/zero", 4)
	assert.ErrorIs(t, err, files.ErrNotRegular)
}

func TestList(t *testing.T) {
	_, at := laid(t)
	allowed, err := files.Below(at("data"))
	require.NoError(t, err)
	entries, err := allowed.List(at("way-in"))
	require.NoError(t, err)
	errs := map[string]error{}
	for _, e := range entries {
		_, errs[e.Name] = e.Info()
	}
	for name, want := range map[string]error{
		"a.bin": nil, "in": nil, "absolute": nil, "deep": nil, "pipe": nil, "out": files.ErrOutside,
		"nowhere": files.ErrOutside, "folder": files.ErrOutside, "broken": fs.ErrNotExist, "loop": syscall.ELOOP,
	} {
		require.Contains(t, errs, name)
		assert.ErrorIs(t, errs[name], want, name)
	}
	_, err = allowed.List(at("other"))
	assert.ErrorIs(t, err, files.ErrOutside)
	all, err := (*files.Allowed)(nil).List(at("data"))
	require.NoError(t, err)
	assert.Len(t, all, len(entries))
}

func TestBelowRefuses(t *testing.T) {
	_, at := laid(t)
	_, err := files.Below(at("none"))
	assert.ErrorIs(t, err, files.ErrFolder)
	assert.ErrorContains(t, err, "no folder or file that can be read: "+at("none"))
	_, err = files.Below(at("data", "pipe"))
	assert.ErrorIs(t, err, files.ErrNotRegular)
}
