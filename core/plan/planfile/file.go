package planfile

import (
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// File is a plan file: what a user writes and Compile checks. The same file
// drives the simulator and a deployment.
type File struct {
	Plan        string        `yaml:"plan"`
	Application Application   `yaml:"application"`
	Platform    plan.Platform `yaml:"platform"`
	Instances   []Instance    `yaml:"instances"`
	Workload    plan.Workload `yaml:"workload"`
	Faults      []FaultSpec   `yaml:"faults,omitempty"`
	Seed        uint64        `yaml:"seed,omitempty"`
	// FIFOCapacity in tokens of every FIFO that doesn't give its own; by default 3,
	// or 1 between actors that share the one lane of a unit. It is at least what the
	// delay tokens and a firing's tokens need.
	FIFOCapacity int `yaml:"fifo_capacity,omitempty"`

	doc     *yamlfile.Doc
	written *written // of an expanded file: see Expanded
}

// Application is an application graph as written: its actors are listed in
// precedence order, a model stands for the chain of its segments.
type Application struct {
	Name   string      `yaml:"name"`
	Actors []ActorSpec `yaml:"actors"`
	FIFOs  []FIFOSpec  `yaml:"fifos"`
}

// ActorSpec is one actor as written. Either Kernel or Model is given. The ports
// of a model are its inputs and outputs and need not be listed.
type ActorSpec struct {
	Name   string         `yaml:"name"`
	Kernel string         `yaml:"kernel,omitempty"`
	Model  string         `yaml:"model,omitempty"` // name of a data set that is an ONNX model
	Params map[string]any `yaml:"params,omitempty"`
	In     []PortSpec     `yaml:"in,omitempty"`
	Out    []PortSpec     `yaml:"out,omitempty"`
	State  bool           `yaml:"state,omitempty"`
	Kind   graph.Kind     `yaml:"kind,omitempty"` // default processing

	// Configures lists, of a configuration actor, the actors of its dynamic part.
	// Compile gives them and what it puts between them their control ports and FIFOs.
	Configures []string `yaml:"configures,omitempty"`

	// Parts divides a model by branches; without them it is a chain of segments.
	Parts []PartSpec `yaml:"parts,omitempty"`

	// Rate is that of all ports of a model.
	Rate Rate `yaml:"rate,omitempty"`
}

// PortSpec is one port as written. The type of an input port may be left out:
// it is that of the FIFO's other end.
type PortSpec struct {
	Port    string `yaml:"port"`
	Type    string `yaml:"type,omitempty"`    // such as float32[1,3,300,300]
	Rate    Rate   `yaml:"rate,omitempty"`    // default 1
	Control bool   `yaml:"control,omitempty"` // a port for control tokens, joined by FIFOs under fifos
}

// Rate is a port's rate in tokens per firing: one number, or the lower and the
// upper limit. Without any it is 1.
type Rate []int

// UnmarshalYAML reads a number or a list of numbers.
func (r *Rate) UnmarshalYAML(decode func(any) error) error {
	var list []any
	if decode(&list) == nil {
		return decode((*[]int)(r))
	}
	*r = make(Rate, 1)
	return decode(&(*r)[0])
}

// MarshalYAML writes what UnmarshalYAML reads.
func (r Rate) MarshalYAML() (any, error) {
	if len(r) == 1 {
		return r[0], nil
	}
	return []int(r), nil
}

// Limits returns the lower and the upper limit.
func (r Rate) Limits() (lrl, url int) {
	if len(r) == 0 {
		return 1, 1
	}
	return r[0], r[len(r)-1]
}

// FIFOSpec joins "actor.port" to "actor.port".
type FIFOSpec struct {
	From     string `yaml:"from"`
	To       string `yaml:"to"`
	Delay    int    `yaml:"delay,omitempty"`
	Capacity int    `yaml:"capacity,omitempty"`
}

// Instance is one copy of the application with a mapping of its own.
type Instance struct {
	// Name prefixes the names of the instance's actors: name/actor. It may be empty
	// if there is only one instance.
	Name string `yaml:"name,omitempty"`
	// Count, if not 0, asks for so many copies, each with copies of the endpoints that it has actors on
	// and of their links: see File.Expanded. Mix shares them out to several devices or links.
	Count int     `yaml:"count,omitempty"`
	Mix   []Share `yaml:"mix,omitempty"`
	// CopyOf is, of an expanded file, the name of the instance that this one is a copy of.
	CopyOf  string   `yaml:"-"`
	Mapping []Assign `yaml:"mapping"`
	Codec   string   `yaml:"codec,omitempty"` // for tensors that cross between devices; default none
	// Calibration gives codec int8-static its scales and zero points, by actor.port; for
	// a model's tensors the port is the tensor's name.
	Calibration map[string]codec.Affine `yaml:"calibration,omitempty"`
	// Fallback says what happens when the other device is lost; by default its peers wait.
	Fallback *Fallback `yaml:"fallback,omitempty"`
}

// Fallback lets one device go on alone: when the other device of the instance has
// been lost for longer than After, the device of Unit runs its actors on that unit,
// until it is back.
type Fallback struct {
	After time.Duration `yaml:"after"`
	Unit  string        `yaml:"unit"` // device.unit
}

// Assign maps actors to a unit. With Actors it maps just those; with Through
// all actors not yet mapped up to and including that one, in precedence order;
// with neither, all the rest.
type Assign struct {
	Unit    string   `yaml:"unit"` // device.unit
	Through string   `yaml:"through,omitempty"`
	Actors  []string `yaml:"actors,omitempty"`
}

// Parse decodes a plan file. Errors begin with file:line:column.
func Parse(name string, data []byte) (*File, error) {
	f := &File{}
	doc, err := yamlfile.Decode(name, data, f)
	if err != nil {
		return nil, err
	}
	f.doc = doc
	return f, nil
}

// At makes the errors of Compile point into doc, where the application of f
// stands under the same path as in a plan file.
func (f *File) At(doc *yamlfile.Doc) *File {
	f.doc = doc
	return f
}

// Pos returns the place of the value at a YAML path such as
// "$.application.actors[0].kernel".
func (f *File) Pos(path string) graph.Pos {
	if f.written != nil {
		path = f.written.path(path)
	}
	return f.doc.Pos("%s", path)
}

// Errorf returns an error of the user's input that begins with the place of the value at a YAML path.
func (f *File) Errorf(path, format string, args ...any) error {
	return yamlfile.Errorf(f.Pos(path), format, args...)
}
