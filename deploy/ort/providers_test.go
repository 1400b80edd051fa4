package ort

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What keeps a provider from being used is said with what to do about it.
func TestProviderErrors(t *testing.T) {
	loadLibrary(t)
	require.Contains(t, Providers(), plan.CPU)
	lib := "ONNX Runtime " + Version() + " in " + library.path
	has := strings.Join(Providers(), ", ")
	for _, c := range []struct {
		p    plan.Provider
		want string
	}{
		{plan.Named("abacus"), lib + ` has no provider "abacus"; it has ` + has + "; " +
			"give a library that has it in EDGEPRUNE_ORT_LIB"},
		{plan.Named("xnnpack"), lib + ` has no provider "xnnpack"; it has ` + has + "; " +
			"give a library that has it in EDGEPRUNE_ORT_LIB"},
		{plan.Named("cuda"), "provider cuda needs libonnxruntime_providers_cuda.so, which is not beside " + library.path +
			"; give its maker's library in EDGEPRUNE_ORT_LIB"},
		{plan.Provider{Name: "cuda", Options: map[string]string{"device_id": "0"}}, "provider cuda needs " +
			"libonnxruntime_providers_cuda.so, which is not beside " + library.path +
			"; give its maker's library in EDGEPRUNE_ORT_LIB"},
		{plan.Named("tensorrt"), "provider tensorrt needs libonnxruntime_providers_tensorrt.so, which is not beside " +
			library.path + "; give its maker's library in EDGEPRUNE_ORT_LIB"},
	} {
		_, err := NewSession(modelBytes(t, addModel), Options{Provider: c.p})
		require.ErrorIs(t, err, ErrProvider, c.p.Name)
		assert.EqualError(t, err, "ort: session options: ort: execution provider not available: "+c.want)
	}
	_, err := NewSession(modelBytes(t, addModel), Options{Provider: plan.Provider{Name: "cuda", Fallback: "gpu"}})
	assert.ErrorIs(t, err, ErrOption)
}

// Without a Vulkan driver a session on WebGPU is refused, and the driver is named.
func TestWebGPUWithoutDriver(t *testing.T) {
	loadLibrary(t)
	nowhere := filepath.Join(t.TempDir(), "icd.json")
	t.Setenv("VK_ICD_FILENAMES", nowhere)
	t.Setenv("VK_DRIVER_FILES", nowhere)
	_, err := NewSession(modelBytes(t, addModel), Options{Provider: plan.Named("webgpu")})
	require.ErrorIs(t, err, ErrProvider)
	want := "the Vulkan loader finds no driver that works in " + nowhere + ", which the environment names, (result -9); " +
		"install your GPU's driver (Debian: mesa-vulkan-drivers or nvidia-vulkan-icd)"
	if Missing("webgpu") != nil && !strings.Contains(Missing("webgpu").Error(), want) {
		want = "the Vulkan loader can not be loaded: libvulkan.so.1: cannot open shared object file: " +
			"No such file or directory; install it (Debian: libvulkan1) with your GPU's driver"
	}
	assert.EqualError(t, err,
		"ort: session options: ort: execution provider not available: webgpu: no Vulkan device: "+want)
}

// A library that a provider needs and that is missing is named. The provider's library is
// one that is compiled here and needs libcublasLt.so.12, as that of CUDA does.
func TestMissingCUDALibrary(t *testing.T) {
	loadLibrary(t)
	dir := t.TempDir()
	source := filepath.Join(dir, "a.c")
	require.NoError(t, os.WriteFile(source, []byte("int cublas(void) { return 1; }\n"), 0o644))
	cublas, cuda := filepath.Join(dir, "libcublasLt.so.12"), filepath.Join(dir, ofLibrary["cuda"])
	for _, args := range [][]string{
		{"-shared", "-fPIC", "-Wl,-soname,libcublasLt.so.12", "-o", cublas, source},
		{"-shared", "-fPIC", "-Wl,--no-as-needed", "-o", cuda, source, cublas},
	} {
		out, err := exec.Command("gcc", args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.NoError(t, os.Remove(cublas))
	err := missingOf("cuda", filepath.Join(dir, "libonnxruntime.so.1"))
	assert.EqualError(t, err, "provider cuda: what libonnxruntime_providers_cuda.so needs can not be loaded: "+
		"libcublasLt.so.12: cannot open shared object file: No such file or directory; install what is missing, or name "+
		"its folder in LD_LIBRARY_PATH")
}
