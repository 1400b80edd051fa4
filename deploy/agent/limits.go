package agent

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Limits are what a plan may have an agent use at most; of each, 0 is that of DefaultLimits. A
// plan that needs more is refused before anything of it is made.
type Limits struct {
	Threads, Lanes, Actors             int64
	FIFOBytes, ModelBytes, MemoryBytes int64
}

const (
	defaultActors = 100_000
	unknownMemory = 8 << 30 // bytes of the machine, where it does not say
)

// DefaultLimits are those of an agent whose user says nothing: tokens, and sub-models, may
// take half of the machine's memory, and both together four fifths.
func DefaultLimits() Limits {
	machine := machineBytes()
	return Limits{
		Threads: plan.MaxThreads, Lanes: plan.MaxLanes, Actors: defaultActors,
		FIFOBytes: machine / 2, ModelBytes: machine / 2, MemoryBytes: machine / 5 * 4,
	}
}

// filled returns the limits with those that are not given.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, pair := range []struct{ own, other *int64 }{
		{&l.Threads, &d.Threads}, {&l.Lanes, &d.Lanes}, {&l.Actors, &d.Actors}, {&l.FIFOBytes, &d.FIFOBytes},
		{&l.ModelBytes, &d.ModelBytes}, {&l.MemoryBytes, &d.MemoryBytes},
	} {
		if *pair.own <= 0 {
			*pair.own = *pair.other
		}
	}
	return l
}

// check refuses what is over a limit, with both figures and the flag. An error wraps ErrLimit.
func (l Limits) check(n node.Needs) error {
	for _, of := range []struct {
		what, flag  string
		need, limit int64
	}{
		{"actors", "--max-actors", n.Actors, l.Actors},
		{"lanes", "--max-lanes", n.Lanes, l.Lanes},
		{"threads", "--max-threads", n.Threads, l.Threads},
		{"bytes of FIFOs", "--max-fifos", n.FIFOBytes, l.FIFOBytes},
		{"bytes of sub-models", "--max-models", n.ModelBytes, l.ModelBytes},
		{"bytes of memory, at least,", "--max-memory", n.MemoryBytes, l.MemoryBytes},
	} {
		if of.need > of.limit {
			return fmt.Errorf("%w: the plan needs %d %s and the limit is %d; the agent's user can raise that with %s", ErrLimit,
				of.need, of.what, of.limit, of.flag)
		}
	}
	return nil
}

// needs returns what a load needs, of sub-models all that is fetched for it. The plan has been
// checked.
func needs(p *plan.Plan, req *wire.LoadRequest) node.Needs {
	var models []int64
	for _, m := range distinct(req.Models) {
		models = append(models, m.Bytes)
	}
	return node.NeedsOf(p, req.Device, models)
}

// machineBytes returns the memory of the machine, or of the control group that the process is in.
func machineBytes() int64 {
	bytes := int64(unknownMemory)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib int64
		if n, _ := fmt.Sscanf(string(text), "MemTotal: %d kB", &kib); n == 1 {
			bytes = kib << 10
		}
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit > 0 {
			bytes = min(bytes, limit)
		}
	}
	return bytes
}
