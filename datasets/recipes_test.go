package datasets

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/datasets/faceclip"
)

// fromCache returns a store in an empty directory that takes its packages from
// the user's cache instead of the network.
func fromCache(t *testing.T) *Store {
	t.Helper()
	dir, err := DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	fetched, err := (&Store{Dir: dir}).Path(packages)
	if err != nil {
		t.Fatal(err)
	}
	return &Store{Dir: t.TempDir(), packages: func(_ context.Context, dir string) error {
		return os.Symlink(filepath.Join(fetched, "node_modules"), filepath.Join(dir, "node_modules"))
	}}
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
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
		if got := len(entries(t, path)); got != len(files)+1 { // and the stamp
			t.Errorf("%s holds %d files, want %d", name, got, len(files)+1)
		}
		for file, hash := range files {
			if got := hashOf(t, filepath.Join(path, file)); got != hash {
				t.Errorf("%s/%s has hash %s, want %s; a changed recipe needs a new version", name, file, got, hash)
			}
		}
	}
}

func TestClipsFromPackages(t *testing.T) {
	s := fromCache(t)
	for name, frames := range map[string]int{"face-clip": faceclip.Moving().Frames, "face-clip-still": faceclip.Pausing().Frames} {
		path, err := s.Get(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		truth, err := faceclip.ReadTruth(path)
		if err != nil || len(truth.Frames) != frames {
			t.Errorf("%s: truth of %d frames, %v", name, len(truth.Frames), err)
		}
		if got, want := len(entries(t, path)), frames+2; got != want {
			t.Errorf("%s holds %d files, want %d", name, got, want)
		}
	}
	if _, err := s.Path(photographs); err != nil {
		t.Errorf("the photographs they need were not kept: %v", err)
	}
}

func TestCorruptPhotographIsRefused(t *testing.T) {
	s := &Store{Dir: t.TempDir(), packages: fakePackages(facePhotographs[0].path, "not the photograph")}
	if _, err := s.Get(t.Context(), photographs); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Get = %v, want ErrCorrupt", err)
	}
	if _, err := s.Path(photographs); !errors.Is(err, ErrMissing) {
		t.Errorf("Path after a refused build = %v, want ErrMissing", err)
	}
}
