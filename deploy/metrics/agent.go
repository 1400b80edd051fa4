package metrics

import (
	"sync"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/prometheus/client_golang/prometheus"
)

// MostActors is how many actors kernel times are told apart by; those of others are told together,
// as those of the actor Other.
const MostActors = 64

// Other is the label of what is not told apart.
const Other = "other"

// Agent collects the metrics of an agent. It is an agent.Metrics.
type Agent struct {
	status  atomic.Pointer[func() *wire.AgentStatus]
	kernels *prometheus.HistogramVec

	mu     sync.Mutex
	actors map[[2]string]prometheus.Observer // by unit and actor
}

// kernelSeconds are the bounds of the histogram of kernel times: three a decade would be finer
// than its use, so that there are two, from 10 µs to 10 s.
var kernelSeconds = []float64{1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3, 10}

// NewAgent returns the metrics of an agent that is going to be started.
func NewAgent() *Agent {
	return &Agent{actors: map[[2]string]prometheus.Observer{}, kernels: prometheus.NewHistogramVec(
		prometheus.HistogramOpts{
			Name: "edgeprune_kernel_seconds", Help: "Time that kernels of firings took, before an emulated slowdown.",
			Buckets: kernelSeconds,
		}, []string{"unit", "actor"})}
}

// Reads implements agent.Metrics.
func (a *Agent) Reads(status func() *wire.AgentStatus) { a.status.Store(&status) }

// Fired implements agent.Metrics.
func (a *Agent) Fired(unit, actor string, kernelNs int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := [2]string{unit, actor}
	o := a.actors[key]
	if o == nil {
		if len(a.actors) >= MostActors {
			unit, actor = Other, Other
		}
		o = a.kernels.WithLabelValues(text(unit), text(actor))
		if len(a.actors) < MostActors {
			a.actors[key] = o
		}
	}
	o.Observe(float64(kernelNs) / 1e9)
}

// Describe implements prometheus.Collector. What an agent tells depends on what it has.
func (a *Agent) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (a *Agent) Collect(ch chan<- prometheus.Metric) {
	a.kernels.Collect(ch)
	read := a.status.Load()
	if read == nil {
		return // it has not started
	}
	s := (*read)()
	w := &writer{ch: ch, seen: map[string]bool{}}
	w.gauge("agent_info", "Which agent this is; always 1.", 1, "device", s.Device, "version", s.Version, "host", s.Host,
		"go", s.GoVersion, "onnxruntime", s.ORT)
	for _, state := range wire.States {
		on := 0.
		if s.State == state {
			on = 1
		}
		w.gauge("agent_state", "1 for the state that the agent is in, 0 for others.", on, "state", string(state))
	}
	w.counter("connection_sent_bytes_total", "Bytes of all messages that the agent has published.", float64(s.SentBytes))
	w.counter("connection_received_bytes_total", "Bytes of all messages that the agent has received.",
		float64(s.ReceivedBytes))
	w.counter("reconnects_total", "How often the agent has connected again to the NATS server.", float64(s.Reconnects))
	for kind, n := range s.Rejected {
		w.counter("rejected_messages_total", "Messages that were dropped as they can't be true.", float64(n), "kind", kind)
	}
	if s.Run != "" {
		w.gauge("run_frames", "Frames of the loaded run that all actors of the device have done.", float64(s.Frames))
		w.gauge("run_frames_limit", "Frames of the loaded run, at most.", float64(s.Total))
	}
	if d := s.Detail; d != nil {
		if d.Work != nil {
			w.work(d.Work)
		}
		if d.State != nil {
			w.state(d.State)
		}
	}
}
