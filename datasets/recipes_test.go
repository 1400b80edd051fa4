package datasets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/datasets/faceclip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fromCache returns a store in an empty directory that takes its packages from
// the user's cache instead of the network.
func fromCache(t *testing.T) *Store {
	t.Helper()
	dir, err := DefaultDir()
	require.NoError(t, err)
	fetched, err := (&Store{Dir: dir}).Path(packages)
	require.NoError(t, err)
	return &Store{Dir: t.TempDir(), packages: func(_ context.Context, dir string) error {
		return os.Symlink(filepath.Join(fetched, "node_modules"), filepath.Join(dir, "node_modules"))
	}}
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

func TestRecipesFromPackages(t *testing.T) {
	s := fromCache(t)
	want := map[string]map[string]string{
		"onnxruntime":          {"libonnxruntime.so.1": runtimeLibraries[runtime.GOARCH].sha256},
		"ssd-mobilenet-v1-300": {"model.onnx": "b0df9534fdc904059272755d8ab4a5781bfefd2bba4ec7b26882eff6091eb52d"},
		"ssd-mobilenet-v1-512": {"model.onnx": "d559c4aeb4a3136126163750c6353336f611366e1085cb120042f752d965d5f7"},
		photographs:            {},
	}
	for i, f := range facePhotographs {
		want[photographs][fmt.Sprintf("sample%d.jpg", i+1)] = f.sha256
	}
	for name, files := range want {
		path, err := s.Get(t.Context(), name)
		if err != nil {
			t.Error(err)
			continue
		}
		got := len(entries(t, path))
		// and the stamp
		assert.Equal(t, len(files)+1, got, "%s holds %d files", name, got)
		for file, hash := range files {
			got := hashOf(t, filepath.Join(path, file))
			assert.Equal(t, hash, got, "%s/%s has hash %s, want %s; a changed recipe needs a new version", name, file, got, hash)
		}
	}
}

func TestClipsFromPackages(t *testing.T) {
	s := fromCache(t)
	for name, frames := range map[string]int{
		"face-clip": faceclip.Moving().Frames, "face-clip-still": faceclip.Pausing().Frames,
	} {
		path, err := s.Get(t.Context(), name)
		require.NoError(t, err)
		truth, err := faceclip.ReadTruth(path)
		require.NoError(t, err, "%s: truth of %d frames", name, len(truth.Frames))
		assert.Len(t, truth.Frames, frames, "%s: truth of %d frames", name, len(truth.Frames))
		got, want := len(entries(t, path)), frames+2
		assert.Equal(t, want, got, "%s holds %d files", name, got)
	}
	_, err := s.Path(photographs)
	assert.NoError(t, err, "the photographs they need were not kept")
}

func TestCorruptPhotographIsRefused(t *testing.T) {
	s := &Store{Dir: t.TempDir(), packages: fakePackages(facePhotographs[0].path, "not the photograph")}
	_, err := s.Get(t.Context(), photographs)
	assert.ErrorIs(t, err, ErrCorrupt, "Get = %v, want ErrCorrupt", err)
	_, err = s.Path(photographs)
	assert.ErrorIs(t, err, ErrMissing, "Path after a refused build = %v, want ErrMissing", err)
}
