package plan

import (
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
)

// WorkloadKind says when frames enter the graph.
type WorkloadKind string

// The kinds of workload, named after the scenarios of MLPerf LoadGen.
const (
	SingleStream WorkloadKind = "single-stream" // the next frame enters when the last has left
	Offline      WorkloadKind = "offline"       // frames enter as fast as the FIFOs allow
	Camera       WorkloadKind = "camera"        // frames are captured at a fixed rate; late ones wait, or see Drop
)

// Workload says how many frames enter, and when.
type Workload struct {
	Kind   WorkloadKind  `yaml:"kind" json:"kind"`
	Frames int64         `yaml:"frames" json:"frames"`              // per instance; an upper bound under Stop
	Period time.Duration `yaml:"period,omitempty" json:"period_ns"` // Camera: between frames
	// Drop says what becomes of a Camera's frame that is captured while Queue of them wait to
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

// Rule returns what becomes of frames that are captured while the graph doesn't take them.
func (w Workload) Rule() admission.Rule { return admission.Rule{Policy: w.Drop, Queue: w.Queue} }
