package plan

import (
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
)

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

// Plan is what a driver runs. It is checked, and read-only once compiled.
type Plan struct {
	Name     string       `json:"name"`
	Graph    *graph.Graph `json:"graph"`
	Platform Platform     `json:"platform"`
	Work     []Work       `json:"work"`   // by actor
	Routes   []int        `json:"routes"` // by FIFO: the link it crosses, or -1
	Workload Workload     `json:"workload"`
	Seed     uint64       `json:"seed"`
	// Fallbacks say which device goes on alone when another is lost.
	Fallbacks []Takeover `json:"fallbacks,omitempty"`
	// Faults are what goes wrong in a simulation; a deployment refuses them.
	Faults []Fault `json:"faults,omitempty"`
}

// Work says where an actor fires and what a firing does.
type Work struct {
	Instance string `json:"instance"` // of the application; "" if there is only one
	// Actor is the application's actor that this one is, or runs a part of; "" for what
	// was put in between.
	Actor  string `json:"actor,omitempty"`
	Device int    `json:"device"` // index in Platform.Devices
	Unit   int    `json:"unit"`   // index in the device's units
	Source bool   `json:"source"` // takes frames in
	Sink   bool   `json:"sink"`   // results leave here

	// A segment of a model, when Kernel is "onnx": from partition point From to
	// partition point To of the model's chain. Inputs and Outputs name the model's
	// tensor of every port; two ports may give the same tensor.
	Model   string   `json:"model,omitempty"`
	From    int      `json:"from,omitempty"`
	To      int      `json:"to,omitempty"`
	Branch  bool     `json:"branch,omitempty"` // a part instead: all that lies between Inputs and Outputs
	SHA256  string   `json:"sha256,omitempty"` // of the whole model
	Inputs  []string `json:"inputs,omitempty"`
	Outputs []string `json:"outputs,omitempty"`

	// Tensor is what an actor that Compile put in encodes, decodes or copies: the
	// application's actor.port, for a model's tensor its name.
	Tensor string `json:"tensor,omitempty"`

	// CostKey names what a firing costs on the actor's unit, apart from the unit's
	// slowdown: equal keys, equal costs. See Plan.CostKey for other units.
	CostKey string `json:"cost_key"`
}

// UnitOf returns the processing unit of actor a.
func (p *Plan) UnitOf(a int) *Unit {
	return &p.Platform.Devices[p.Work[a].Device].Units[p.Work[a].Unit]
}

// DeviceOf returns the device of actor a.
func (p *Plan) DeviceOf(a int) *Device { return &p.Platform.Devices[p.Work[a].Device] }

// Tensor names what actor a gives at a port as the application does: actor.port, for
// a part of a model with the tensor's name.
func (p *Plan) Tensor(a int, port string) string {
	w, actor := &p.Work[a], &p.Graph.Actors[a]
	if w.Tensor != "" { // Compile put it in
		return w.Tensor
	}
	name := actor.Name
	if w.Model != "" {
		name = p.modelActor(a)
		if i := graph.PortIndex(actor.Out, port); i >= 0 {
			port = w.Outputs[i]
		}
	}
	return w.bare(name) + "." + port
}

// NameOf returns the name of actor a without that of its instance, as the
// application has it.
func (p *Plan) NameOf(a int) string { return p.Work[a].bare(p.Graph.Actors[a].Name) }

// bare takes the instance off the name of its actor.
func (w *Work) bare(name string) string {
	if w.Instance == "" {
		return name
	}
	return strings.TrimPrefix(name, w.Instance+"/")
}

// modelActor returns the name of the actor with a model that actor a runs part of or
// all, with that of the instance.
func (p *Plan) modelActor(a int) string {
	name := p.Graph.Actors[a].Name
	if i := strings.LastIndexByte(name, '['); i >= 0 {
		return name[:i]
	}
	return name // as Graph names it
}

// Emulated reports whether a deployment on one machine has to slow a device or
// shape a link for this plan.
func (p *Plan) Emulated() bool {
	for i := range p.Work {
		if p.UnitOf(i).Slowdown != 1 {
			return true
		}
	}
	for _, r := range p.Routes {
		if r >= 0 && p.Platform.Links[r].Shaped() {
			return true
		}
	}
	return false
}

// Slices returns the slice of every device that has an actor, by device index.
func (p *Plan) Slices() []*graph.Slice {
	all := make([]graph.Slice, len(p.Platform.Devices))
	for d := range all {
		dev := &p.Platform.Devices[d]
		all[d] = graph.Slice{Device: dev.Name, Graph: p.Graph}
		for _, u := range dev.Units {
			all[d].Units = append(all[d].Units, graph.Unit{Name: u.Name, Lanes: u.Lanes})
		}
	}
	for a, w := range p.Work {
		act := &p.Graph.Actors[a]
		sa := graph.SliceActor{Actor: a, Unit: w.Unit, Durable: w.Sink || act.Stateful}
		if len(act.In) == 0 {
			sa.Limit = p.Workload.Frames // else a configuration actor without input would run ahead
		}
		if w.Source {
			sa.Limit = p.Workload.Frames
			if p.Workload.Kind == Camera {
				sa.Period = int64(p.Workload.Period)
			}
		}
		all[w.Device].Actors = append(all[w.Device].Actors, sa)
	}
	for f, q := range p.Graph.FIFOs {
		from, to := &all[p.Work[q.From].Device], &all[p.Work[q.To].Device]
		if from == to {
			from.FIFOs = append(from.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.Local})
			continue
		}
		from.FIFOs = append(from.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.TX, Peer: to.Device})
		to.FIFOs = append(to.FIFOs, graph.SliceFIFO{FIFO: f, Role: graph.RX, Peer: from.Device})
	}
	p.setAlone(all)
	var slices []*graph.Slice
	for d := range all {
		if len(all[d].Actors) > 0 {
			slices = append(slices, &all[d])
		}
	}
	return slices
}
