package ort

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
	ortgo "github.com/yalue/onnxruntime_go"
)

// spelt are the names of providers that ONNX Runtime's AppendExecutionProvider takes, by
// what a platform calls them. Other names are passed on as they are written.
var spelt = map[string]string{
	"webgpu": "WebGPU", "openvino": "OpenVINO", "xnnpack": "XNNPACK", "qnn": "QNN", "coreml": "CoreML",
	"dml": "DML", "vitisai": "VitisAI", "azure": "AZURE", "migraphx": "MIGraphX", "nvtensorrtrtx": "NvTensorRtRtx",
}

// webGPUPrefix is that of the session's configuration keys that hold the provider's options.
const webGPUPrefix = "ep.webgpuexecutionprovider."

// webGPUOptions are the options of the WebGPU provider, of which the runtime itself takes
// any name (onnxruntime, core/providers/webgpu/webgpu_provider_options.h of 1.27). Those
// that hold addresses of the caller's own objects are left out.
var webGPUOptions = []string{
	"dawnBackendType", "defaultBufferCacheMode", "deviceId", "enableGraphCapture", "enableInt64", "enablePIXCapture",
	"forceCpuNodeNames", "maxStorageBufferBindingSize", "multiRotaryCacheConcatOffset", "powerPreference",
	"preferredLayout", "preserveDevice", "queryResolveBufferCacheMode", "storageBufferCacheMode",
	"uniformBufferCacheMode", "validationMode",
}

// webGPU is held by the one session on it that the runtime works for: two at once crash on
// Linux over Vulkan (onnxruntime, issue 32561).
var webGPU sync.Mutex

// serial returns what a session holds while the runtime makes, runs or closes it.
func serial(p plan.Provider) sync.Locker {
	if p.Name == "webgpu" {
		return &webGPU
	}
	return unlocked{}
}

// unlocked is a lock that everybody may hold.
type unlocked struct{}

func (unlocked) Lock()   {}
func (unlocked) Unlock() {}

// appendProvider has a session run on a provider, and on the CPU only if it may.
func appendProvider(so *ortgo.SessionOptions, p plan.Provider) error {
	if err := p.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrOption, err)
	}
	if p.OnCPU() {
		return nil
	}
	used, err := keepCompiled(p)
	if err != nil {
		return err
	}
	if err := appendNamed(so, used); err != nil {
		return err
	}
	if p.Fallback == "" {
		return so.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1")
	}
	return nil
}

func appendNamed(so *ortgo.SessionOptions, p plan.Provider) (err error) {
	switch p.Name {
	case "cuda":
		var o *ortgo.CUDAProviderOptions
		if o, err = ortgo.NewCUDAProviderOptions(); err != nil {
			return explain(err, p)
		}
		defer func() { err = errors.Join(err, o.Destroy()) }()
		if err := o.Update(p.Options); err != nil {
			return explain(err, p)
		}
		return explain(so.AppendExecutionProviderCUDA(o), p)
	case "tensorrt":
		var o *ortgo.TensorRTProviderOptions
		if o, err = ortgo.NewTensorRTProviderOptions(); err != nil {
			return explain(err, p)
		}
		defer func() { err = errors.Join(err, o.Destroy()) }()
		if err := o.Update(p.Options); err != nil {
			return explain(err, p)
		}
		return explain(so.AppendExecutionProviderTensorRT(o), p)
	case "webgpu":
		if backend := p.Options["dawnBackendType"]; backend == "" || backend == "Vulkan" {
			if _, err := loader.Vulkan(); err != nil { // else Dawn writes to the standard error output
				return fmt.Errorf("%w: webgpu: %w", ErrProvider, err)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(p.Options)) {
			if !slices.Contains(webGPUOptions, key) {
				return fmt.Errorf("%w: webgpu has no option %q; it has %s%s", ErrOption, key, strings.Join(webGPUOptions, ", "),
					nearest.Hint(key, webGPUOptions))
			}
			if err := so.AddSessionConfigEntry(webGPUPrefix+key, p.Options[key]); err != nil {
				return err
			}
		}
		return explain(so.AppendExecutionProvider(spelt[p.Name], nil), p)
	}
	name := p.Name
	if s, ok := spelt[name]; ok {
		name = s
	}
	return explain(so.AppendExecutionProvider(name, p.Options), p)
}
