package doctorcmd

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
	"github.com/edgeprune/edgeprune/deploy/power"
)

// Report is what the machine has and lacks. Its field names are part of the interface.
type Report struct {
	Machine string `json:"machine"`
	Library struct {
		Path    string `json:"path"`
		Version string `json:"version"`
		Missing string `json:"missing,omitempty"`
	} `json:"library"`
	Providers []Item `json:"providers"` // of the library
	// Vulkan lists the devices that WebGPU has to choose from. Which one it takes, it does not say.
	Vulkan []loader.Device `json:"vulkan_devices"`
	Tools  []Item          `json:"tools"`
	Cache  struct {
		Dir    string   `json:"dir"`
		Ready  []string `json:"ready"`
		Absent []string `json:"absent"` // but those that are fetched only by name
		// Libraries are further ONNX Runtime libraries in the cache, for --ort.
		Libraries []string `json:"libraries"`
	} `json:"cache"`
	Power struct {
		Meters  []string        `json:"meters"`
		Missing []power.Missing `json:"missing"`
	} `json:"power"`
}

// Item is a provider or a tool: usable, or what is missing for it.
type Item struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Usable  bool   `json:"usable"`
	Missing string `json:"missing,omitempty"`
}

func item(name, version string, missing error) Item {
	i := Item{Name: name, Version: version, Usable: missing == nil}
	if missing != nil {
		i.Missing = missing.Error()
	}
	return i
}

// report looks at everything. What can't be had is part of the report.
func (a *Commands) report(ctx context.Context, m *Machine) (*Report, error) {
	r := &Report{Machine: m.Name}
	path, err := ort.Find(m.Library)
	if err == nil {
		r.Library.Path = path
		err = ort.Load(path)
	}
	if err != nil {
		r.Library.Missing = err.Error()
	} else {
		r.Library.Version = ort.Version()
		for _, name := range ort.Providers() {
			r.Providers = append(r.Providers, item(name, "", ort.Missing(name)))
		}
	}
	if r.Vulkan, err = loader.Vulkan(); err != nil {
		r.Vulkan = []loader.Device{}
	}
	r.Tools = []Item{item("nats", embedded("github.com/nats-io/nats-server/v2"), nil)}
	for _, t := range []struct{ name, pkg string }{{"ffmpeg", "ffmpeg"}, {"npm", "npm"}, {"pip3", "python3-pip"}} {
		r.Tools = append(r.Tools, tool(ctx, t.name, t.pkg))
	}
	r.Cache.Dir, r.Cache.Ready, r.Cache.Absent, r.Cache.Libraries = m.Store.Dir, []string{}, []string{}, []string{}
	sets, err := m.Store.List()
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		switch {
		case s.Ready:
			r.Cache.Ready = append(r.Cache.Ready, s.Name)
		case !s.Optional:
			r.Cache.Absent = append(r.Cache.Absent, s.Name)
		}
		lib := filepath.Join(m.Store.Dir, s.Name, "libonnxruntime.so.1")
		if s.Ready && strings.HasPrefix(s.Name, "onnxruntime") && lib != r.Library.Path {
			r.Cache.Libraries = append(r.Cache.Libraries, lib)
		}
	}
	meters, missing := power.Find(a.Root, a.NVML)
	r.Power.Meters, r.Power.Missing = []string{}, missing
	for _, meter := range meters {
		r.Power.Meters = append(r.Power.Meters, meter.About().Name)
	}
	return r, nil
}

// embedded returns the version of a module in this program.
func embedded(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == module {
				return m.Version
			}
		}
	}
	return ""
}

// tool looks for a program, which Debian has in a package, and asks ffmpeg for its version:
// package clients take seconds to tell it.
func tool(ctx context.Context, name, pkg string) Item {
	path, err := exec.LookPath(name)
	if err != nil {
		return item(name, "", fmt.Errorf("not in PATH; install it (Debian: %s)", pkg))
	}
	if name != "ffmpeg" {
		return item(name, "", nil)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-version").Output()
	if err != nil {
		return item(name, "", fmt.Errorf("%s -version: %w", path, err))
	}
	version := "" // as in: ffmpeg version 5.1 Copyright …
	if words := strings.Fields(string(out)); len(words) > 2 && words[1] == "version" {
		version = words[2]
	}
	return item(name, version, nil)
}
