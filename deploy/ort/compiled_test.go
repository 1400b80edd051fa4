package ort

import (
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeepCompiled(t *testing.T) {
	loadLibrary(t)
	cache := t.TempDir()
	t.Setenv("EDGEPRUNE_CACHE", cache)
	own := filepath.Join(t.TempDir(), "engines")
	for _, c := range []struct {
		name        string
		given, want map[string]string
		folder      string
	}{
		{"tensorrt", map[string]string{"trt_fp16_enable": "1"}, map[string]string{"trt_fp16_enable": "1",
			"trt_engine_cache_enable": "1", "trt_engine_cache_path": filepath.Join(cache, "compiled", "tensorrt-"+Version())},
			filepath.Join(cache, "compiled", "tensorrt-"+Version())},
		{"tensorrt", map[string]string{"trt_engine_cache_path": own, "trt_engine_cache_enable": "0"},
			map[string]string{"trt_engine_cache_path": own, "trt_engine_cache_enable": "0"}, own},
		{"openvino", nil, map[string]string{"cache_dir": filepath.Join(cache, "compiled", "openvino-"+Version())},
			filepath.Join(cache, "compiled", "openvino-"+Version())},
		{"openvino", map[string]string{"cache_dir": "", "num_streams": "1"}, map[string]string{"num_streams": "1"}, ""},
		{"webgpu", nil, nil, ""},
	} {
		p, err := keepCompiled(plan.Provider{Name: c.name, Options: c.given})
		require.NoError(t, err)
		assert.Equal(t, c.want, p.Options)
		if c.folder != "" {
			assert.DirExists(t, c.folder)
		}
	}
	_, err := keepCompiled(plan.Provider{Name: "openvino", Options: map[string]string{"cache_dir": "/dev/null/a"}})
	assert.EqualError(t, err, "openvino keeps what it compiles in cache_dir: mkdir /dev/null: not a directory")
}
