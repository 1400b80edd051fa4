package datasets

import (
	"archive/zip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeWheel writes a wheel that holds the named files, each with its name as content.
func fakeWheel(names ...string) func(context.Context, string, string) error {
	return func(_ context.Context, _, dir string) (err error) {
		f, err := os.Create(filepath.Join(dir, "fake-1.whl"))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		z := zip.NewWriter(f)
		for _, n := range names {
			w, err := z.Create(n)
			if err != nil {
				return err
			}
			if _, err := w.Write([]byte(n)); err != nil {
				return err
			}
		}
		return z.Close()
	}
}

func onAMD64(t *testing.T) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the wheels are for amd64")
	}
}

func TestWheelLibraries(t *testing.T) {
	onAMD64(t)
	s := &Store{Dir: t.TempDir(), wheels: fakeWheel(
		"onnxruntime/capi/libonnxruntime.so.1.24.1", "onnxruntime/capi/libonnxruntime_providers_openvino.so",
		"onnxruntime/capi/libopenvino.so", "onnxruntime/capi/libopenvino.so.2541",
		"onnxruntime/capi/onnxruntime_pybind11_state.so", "onnxruntime/__init__.py", "onnxruntime/LICENSE",
	)}
	dir, err := s.Get(t.Context(), "onnxruntime-openvino")
	require.NoError(t, err)
	assert.Equal(t, []string{".stamp", "LICENSE", "libonnxruntime.so.1", "libonnxruntime_providers_openvino.so",
		"libopenvino.so.2541"}, entries(t, dir))
	data, err := os.ReadFile(filepath.Join(dir, "libonnxruntime.so.1"))
	require.NoError(t, err)
	assert.Equal(t, "onnxruntime/capi/libonnxruntime.so.1.24.1", string(data))
	for _, name := range entries(t, s.Dir) {
		assert.NotContains(t, name, ".wheel-", "what is left in the cache")
	}
}

func TestBadWheels(t *testing.T) {
	onAMD64(t)
	for _, c := range []struct {
		name   string
		wheels func(context.Context, string, string) error
		want   error
	}{
		{"no library", fakeWheel("onnxruntime/__init__.py"), ErrCorrupt},
		{"no wheel", func(context.Context, string, string) error { return nil }, ErrPackages},
		{"no zip", func(_ context.Context, _, dir string) error {
			return os.WriteFile(filepath.Join(dir, "a.whl"), []byte("garbage"), 0o644)
		}, ErrCorrupt},
	} {
		s := &Store{Dir: t.TempDir(), wheels: c.wheels}
		_, err := s.Get(t.Context(), "onnxruntime-gpu")
		require.ErrorIs(t, err, c.want, c.name)
	}
}

func TestPip(t *testing.T) {
	onAMD64(t)
	for _, c := range []struct{ name, script, want string }{
		{"absent", "", "pip is not installed (Debian: apt install python3-pip)"},
		{"wrong digest", "#!/bin/sh\necho THESE PACKAGES DO NOT MATCH THE HASHES\nexit 1\n", "DO NOT MATCH THE HASHES"},
	} {
		bin := t.TempDir()
		t.Setenv("PATH", bin)
		if c.script != "" {
			require.NoError(t, os.WriteFile(filepath.Join(bin, "pip3"), []byte(c.script), 0o755))
		}
		s := &Store{Dir: t.TempDir()}
		_, err := s.Get(t.Context(), "onnxruntime-openvino")
		require.ErrorIs(t, err, ErrPackages, c.name)
		assert.Contains(t, err.Error(), c.want, c.name)
	}
	bin, arguments := t.TempDir(), filepath.Join(t.TempDir(), "arguments")
	script := "#!/bin/sh\necho \"$@\" > " + arguments + "\nfor last; do :; done\ncat \"$last\" >> " + arguments + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pip3"), []byte(script), 0o755))
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	_, err := (&Store{Dir: t.TempDir()}).Get(t.Context(), "onnxruntime-gpu")
	require.ErrorIs(t, err, ErrPackages, "a client that gives nothing")
	got, err := os.ReadFile(arguments)
	require.NoError(t, err)
	for _, s := range []string{"download", "--require-hashes", "--no-deps", "--only-binary=:all:",
		runtimeWheels["onnxruntime-gpu"].requirement} {
		assert.Contains(t, string(got), s)
	}
}
