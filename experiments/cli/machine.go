package cli

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
	"github.com/urfave/cli/v2"
)

// machine names this machine's processor, cores and system.
func (a *App) machine() string {
	return fmt.Sprintf("%s, %d cores, %s/%s", a.processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

// processor is the model that the system says, or else the architecture.
func (a *App) processor() string {
	if a.env.Root != nil {
		if name := sysstate.Processor(a.env.Root); name != "" {
			return name
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

// idleFor is how long an agent reads the meters before any run.
const idleFor = 2 * time.Second

// powerOf finds the meters of an agent that is to read them, and measures the idle power; nil
// if it is not to.
func (a *App) powerOf(c *cli.Context) (*agent.Power, error) {
	if !c.Bool("power") {
		return nil, nil
	}
	if a.env.Root == nil {
		return nil, power.ErrNoMeter
	}
	meters, missing := power.Find(a.env.Root, power.NVML)
	if len(meters) == 0 {
		return nil, power.NoMeter(missing)
	}
	p := &agent.Power{Meters: meters}
	began := time.Now()
	rec := power.Record(meters, func() int64 { return int64(time.Since(began)) })
	select {
	case <-time.After(idleFor):
	case <-c.Context.Done():
	}
	all := rec.Stop()
	idle, err := all.TotalOver([]energy.Interval{{FromNs: 0, ToNs: int64(time.Since(began))}})
	if err != nil {
		return nil, err
	}
	watts := idle.Watts()
	p.IdleWatts = &watts
	fmt.Fprintf(a.env.Stderr, "idle power %.3g W, over %v\n", watts, idleFor)
	return p, c.Context.Err()
}
