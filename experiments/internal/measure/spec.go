package measure

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Spec is an experiment.yaml: an application, the platforms it runs on, and
// what is swept.
type Spec struct {
	Experiment  string           `yaml:"experiment"`
	About       string           `yaml:"about"`
	Seed        uint64           `yaml:"seed"`
	Application plan.Application `yaml:"application"`
	Endpoints   []Endpoint       `yaml:"endpoints"`
	Gateways    []Endpoint       `yaml:"gateways"` // devices in between, under mappings
	Server      plan.Device      `yaml:"server"`
	Links       []plan.Link      `yaml:"links"`  // without between: each joins every endpoint to the server; under mappings as in a plan
	Codecs      []string         `yaml:"codecs"` // for cuts inside a model
	Calibration Calibration      `yaml:"calibration"`
	Workload    Load             `yaml:"workload"`
	Measure     Measure          `yaml:"measure"`
	Quality     Quality          `yaml:"quality"`
	Together    Together         `yaml:"together"`
	Factors     []float64        `yaml:"factors"` // slow-down factors of the speed-up figure
	// Sweep, if given, sweeps a parameter under one mapping instead of the cut; then
	// together and factors are left out.
	Sweep *ParamSweep `yaml:"sweep"`
	// Mappings, if given, are compared instead of cuts; then together and factors are
	// left out, and so may quality be.
	Mappings []MappingGroup `yaml:"mappings"`

	doc *yamlfile.Doc
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
}

// Load says how many frames are run.
type Load struct {
	MinFrames        int64   `yaml:"min_frames"`        // that count, single stream
	MaxFrames        int64   `yaml:"max_frames"`        // that count, single stream; all of them where frames differ in their atr
	Precision        float64 `yaml:"precision"`         // half width of the median's 95 % interval, as a fraction
	Warmup           int64   `yaml:"warmup"`            // frames before those that count
	ThroughputFrames int64   `yaml:"throughput_frames"` // that count, as fast as the FIFOs allow; none where a parameter is swept
	// TimeLimit bounds the frames of a measured single-stream run to those predicted
	// to take this long, though never below MinFrames; 0, or --full, is no bound.
	TimeLimit time.Duration `yaml:"time_limit"`
}

// Measure says how much of the sweep is measured, per endpoint and link. Where a
// parameter is swept, its values take the place of cuts, and the first endpoint and
// link get all of them; where mappings are compared, the cases of every group do.
type Measure struct {
	Cuts      int `yaml:"cuts"`       // spread over the network; the predicted best and its neighbours come on top
	QuickCuts int `yaml:"quick_cuts"` // the same under --quick
}

// Quality says what the results are compared with.
type Quality struct {
	Kind    string `yaml:"kind"`    // tracking or classification
	Dataset string `yaml:"dataset"` // holds the ground truth
	Frames  int64  `yaml:"frames"`  // that are run for it
}

// Together is the case of all endpoints at once on one server.
type Together struct {
	Link    string `yaml:"link"`
	Through string `yaml:"through"` // the last actor on the endpoints
	Codec   string `yaml:"codec"`
	Frames  int64  `yaml:"frames"`
}

// ParseSpec decodes and checks an experiment.yaml. Errors begin with
// file:line:column.
func ParseSpec(name string, data []byte) (*Spec, error) {
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

func (s *Spec) errorf(path, format string, args ...any) error {
	return yamlfile.Errorf(s.doc.Pos("%s", path), format, args...)
}

func (s *Spec) check(dir string) error {
	if s.Experiment == "" || s.Experiment != dir {
		return s.errorf("$.experiment", "experiment is named %q; expected the name of its directory, %q", s.Experiment, dir)
	}
	if len(s.Endpoints) == 0 || len(s.Links) == 0 {
		return s.errorf("$", "an experiment needs at least one endpoint and one link")
	}
	models := 0
	for _, a := range s.Application.Actors {
		if a.Model != "" {
			models++
		}
	}
	if s.Sweep == nil && models != 1 {
		return s.errorf("$.application.actors", "the application has %d models; a sweep cuts exactly one", models)
	}
	if err := s.checkMappings(); err != nil {
		return err
	}
	if err := s.checkPlatform(); err != nil {
		return err
	}
	if s.Sweep != nil {
		if err := s.checkSweep(); err != nil {
			return err
		}
	}
	for i, c := range s.Codecs {
		if err := codecKnown(c); err != nil {
			return s.errorf(fmt.Sprintf("$.codecs[%d]", i), "%w", err)
		}
	}
	w := s.Workload
	if s.Sweep == nil && (w.MinFrames < 1 || w.MaxFrames < w.MinFrames || w.ThroughputFrames < 2 || w.Precision <= 0) {
		return s.errorf("$.workload", "expected 1 <= min_frames <= max_frames, throughput_frames >= 2 and precision > 0")
	}
	if m := s.Measure; m.Cuts < 1 || m.QuickCuts < 1 {
		return s.errorf("$.measure", "expected cuts >= 1 and quick_cuts >= 1")
	}
	if q := s.Quality.Kind; q != "tracking" && q != "classification" && (q != "" || len(s.Mappings) == 0) {
		return s.errorf("$.quality.kind", "quality kind %q; expected tracking or classification", q)
	}
	for i, k := range s.Factors {
		if k < 1 {
			return s.errorf(fmt.Sprintf("$.factors[%d]", i), "slow-down factor %g; expected at least 1: a device can't be sped up", k)
		}
	}
	if !s.cutsModel() {
		return nil
	}
	return s.checkTogether()
}

// checkPlatform checks the devices and the links between them.
func (s *Spec) checkPlatform() error {
	if s.Server.Name == "" || len(s.Server.Units) == 0 {
		return s.errorf("$.server", "the server needs a name and at least one unit")
	}
	taken := map[string]bool{s.Server.Name: true}
	for _, d := range []struct {
		kind, key string
		of        []Endpoint
	}{{"endpoint", "endpoints", s.Endpoints}, {"gateway", "gateways", s.Gateways}} {
		for i, e := range d.of {
			if e.Name == "" || taken[e.Name] {
				return s.errorf(fmt.Sprintf("$.%s[%d].name", d.key, i), "%s name %q; expected one that no other device has", d.kind, e.Name)
			}
			taken[e.Name] = true
		}
	}
	links := map[string]bool{}
	for i, l := range s.Links {
		if l.Name == "" || links[l.Name] {
			return s.errorf(fmt.Sprintf("$.links[%d].name", i), "link name %q; expected one that no other link has", l.Name)
		}
		if len(s.Mappings) > 0 && len(l.Between) != 2 {
			return s.errorf(fmt.Sprintf("$.links[%d]", i), "mappings name the devices; give link %s the two that it is between", l.Name)
		}
		if len(s.Mappings) == 0 && len(l.Between) != 0 {
			return s.errorf(fmt.Sprintf("$.links[%d].between", i), "a link of an experiment joins every endpoint to the server; remove between")
		}
		links[l.Name] = true
	}
	return nil
}

func (s *Spec) checkTogether() error {
	t := s.Together
	if !slices.ContainsFunc(s.Links, func(l plan.Link) bool { return l.Name == t.Link }) {
		return s.errorf("$.together.link", "there is no link %q; expected one of those under links", t.Link)
	}
	if err := codecKnown(t.Codec); err != nil {
		return s.errorf("$.together.codec", "%w", err)
	}
	if t.Frames < 1 {
		return s.errorf("$.together.frames", "%d frames; expected at least 1", t.Frames)
	}
	return nil
}

func codecKnown(name string) error {
	_, err := codec.Parse(name)
	return err
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
