package metrics

import (
	"sync"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/prometheus/client_golang/prometheus"
)

// Coordinator collects the metrics of the runs of coordinator.Drivers, one at a time. It is their
// coordinator.Observer. The zero value is ready.
type Coordinator struct {
	mu                        sync.Mutex
	now                       func() coordinator.RunNow // of the run that goes on; nil: none does
	frames, completed, failed int64                     // of runs that are over
}

// Begun implements coordinator.Observer.
func (c *Coordinator) Begun(now func() coordinator.RunNow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// Ended implements coordinator.Observer.
func (c *Coordinator) Ended(last coordinator.RunNow, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = nil
	c.frames += last.Frames
	if err != nil {
		c.failed++
	} else {
		c.completed++
	}
}

// Describe implements prometheus.Collector. What is told depends on whether a run goes on.
func (c *Coordinator) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *Coordinator) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &writer{ch: ch, seen: map[string]bool{}}
	const runs = "Runs that are over."
	w.counter("runs_total", runs, float64(c.completed), "outcome", "completed")
	w.counter("runs_total", runs, float64(c.failed), "outcome", "failed")
	frames := c.frames
	if c.now != nil {
		r := c.now()
		frames += r.Frames
		w.gauge("run_info", "The run that goes on; always 1.", 1, "plan", r.Plan)
		w.gauge("run_frames", "Frames of the run that goes on that all sinks have taken.", float64(r.Frames))
		w.gauge("run_frames_limit", "Frames of the run that goes on, at most.", float64(r.Total))
		w.gauge("leased_devices", "Devices whose leases are renewed.", float64(r.Leased))
		if r.Every > 0 {
			w.gauge("lease_renewal_interval_seconds", "How often leases are renewed.", r.Every.Seconds())
		}
		for _, a := range r.Agents {
			alive := 0.
			if a.Alive {
				alive = 1
			}
			w.gauge("agent_alive", "1 if the agent of a device was heard lately, else 0.", alive, "device", a.Device)
			w.gauge("agent_silence_seconds", "Time since something was heard of the agent.", a.Silent.Seconds(), "device",
				a.Device)
		}
	}
	w.counter("frames_total", "Frames of all runs that all sinks have taken.", float64(frames))
}
