package model

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
)

// Bounds hold also for a model that isn't run, and errors about them name the file.
func TestBoundsWithoutARun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "filtered.onnx")
	if err := os.WriteFile(path, onnxtest.Filtered().Data, 0o644); err != nil {
		t.Fatal(err)
	}
	open := func(tensor string, most ...int64) (*Model, error) {
		return Open(path, Options{Bounds: map[string][]int64{tensor: most}})
	}
	m, err := open("h", 20, 4)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := m.Span("h"); !ok || !slices.Equal(s.Most, []int64{20, 4}) {
		t.Errorf("h has %+v, %t", s, ok)
	}
	for tensor, want := range map[string]error{"none": shape.ErrNoDim, "refined": onnx.ErrNoShape} {
		if _, err := open(tensor, 3, 3); !errors.Is(err, want) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v", tensor, err)
		}
	}
}

func TestFolderCopies(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{"in/weights.bin": "0123456789", "secret": "outside"} {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	in := filepath.Join(dir, "in")
	if err := os.Symlink("../secret", filepath.Join(in, "link")); err != nil {
		t.Fatal(err)
	}
	f := Folder(in)
	var b bytes.Buffer
	if err := f.Copy(&b, "weights.bin", 3, 4); err != nil || b.String() != "3456" {
		t.Errorf("copied %q, %v; want 3456", b.String(), err)
	}
	path := filepath.Join(dir, "out")
	if err := create(path, func(w io.Writer) error {
		return errors.Join(f.Copy(w, "weights.bin", 8, 2), f.Copy(w, "weights.bin", 0, 2))
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "8901" {
		t.Errorf("from file to file: %q, %v; want 8901", got, err)
	}
	if err := f.Copy(io.Discard, "weights.bin", 8, 3); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("beyond the end: %v", err)
	}
	for _, name := range []string{"link", "../secret", "none"} {
		if err := f.Copy(io.Discard, name, 0, 1); err == nil {
			t.Errorf("%s was copied", name)
		}
	}
}
