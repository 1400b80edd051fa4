package plan

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/draw"
)

// WorkloadKind says when frames enter the graph.
type WorkloadKind string

// The kinds of workload: the first two and Poisson are scenarios of MLPerf LoadGen, the last
// of them its server.
const (
	SingleStream WorkloadKind = "single-stream" // the next frame enters when the last has left
	Offline      WorkloadKind = "offline"       // frames enter as fast as the FIFOs allow
	Camera       WorkloadKind = "camera"        // frames are captured at a fixed rate; late ones wait, or see Drop
	Poisson      WorkloadKind = "poisson"       // frames come at random times of a mean rate; late ones as a camera's
)

// Workload says how many frames enter, and when.
type Workload struct {
	Kind   WorkloadKind  `yaml:"kind" json:"kind"`
	Frames int64         `yaml:"frames" json:"frames"`              // per instance; an upper bound under Stop
	Period time.Duration `yaml:"period,omitempty" json:"period_ns"` // Camera: between frames
	// Rate is the mean number of frames per second of Poisson arrivals. All sources of an instance
	// have the same ones, which the plan's seed fixes.
	Rate float64 `yaml:"rate,omitempty" json:"rate,omitempty"`
	// Drop says what becomes of a Camera's or a Poisson frame that is captured while Queue of them wait to
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
	// Choices stand for what configuration actors would choose, in the simulator.
	Choices []Choice `yaml:"choices,omitempty" json:"choices,omitempty"`
}

// Scheduled reports whether frames come at times of their own, whether the graph takes them or
// not.
func (w Workload) Scheduled() bool { return w.Kind == Camera || w.Kind == Poisson }

// Drops reports whether frames that come may be dropped.
func (w Workload) Drops() bool { return w.Scheduled() && w.Rule().Drops() }

// Between returns the mean time between scheduled frames, 0 of others.
func (w Workload) Between() time.Duration {
	switch w.Kind {
	case Camera:
		return w.Period
	case Poisson:
		if !(w.Rate > 0) {
			return 0
		}
		return time.Duration(math.Round(1e9 / w.Rate))
	case SingleStream, Offline:
	}
	return 0
}

// Schedule returns when the frames of an instance of the application are due.
func (p *Plan) Schedule(instance string) arrival.Schedule {
	s := arrival.Schedule{PeriodNs: int64(p.Workload.Between()), Poisson: p.Workload.Kind == Poisson}
	if s.Poisson {
		h := fnv.New64a()
		h.Write([]byte(instance))
		s.Seed = draw.Mix(p.Seed, h.Sum64())
	}
	return s
}

// Rule returns what becomes of frames that are captured while the graph doesn't take them.
func (w Workload) Rule() admission.Rule { return admission.Rule{Policy: w.Drop, Queue: w.Queue} }
