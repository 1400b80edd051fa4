package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The CPU beside itself gives the same, whole and cut, and says where the nodes ran.
func TestModelProviders(t *testing.T) {
	o := edgeprune(t, "model", "providers", "--provider", "cpu", "--at", "stem", "--runs", "3", "--json",
		sample(t, onnxtest.Inception()))
	require.Equal(t, exitOK, o.code, o.stderr)
	var r struct {
		Library   string
		Tolerance float64
		Providers []modelcmd.Across
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	assert.Equal(t, ort.Version(), r.Library)
	require.Len(t, r.Providers, 2)
	for _, x := range r.Providers {
		assert.Equal(t, "cpu", x.Provider.Name)
		assert.Positive(t, x.FirstRunMs)
		assert.Positive(t, x.RunMs)
		assert.LessOrEqual(t, x.LowMs, x.HighMs)
		assert.LessOrEqual(t, float64(x.Difference), r.Tolerance)
		require.Len(t, x.Placed, 1)
		assert.Equal(t, "cpu", x.Placed[0].Provider)
		assert.Contains(t, x.Placed[0].Ops, "GlobalAveragePool")
	}
	require.NotNil(t, r.Providers[1].CutDifference)
	assert.LessOrEqual(t, float64(*r.Providers[1].CutDifference), r.Tolerance)
	o = edgeprune(t, "model", "providers", "--provider", "cpu", "--runs", "1", sample(t, onnxtest.Inception()))
	o.says(t, exitOK, "PROVIDER", "DIFFERENCE", "on cpu")
}

func TestModelProvidersRefused(t *testing.T) {
	model := sample(t, onnxtest.Inception())
	lib, err := ort.Find("")
	require.NoError(t, err)
	lib, err = filepath.EvalSymlinks(lib)
	require.NoError(t, err)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{model}, "expected --provider NAME, such as webgpu; edgeprune doctor lists what there is"},
		{[]string{"--provider", "cuda:fast", model},
			`--provider "cuda:fast": option "fast"; expected KEY=VALUE, as in tensorrt:trt_fp16_enable=1`},
		{[]string{"--provider", "cpu:a=1", model},
			`--provider "cpu:a=1": provider cpu takes no options and no fallback; threads and spin are keys of the unit`},
		{[]string{"--provider", "cpu", "--runs", "0", model}, "--runs and --threads: expected at least 1"},
		{[]string{"--provider", "", model}, `--provider "": expected NAME or NAME:KEY=VALUE, as in webgpu`},
		{[]string{"--provider", "abacus", model}, `has no provider "abacus"; it has `},
		{[]string{"--provider", "cuda", model}, "provider cuda needs libonnxruntime_providers_cuda.so, which is not beside " +
			lib + "; give its maker's library in EDGEPRUNE_ORT_LIB"},
	} {
		o := edgeprune(t, append([]string{"model", "providers"}, c.args...)...)
		assert.Equal(t, exitInput, o.code, c.args)
		assert.Contains(t, o.stderr, c.want)
	}
}

func TestDoctor(t *testing.T) {
	o := edgeprune(t, "doctor", "--json")
	require.Equal(t, exitOK, o.code, o.stderr)
	var r struct {
		Library struct {
			Path, Version, Missing string
		}
		Providers []struct {
			Name, Missing string
			Usable        bool
		}
		Tools []struct {
			Name, Missing string
			Usable        bool
		}
		Cache struct {
			Dir   string
			Ready []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &r))
	assert.Equal(t, ort.Version(), r.Library.Version)
	assert.FileExists(t, r.Library.Path)
	var usable []string
	for _, p := range r.Providers {
		assert.Equal(t, p.Usable, p.Missing == "", p.Name)
		if p.Usable {
			usable = append(usable, p.Name)
		}
	}
	assert.Contains(t, usable, "cpu")
	require.NotEmpty(t, r.Tools)
	assert.Equal(t, "nats", r.Tools[0].Name)
	assert.True(t, r.Tools[0].Usable)
	assert.DirExists(t, r.Cache.Dir)
	assert.Contains(t, r.Cache.Ready, "onnxruntime")
	o = edgeprune(t, "doctor")
	o.says(t, exitOK, "ONNX Runtime "+ort.Version(), "cpu", "ffmpeg", "data sets", r.Cache.Dir)
}

// What is missing is said, and is no failure of the command.
func TestDoctorWithoutLibrary(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "libonnxruntime.so.1")
	o := edgeprune(t, "--ort", absent, "doctor")
	o.says(t, exitOK, "ONNX Runtime", "not found", absent)
}
