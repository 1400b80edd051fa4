// Package loader asks the dynamic loader and the drivers of this machine what ONNX
// Runtime's execution providers need: whether a shared library can be opened, which
// providers an ONNX Runtime library was built with, which devices Vulkan offers. It makes
// no session and keeps what it opened open.
package loader

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The start of onnxruntime_c_api.h: OrtApiBase, and OrtApi as a table of functions. Its
// order is part of the interface: functions are only ever added at the end.
typedef struct {
	void *const *(*GetApi)(uint32_t version);
	const char *(*GetVersionString)(void);
} api_base;

enum { api_version = 24, get_available_providers = 125, release_available_providers = 126, release_status = 93 };

static const char *version_of(void *lib) {
	const api_base *(*base)(void) = (const api_base *(*)(void))dlsym(lib, "OrtGetApiBase");
	return base ? base()->GetVersionString() : NULL;
}

static char **providers_of(void *lib, int *n) {
	const api_base *(*base)(void) = (const api_base *(*)(void))dlsym(lib, "OrtGetApiBase");
	void *const *api = base ? base()->GetApi(api_version) : NULL;
	char **names = NULL;
	if (!api) return NULL;
	void *status = ((void *(*)(char ***, int *))api[get_available_providers])(&names, n);
	if (status) {
		((void (*)(void *))api[release_status])(status);
		return NULL;
	}
	return names;
}

static void release_providers(void *lib, char **names, int n) {
	const api_base *(*base)(void) = (const api_base *(*)(void))dlsym(lib, "OrtGetApiBase");
	((void *(*)(char **, int))base()->GetApi(api_version)[release_available_providers])(names, n);
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Open opens a shared library, by path or by the name that the system's search finds, and
// leaves it open: what asks for the same name later gets this one. The error is the
// dynamic loader's own, which names the file that is missing.
func Open(name string) error {
	_, err := open(name)
	return err
}

func open(name string) (unsafe.Pointer, error) {
	c := C.CString(name)
	defer C.free(unsafe.Pointer(c))
	runtime.LockOSThread() // the loader keeps its error by thread
	defer runtime.UnlockOSThread()
	handle := C.dlopen(c, C.RTLD_LAZY|C.RTLD_LOCAL)
	if handle == nil {
		return nil, fmt.Errorf("%w: %s", ErrOpen, C.GoString(C.dlerror()))
	}
	return handle, nil
}

// Runtime describes an ONNX Runtime library.
type Runtime struct {
	Version   string   // such as 1.27.0
	Providers []string // that it was built with, by its own names, such as WebGpuExecutionProvider
}

// Inspect opens an ONNX Runtime library, of version 1.24 or later, and describes it.
func Inspect(path string) (Runtime, error) {
	lib, err := open(path)
	if err != nil {
		return Runtime{}, err
	}
	version := C.version_of(lib)
	if version == nil {
		return Runtime{}, fmt.Errorf("%w: %s is no ONNX Runtime library: it has no OrtGetApiBase", ErrOpen, path)
	}
	r := Runtime{Version: C.GoString(version)}
	var n C.int
	names := C.providers_of(lib, &n)
	if names == nil {
		return r, fmt.Errorf("%w: %s is ONNX Runtime %s; 1.24 or later is needed", ErrOpen, path, r.Version)
	}
	defer C.release_providers(lib, names, n)
	for _, name := range unsafe.Slice(names, int(n)) {
		r.Providers = append(r.Providers, C.GoString(name))
	}
	return r, nil
}
