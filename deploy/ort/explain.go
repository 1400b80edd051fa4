package ort

import (
	"debug/elf"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
)

// ofLibrary are the providers that ONNX Runtime loads from a library of their own, which
// lies beside its own.
var ofLibrary = map[string]string{
	"cuda": "libonnxruntime_providers_cuda.so", "tensorrt": "libonnxruntime_providers_tensorrt.so",
	"openvino": "libonnxruntime_providers_openvino.so",
}

// driverCUDA is the library of NVIDIA's driver.
const driverCUDA = "libcuda.so.1"

// openVINOOptions are those of the OpenVINO provider of ONNX Runtime 1.24, whose refusal
// of others does not say which.
var openVINOOptions = []string{
	"cache_dir", "context", "device_id", "device_luid", "device_type", "disable_dynamic_shapes", "enable_causallm",
	"enable_opencl_throttling", "enable_qdq_optimizer", "layout", "load_config", "model_priority", "num_of_threads",
	"num_streams", "precision", "reshape_input",
}

// explain says of an error of the runtime what it means for the provider and how to mend it.
func explain(err error, p plan.Provider) error {
	if err == nil || p.OnCPU() {
		return err
	}
	text := err.Error()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(s string) bool { return strings.Contains(text, s) })
	}
	switch {
	case has("not enabled in this build", "not supported in this build", "Unknown provider name"):
		return fmt.Errorf("%w: ONNX Runtime %s in %s has no provider %q; it has %s; give a library that has it in %s%s",
			ErrProvider, Version(), library.path, p.Name, strings.Join(Providers(), ", "), LibraryVariable,
			nearest.Hint(p.Name, Providers()))
	case has("Failed to load shared library", "Failed to load library", "Failed to load provider"):
		return notLoaded(err, p)
	case has("fallback to CPU EP has been explicitly disabled"):
		return fmt.Errorf("%w: %s has no kernel for some of its nodes; cut the model so that they run on a unit of the CPU, "+
			"or give the unit provider: {name: %s, fallback: cpu}; edgeprune model providers --fallback says which they are",
			ErrFallback, p.Name, p.Name)
	case has("rovider option", "Invalid "):
		return fmt.Errorf("%w: %s: %w", ErrOption, p, err)
	}
	return fmt.Errorf("provider %s: %w", p, err)
}

// notLoaded says what is missing for a provider with a library of its own that failed to load.
func notLoaded(err error, p plan.Provider) error {
	if missing := missingOf(p.Name, library.path); missing != nil {
		return fmt.Errorf("%w: %w", ErrProvider, missing)
	}
	if p.Name == "openvino" {
		for _, key := range slices.Sorted(maps.Keys(p.Options)) {
			if !slices.Contains(openVINOOptions, key) {
				return fmt.Errorf("%w: openvino refuses its options, and it is not known to have %q; it has %s%s", ErrOption, key,
					strings.Join(openVINOOptions, ", "), nearest.Hint(key, openVINOOptions))
			}
		}
		return fmt.Errorf("%w: %s is refused; is there such a device, and are the values of the options right?", ErrOption, p)
	}
	return fmt.Errorf("%w: %s: %w", ErrProvider, p, err)
}

// missingOf says what keeps a provider with a library of its own, beside that of ONNX
// Runtime, from being used; nil if nothing is known to.
func missingOf(name, runtime string) error {
	file, ok := ofLibrary[name]
	if !ok {
		return nil
	}
	path := filepath.Join(filepath.Dir(runtime), file)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("provider %s needs %s, which is not beside %s; give its maker's library in %s", name, file,
			runtime, LibraryVariable)
	}
	if err := needed(path); err != nil {
		return fmt.Errorf("provider %s: what %s needs %w; install what is missing, or name its folder in LD_LIBRARY_PATH",
			name, file, err)
	}
	if name != "cuda" && name != "tensorrt" {
		return nil
	}
	if err := loader.Open(driverCUDA); err != nil {
		return fmt.Errorf("provider %s: NVIDIA's driver %w; install it", name, err)
	}
	return nil
}

// needed opens the libraries that a library names, beside it or where the system finds
// them. The library itself is left to the runtime: it takes symbols of another one that
// only the runtime loads, and without them the dynamic loader ends the process.
func needed(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", loader.ErrOpen, path, err)
	}
	defer f.Close()
	names, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", loader.ErrOpen, path, err)
	}
	for _, name := range names {
		beside := filepath.Join(filepath.Dir(path), name)
		if _, err := os.Stat(beside); err == nil {
			name = beside
		}
		if err := loader.Open(name); err != nil {
			return err
		}
	}
	return nil
}
