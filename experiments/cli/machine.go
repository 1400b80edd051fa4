package cli

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
)

// machine names this machine's processor, cores and system.
func (a *App) machine() string {
	return fmt.Sprintf("%s, %d cores, %s/%s", a.processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

// processor is the model that the system says, or else the architecture.
func (a *App) processor() string {
	for line := range a.systemFile("proc/cpuinfo") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// governor is the policy of the processor's clock; "unknown" where it can't be read.
func (a *App) governor() string {
	for line := range a.systemFile("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") {
		return strings.TrimSpace(line)
	}
	return "unknown"
}

// systemFile returns the lines of a file that the system makes up, none if it can't be
// read.
func (a *App) systemFile(name string) func(yield func(line string) bool) {
	return func(yield func(string) bool) {
		if a.env.Root == nil {
			return
		}
		f, err := a.env.Root.Open(name)
		if err != nil {
			return
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() && yield(lines.Text()) {
		}
	}
}

// absolute returns a path that doesn't depend on where the command runs.
func (a *App) absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return filepath.Clean(path), nil
	}
	if a.env.Getwd == nil {
		return "", fmt.Errorf("%s: %w", path, fs.ErrInvalid)
	}
	dir, err := a.env.Getwd()
	return filepath.Join(dir, path), err
}

// deviceState is the state of this machine now; the program's own processes are this one and
// its children.
func (a *App) deviceState() device.State {
	if a.env.Root == nil {
		return device.State{}
	}
	return sysstate.Read(a.env.Root, os.Getpid())
}
