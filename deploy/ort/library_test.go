package ort

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func loadLibrary(t testing.TB) {
	t.Helper()
	path, err := Find("")
	require.NoError(t, err)
	require.NoError(t, Load(path))
}

func TestFindOrder(t *testing.T) {
	dir := t.TempDir()
	file := func(parts ...string) string {
		p := filepath.Join(append([]string{dir}, parts...)...)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		require.NoError(t, os.WriteFile(p, nil, 0o644))
		return p
	}
	flag, variable := file("flag.so"), file("variable.so")
	cached := file("cache", "onnxruntime", "libonnxruntime.so.1")
	system := file("lib", "libonnxruntime.so")
	absent := filepath.Join(dir, "absent")
	for _, tc := range []struct{ name, flag, variable, cache, system, want, tried string }{
		{"flag wins", flag, variable, filepath.Join(dir, "cache"), filepath.Dir(system), flag, ""},
		{"then variable", "", variable, filepath.Join(dir, "cache"), filepath.Dir(system), variable, ""},
		{"then cache", "", "", filepath.Join(dir, "cache"), filepath.Dir(system), cached, ""},
		{"then system", "", "", absent, filepath.Dir(system), system, ""},
		{"a wrong flag is not replaced", absent, variable, absent, "", "", absent + " (flag)"},
		{"a wrong variable is not replaced", "", absent, filepath.Join(dir, "cache"), "", "",
			absent + " ($EDGEPRUNE_ORT_LIB)"},
		{"a directory is no library", dir, "", absent, "", "", dir + " (flag)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv(LibraryVariable, tc.variable)
			t.Setenv("EDGEPRUNE_CACHE", tc.cache)
			t.Setenv("LD_LIBRARY_PATH", tc.system)
			got, err := Find(tc.flag)
			assert.Equal(t, tc.want, got, "Find")
			if tc.want != "" {
				assert.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrNotFound, "error %v must be ErrNotFound, list %q and say what to run", err, tc.tried)
			assert.Contains(t, err.Error(), tc.tried, "error %v must be ErrNotFound, list %q and say what to run", err, tc.tried)
			assert.Contains(t, err.Error(), "run: edgeprune datasets get onnxruntime",
				"error %v must be ErrNotFound, list %q and say what to run", err, tc.tried)
		})
	}
}

func TestLoad(t *testing.T) {
	loadLibrary(t)
	loadLibrary(t)
	assert.True(t, strings.HasPrefix(Version(), "1."), "Version")
	other := filepath.Join(t.TempDir(), "other.so")
	require.NoError(t, os.WriteFile(other, nil, 0o644))
	err := Load(other)
	assert.ErrorIs(t, err, ErrLoaded, "loading another library: %v, want ErrLoaded", err)
	err = Load(filepath.Join(t.TempDir(), "absent"))
	assert.ErrorIs(t, err, os.ErrNotExist, "loading an absent library: %v, want ErrNotExist", err)
}
