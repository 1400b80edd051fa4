package model

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoadModelErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := ForPlans(filepath.Join(dir, "absent.onnx"))
	assert.ErrorIs(t, err, fs.ErrNotExist, "absent")
	bad := filepath.Join(dir, "bad.onnx")
	require.NoError(t, os.WriteFile(bad, []byte("not a model"), 0o644))
	_, err = ForPlans(bad)
	require.ErrorIs(t, err, onnx.ErrNotONNX, "not a model")
	assert.Contains(t, err.Error(), bad, "not a model")
}
