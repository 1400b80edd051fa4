package ort

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/edgeprune/edgeprune/datasets/cachedir"
	ortgo "github.com/yalue/onnxruntime_go"
)

// LibraryVariable names the environment variable that holds the library's path.
const LibraryVariable = "EDGEPRUNE_ORT_LIB"

// Find returns the path of the ONNX Runtime library: explicit (a flag's value,
// may be empty), else $EDGEPRUNE_ORT_LIB, else the copy that `edgeprune
// datasets get onnxruntime` made, else the system's. A path that was given
// explicitly or by the variable is never replaced by another one: if it is
// missing, Find fails. The error wraps ErrNotFound and lists what was tried.
func Find(explicit string) (string, error) {
	var tried []string
	exists := func(origin, path string) bool {
		tried = append(tried, fmt.Sprintf("%s (%s)", path, origin))
		info, err := os.Stat(path)
		return err == nil && !info.IsDir()
	}
	for _, given := range []struct{ origin, path string }{
		{"flag", explicit}, {"$" + LibraryVariable, os.Getenv(LibraryVariable)},
	} {
		if given.path == "" {
			continue
		}
		if exists(given.origin, given.path) {
			return filepath.Abs(given.path)
		}
		return "", notFound(tried)
	}
	if cache, err := cachedir.Default(); err != nil {
		tried = append(tried, err.Error())
	} else if p := filepath.Join(cache, "onnxruntime", "libonnxruntime.so.1"); exists("cache", p) {
		return p, nil
	}
	for _, dir := range systemDirs() {
		for _, name := range []string{"libonnxruntime.so.1", "libonnxruntime.so"} {
			if p := filepath.Join(dir, name); exists("system", p) {
				return p, nil
			}
		}
	}
	return "", notFound(tried)
}

func notFound(tried []string) error {
	return fmt.Errorf("%w; run: edgeprune datasets get onnxruntime; or give its path in %s; tried:\n  %s",
		ErrNotFound, LibraryVariable, strings.Join(tried, "\n  "))
}

func systemDirs() []string {
	dirs := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	return append(dirs, "/usr/local/lib", filepath.Join("/usr/lib", triplet), "/usr/lib")
}

// library is process-wide because the dynamic loader is.
var library struct {
	sync.Mutex
	path string
}

// Load opens the library at path for the whole process. Loading the same file
// again does nothing; another file is ErrLoaded. ONNX Runtime 1.24.1 or later
// is needed.
func Load(path string) error {
	full, err := filepath.EvalSymlinks(path)
	if err == nil {
		full, err = filepath.Abs(full)
	}
	if err != nil {
		return fmt.Errorf("ort: load: %w", err)
	}
	library.Lock()
	defer library.Unlock()
	if library.path == full {
		return nil
	}
	if library.path != "" {
		return fmt.Errorf("%w: %s, so %s can not be", ErrLoaded, library.path, full)
	}
	ortgo.SetSharedLibraryPath(full)
	// What goes wrong comes back as an error; the log would print it twice.
	if err := ortgo.InitializeEnvironment(ortgo.WithLogLevelFatal()); err != nil {
		return fmt.Errorf("ort: load %s (version 1.24.1 or later for %s is needed): %w", full, runtime.GOARCH, err)
	}
	library.path = full
	return nil
}

// Version returns the loaded library's version, such as "1.27.0", or "" if
// none is loaded.
func Version() string {
	if !loaded() {
		return ""
	}
	return ortgo.GetVersion()
}

func loaded() bool {
	library.Lock()
	defer library.Unlock()
	return library.path != ""
}
