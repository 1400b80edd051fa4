package coordinator

import (
	"slices"
	"time"
)

// Observer is told of the runs of a driver. Its methods must not block.
type Observer interface {
	// Begun is called when a run begins, with what says how it is, which may be called from any
	// goroutine, also after the run.
	Begun(now func() RunNow)
	// Ended is called when it is over; a nil error says that it was completed.
	Ended(last RunNow, err error)
}

// RunNow is how a run is.
type RunNow struct {
	Plan   string
	Frames int64 // that all sinks have taken, as known within some tenths of a second
	Total  int64 // at most
	Agents []AgentNow
	Leased int           // devices whose lease the coordinator renews
	Every  time.Duration // how often it does; 0: it holds none
}

// AgentNow is what a coordinator knows of the agent of a device that takes part.
type AgentNow struct {
	Device string
	Silent time.Duration // since something was heard of it
	Alive  bool          // it is not silent for so long that it counts as lost
}

// now says how the run is.
func (r *run) now() RunNow {
	n := RunNow{Plan: r.plan.Name, Frames: r.frames.Load(), Total: r.plan.Workload.Frames}
	for _, device := range r.devices() {
		silent := r.agents[device].silent()
		n.Agents = append(n.Agents, AgentNow{r.name(device), silent, silent <= silence})
	}
	devices, every := r.leases.all()
	n.Leased, n.Every = len(devices), every
	return n
}

// count notes how many frames all sinks have taken. It is called by follow only.
func (r *run) count() int64 {
	frames := r.tally.counted() + r.plan.Workload.Warmup
	r.frames.Store(frames)
	return frames
}

// rates returns at how many bytes per second tokens of a device pass its links, as far as that was
// measured, by the links' names.
func (r *run) rates(device int) map[string]float64 {
	if r.driver.Measured == nil {
		return nil
	}
	all := map[string]float64{}
	for i := range r.plan.Platform.Links {
		l := &r.plan.Platform.Links[i]
		if !slices.Contains(l.Between, r.name(device)) {
			continue
		}
		if rate := r.driver.Measured(l.Name, r.name(device)); rate > 0 {
			all[l.Name] = rate
		}
	}
	return all
}
