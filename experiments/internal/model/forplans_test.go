package model

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
)

func TestLoadModelErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := ForPlans(filepath.Join(dir, "absent.onnx")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	bad := filepath.Join(dir, "bad.onnx")
	if err := os.WriteFile(bad, []byte("not a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ForPlans(bad); !errors.Is(err, onnx.ErrNotONNX) || !strings.Contains(err.Error(), bad) {
		t.Errorf("not a model: %v", err)
	}
}
