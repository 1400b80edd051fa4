package plan

import "time"

// WorkloadKind says when frames enter the graph.
type WorkloadKind string

// The kinds of workload, named after the scenarios of MLPerf LoadGen.
const (
	SingleStream WorkloadKind = "single-stream" // the next frame enters when the last has left
	Offline      WorkloadKind = "offline"       // frames enter as fast as the FIFOs allow
	Camera       WorkloadKind = "camera"        // frames enter at a fixed rate; late ones wait
)

// Workload says how many frames enter, and when.
type Workload struct {
	Kind   WorkloadKind  `yaml:"kind" json:"kind"`
	Frames int64         `yaml:"frames" json:"frames"`              // per instance; an upper bound under Stop
	Period time.Duration `yaml:"period,omitempty" json:"period_ns"` // Camera: between frames
	// Precision ends a run before Frames: as soon as the 95 % interval of the
	// median endpoint time is within this fraction of it, after MinFrames; 0 never
	// does. The simulator runs all Frames.
	Precision float64 `yaml:"precision,omitempty" json:"precision"`
	MinFrames int64   `yaml:"min_frames,omitempty" json:"min_frames"`
	Warmup    int64   `yaml:"warmup,omitempty" json:"warmup"` // first frames that don't count
	// Choices stand for what configuration actors would choose, in the simulator.
	Choices []Choice `yaml:"choices,omitempty" json:"choices,omitempty"`
}
