// Package spec is an experiment.yaml: an application, the platforms that it runs on,
// what is compared and how much of it is measured. It may not read a model, nor run
// anything.
package spec

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Spec is an experiment.yaml: an application, the platforms it runs on, and
// what is swept.
type Spec struct {
	Experiment  string               `yaml:"experiment"`
	About       string               `yaml:"about"`
	Seed        uint64               `yaml:"seed"`
	Application planfile.Application `yaml:"application"`
	Endpoints   []Endpoint           `yaml:"endpoints"`
	Gateways    []Endpoint           `yaml:"gateways"` // devices in between, under mappings
	Server      plan.Device          `yaml:"server"`
	// without between: each joins every endpoint to the server; under mappings as in a plan
	Links       []plan.Link   `yaml:"links"`
	Media       []plan.Medium `yaml:"media"`  // that links are on
	Codecs      []string      `yaml:"codecs"` // for cuts inside a model
	Calibration Calibration   `yaml:"calibration"`
	Workload    Load          `yaml:"workload"`
	Measure     Measure       `yaml:"measure"`
	Quality     Quality       `yaml:"quality"`
	Leakage     Leakage       `yaml:"leakage"`
	Together    Together      `yaml:"together"`
	Factors     []float64     `yaml:"factors"` // slow-down factors of the speed-up figure
	// Sweep, if given, sweeps a parameter under one mapping instead of the cut; then
	// together and factors are left out.
	Sweep *ParamSweep `yaml:"sweep"`
	// Mappings, if given, are compared instead of cuts; then together and factors are
	// left out, and so may quality be.
	Mappings []MappingGroup `yaml:"mappings"`

	placed map[string]string // see Placed
	doc    *yamlfile.Doc
}

// Calibration gives codec int8-static its scales and zero points, by actor.port.
type Calibration map[string]codec.Affine

// Endpoint is a device that frames come from, or a gateway. On one machine it is emulated:
// its unit is slowed until the application's model takes WholeModel.
type Endpoint struct {
	Name       string        `yaml:"name"`
	About      string        `yaml:"about"`
	Unit       plan.Unit     `yaml:"unit"`
	WholeModel time.Duration `yaml:"whole_model_takes"` // 0: the machine as it is
	// Power is as in a plan; nil: not known.
	Power *energy.Figures `yaml:"power,omitempty"`
	// Profile is as in a plan, relative to the experiment.yaml.
	Profile string `yaml:"profile,omitempty"`
}

// Load says how many frames are run.
type Load struct {
	MinFrames int64 `yaml:"min_frames"` // that count, single stream
	// that count, single stream; all of them where frames differ in their atr
	MaxFrames int64   `yaml:"max_frames"`
	Precision float64 `yaml:"precision"` // half width of the median's 95 % interval, as a fraction
	Warmup    int64   `yaml:"warmup"`    // frames before those that count
	// that count, as fast as the FIFOs allow; none where a parameter is swept
	ThroughputFrames int64 `yaml:"throughput_frames"`
	// TimeLimit bounds the frames of a measured single-stream run to those predicted
	// to take this long, though never below MinFrames; 0, or --full, is no bound.
	TimeLimit time.Duration `yaml:"time_limit"`
}

// Measure says how much of the sweep is measured, per endpoint and link. Where a
// parameter is swept, its values take the place of cuts; where mappings are compared, the cases of every group do.
type Measure struct {
	// Groups is how many pairs of endpoint and link a standard run measures, those first
	// that have an endpoint and a link of their own; 0 is all.
	Groups    int `yaml:"groups"`
	Cuts      int `yaml:"cuts"`       // spread over the network; the predicted best and its neighbours come on top
	QuickCuts int `yaml:"quick_cuts"` // the same under --quick
}

// Quality says what the results are compared with.
type Quality struct {
	Kind    string `yaml:"kind"`    // tracking or classification
	Dataset string `yaml:"dataset"` // holds the ground truth
	Frames  int64  `yaml:"frames"`  // that are run for it
}

// Leakage says of how many frames it is computed what cuts give away.
type Leakage struct {
	Samples int `yaml:"samples"` // 0: it is not computed
}

// Together is the case of all endpoints at once on one server.
type Together struct {
	Link    string `yaml:"link"`
	Through string `yaml:"through"` // the last actor on the endpoints
	Codec   string `yaml:"codec"`
	Frames  int64  `yaml:"frames"`
}

// Parse decodes and checks an experiment.yaml. Errors begin with
// file:line:column.
func Parse(name string, data []byte) (*Spec, error) {
	s := &Spec{}
	doc, err := yamlfile.Decode(name, data, s)
	if err != nil {
		return nil, err
	}
	s.doc = doc
	return s, s.check(filepath.Base(filepath.Dir(name)))
}

// Pos returns the place of the value at a YAML path.
func (s *Spec) Pos(path string) graph.Pos { return s.doc.Pos("%s", path) }

// Errorf returns an error in the user's input, placed at the value at a YAML path.
func (s *Spec) Errorf(path, format string, args ...any) error {
	return yamlfile.Errorf(s.doc.Pos("%s", path), format, args...)
}

// Model returns the name of the application's model.
func (s *Spec) Model() string {
	for _, a := range s.Application.Actors {
		if a.Model != "" {
			return a.Model
		}
	}
	return ""
}

// Endpoint returns the named endpoint, or nil.
func (s *Spec) Endpoint(name string) *Endpoint {
	for i := range s.Endpoints {
		if s.Endpoints[i].Name == name {
			return &s.Endpoints[i]
		}
	}
	return nil
}

// Slowed returns all devices that may be slowed to a time of the whole model.
func (s *Spec) Slowed() []Endpoint { return slices.Concat(s.Endpoints, s.Gateways) }

// Doc returns the places of the file's values.
func (s *Spec) Doc() *yamlfile.Doc { return s.doc }
