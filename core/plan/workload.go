package plan

import (
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
)

// WorkloadKind says when frames enter the graph.
type WorkloadKind string

// The kinds of workload. SingleStream, MultiStream, ServerScenario and Offline are the scenarios of
// MLPerf Inference (Reddi et al., arXiv:1911.02549; MLPerf Inference Rules, Scenarios; TestScenario
// in LoadGen's test_settings.h), with an instance of the application as the system under test.
const (
	SingleStream WorkloadKind = "single-stream" // the next frame enters when the last has left
	// MultiStream sends queries of Samples frames: the next query is sent when all frames of the
	// last one have left. The latency of a query lasts until its last frame has left.
	MultiStream WorkloadKind = "multi-stream"
	Offline     WorkloadKind = "offline" // frames enter as fast as the FIFOs allow
	Camera      WorkloadKind = "camera"  // frames are captured at a fixed rate; late ones wait, or see Drop
	Poisson     WorkloadKind = "poisson" // frames come at random times of a mean rate; late ones as a camera's
	// ServerScenario sends frames at the times of Poisson, drops none, and asks whether the latency of
	// Percentile of the frames is within Bound.
	ServerScenario WorkloadKind = "server"
	Recorded       WorkloadKind = "recorded" // frames come at the times of a record; late ones as a camera's
)

// WorkloadKinds lists the kinds.
func WorkloadKinds() []WorkloadKind {
	return []WorkloadKind{SingleStream, MultiStream, Offline, Camera, Poisson, ServerScenario, Recorded}
}

// Workload says how many frames enter, and when.
type Workload struct {
	Kind   WorkloadKind  `yaml:"kind" json:"kind"`
	Frames int64         `yaml:"frames" json:"frames"`              // per instance; an upper bound under Stop
	Period time.Duration `yaml:"period,omitempty" json:"period_ns"` // Camera: between frames
	// Rate is the mean number of frames per second of Poisson and ServerScenario arrivals, of each
	// instance. All sources of an instance have the same ones, which the plan's seed fixes.
	Rate float64 `yaml:"rate,omitempty" json:"rate,omitempty"`
	// Phase says how the frames of instances lie to each other; "" is InPhase.
	Phase Phase `yaml:"phase,omitempty" json:"phase,omitempty"`
	// Samples is the number of frames of a query of MultiStream; 0 is DefaultSamples.
	Samples int `yaml:"samples_per_query,omitempty" json:"samples_per_query,omitempty"`
	// Bound is what the latency of Percentile of the frames of ServerScenario must not be above. 0 of
	// Percentile is DefaultPercentile.
	Bound      time.Duration `yaml:"latency_bound,omitempty" json:"latency_bound_ns,omitempty"`
	Percentile float64       `yaml:"percentile,omitempty" json:"percentile,omitempty"`
	// Arrivals names a file of the times of Recorded, relative to the plan's file, Column the
	// column that has them, and Loop lets them begin anew at their end: see arrival.Parse. Record is
	// what was read.
	Arrivals string          `yaml:"arrivals,omitempty" json:"-"`
	Column   string          `yaml:"column,omitempty" json:"-"`
	Loop     bool            `yaml:"loop,omitempty" json:"-"`
	Record   *arrival.Record `yaml:"-" json:"record,omitempty"`
	// Drop says what becomes of a Camera's, a Poisson or a Recorded frame that is captured while
	// Queue of them wait to
	// enter; 0 is 1. "" and admission.Block drop none: without a limit they wait, in the
	// simulator and where the period is kept by this program; a live source waits itself.
	Drop  admission.Policy `yaml:"drop,omitempty" json:"drop,omitempty"`
	Queue int              `yaml:"queue,omitempty" json:"queue,omitempty"`
	// Precision ends a run before Frames: as soon as the 95 % interval of the
	// median endpoint time is within this fraction of it, after MinFrames; 0 never
	// does. The simulator runs all Frames.
	Precision float64 `yaml:"precision,omitempty" json:"precision"`
	MinFrames int64   `yaml:"min_frames,omitempty" json:"min_frames"`
	Warmup    int64   `yaml:"warmup,omitempty" json:"warmup"` // first frames that don't count
	// Deadline is the latency beyond which a frame counts as late; 0: none. A late frame is not dropped.
	Deadline time.Duration `yaml:"deadline,omitempty" json:"deadline_ns,omitempty"`
	// Choices stand for what configuration actors would choose, in the simulator.
	Choices []Choice `yaml:"choices,omitempty" json:"choices,omitempty"`
}

// What LoadGen takes where nothing is given.
const (
	DefaultSamples    = 8  // multi_stream_samples_per_query
	DefaultPercentile = 99 // server_target_latency_percentile
)

// Scheduled reports whether frames come at times of their own, whether the graph takes them or
// not.
func (w *Workload) Scheduled() bool { return w.Kind == Camera || w.Kind == Recorded || w.Random() }

// Random reports whether the times between frames are drawn.
func (w *Workload) Random() bool { return w.Kind == Poisson || w.Kind == ServerScenario }

// Drops reports whether frames that come may be dropped.
func (w *Workload) Drops() bool { return w.Scheduled() && w.Rule().Drops() }

// Query returns how many frames make a query after which the next one waits for the last: 1 of
// SingleStream, 0 of workloads without such queries.
func (w *Workload) Query() int {
	switch {
	case w.Kind == SingleStream:
		return 1
	case w.Kind != MultiStream:
		return 0
	case w.Samples == 0:
		return DefaultSamples
	}
	return w.Samples
}

// Quantile returns the share of frames whose latency ServerScenario asks for, from 0 to 1.
func (w *Workload) Quantile() float64 {
	if w.Percentile == 0 {
		return DefaultPercentile / 100.
	}
	return w.Percentile / 100
}

// Between returns the mean time between scheduled frames, 0 of others.
func (w *Workload) Between() time.Duration {
	switch {
	case w.Kind == Camera:
		return w.Period
	case w.Kind == Recorded && w.Record != nil:
		return time.Duration(w.Record.Mean())
	case w.Random() && w.Rate > 0:
		return time.Duration(math.Round(1e9 / w.Rate))
	}
	return 0
}

// Rule returns what becomes of frames that are captured while the graph doesn't take them.
func (w *Workload) Rule() admission.Rule { return admission.Rule{Policy: w.Drop, Queue: w.Queue} }
