// Package study is a study.yaml: a plan or a case of an experiment, what is varied in it, by
// which design, how often each case is simulated, and what is asked. It may not read a
// model, nor run anything.
//
// # The keys of a study
//
//	study                  its name; results go to results/studies/NAME
//	[about]
//	base:
//	  plan                 a plan file, or instead
//	  experiment           a folder of an experiment, with a case of it:
//	    endpoint, link     names; by default the first
//	    medium             that all links share: keys as in a plan under media
//	    cut                name of the last actor on the endpoint; by default all are there
//	    [codec]
//	    [workload]         as in a plan file; by default single-stream with 40 frames
//	  [profile]            file of costs; of an experiment by default that which edgeprune profile has made
//	  [profiles]           several, by name, for the factor profile
//	  [cost]               median (default), mean, empirical, lognormal, shifted-lognormal, phases or constant=2ms,
//	                       where the plan's units say nothing else; see package costmodel
//	[assumed]:             costs that no profile has, at slowdown 1, by actor of the application, or for inserted
//	                       actors by kernel: encode, decode. They are called assumed in the report
//	vary:                  factors; each with
//	  key                  cut, codec, profile, count, bandwidth, latency, slowdown, frame_rate, phase, or the path of a
//	                       key of the plan file, such as workload.frames or "platform.links[wifi].latency"
//	  [of]                 the link, unit (device.unit) or device that it is of
//	  [name]               of its column; by default the key with of behind it
//	  values               a list; of cut also all, which are all partition points; or instead
//	  from, to             ends of a range, with steps: N in a grid
//	  [scale]              linear (default) or log
//	[baselines]            true (default) or false: of every combination of the other factors' levels, also all on the
//	                       endpoint, all on the server with raw input, and with JPEG input. They are cases of their own,
//	                       lines of figures, and have the column baseline; questions of limits are asked of them, too
//	[design]               grid (default), or {kind: random, n: 500, seed: 1}, or of kind latin-hypercube
//	[repeat]:              with other seeds, until the 95 % interval of the mean is narrow enough
//	  metric, within       such as 0.05, half the width as a share of the mean
//	  at_most              simulations of a case
//	[ask]:                 questions; each is one of
//	  largest, where       the factor, and conditions such as latency_p99 <= 100ms; by bisection, for all others
//	  smallest, where
//	  best, of, over       the factor whose level is best by a metric, and where that changes over another factor
//	[figures]:             each is one of
//	  lines, x, [by]       a metric over a factor, a line for each level of another, with bands
//	  heat, x, y           a metric over two factors
//	  best, of, x, y       the level of a factor that is best by a metric, over two others
//	  tornado              how much each factor moves a metric
//	  [at]                 with each: of cases with these levels only, by factor
//
// In figures, a factor whose largest or smallest level is asked for stands for that level, in
// the place of a metric. Metrics are those that Metrics lists. All endpoints that are counted start their cameras
// at the same time.
package study

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Spec is a study.yaml as it is written.
type Spec struct {
	Study   string                   `yaml:"study"`
	About   string                   `yaml:"about"`
	Base    Base                     `yaml:"base"`
	Assumed map[string]time.Duration `yaml:"assumed"`
	Vary    []Vary                   `yaml:"vary"`
	// Baselines says whether the study holds them; nil: it does.
	Baselines *bool      `yaml:"baselines"`
	Design    Design     `yaml:"design"`
	Repeat    Repeat     `yaml:"repeat"`
	Ask       []Question `yaml:"ask"`
	Figures   []Figure   `yaml:"figures"`

	doc *yamlfile.Doc
}

// Base is what is varied.
type Base struct {
	Plan       string            `yaml:"plan"`
	Experiment string            `yaml:"experiment"`
	Endpoint   string            `yaml:"endpoint"`
	Link       string            `yaml:"link"`
	Medium     *plan.Medium      `yaml:"medium"` // that all links of the experiment's plan share
	Cut        string            `yaml:"cut"`
	Codec      string            `yaml:"codec"`
	Workload   *plan.Workload    `yaml:"workload"`
	Profile    string            `yaml:"profile"`
	Profiles   map[string]string `yaml:"profiles"`
	Cost       string            `yaml:"cost"`
}

// Vary is a factor.
type Vary struct {
	Key    string `yaml:"key"`
	Of     string `yaml:"of"`
	Name   string `yaml:"name"`
	Values Texts  `yaml:"values"`
	From   Text   `yaml:"from"`
	To     Text   `yaml:"to"`
	Steps  int    `yaml:"steps"`
	Scale  string `yaml:"scale"`
}

// Repeat says how often a case is simulated.
type Repeat struct {
	Metric string  `yaml:"metric"`
	Within float64 `yaml:"within"`
	AtMost int     `yaml:"at_most"`
}

// Question is what is asked of the cases.
type Question struct {
	Largest  string `yaml:"largest"`
	Smallest string `yaml:"smallest"`
	Where    Texts  `yaml:"where"`
	Best     string `yaml:"best"`
	Of       string `yaml:"of"`
	Over     string `yaml:"over"`
}

// Figure is a figure of the report.
type Figure struct {
	Lines   string `yaml:"lines"`
	Heat    string `yaml:"heat"`
	Best    string `yaml:"best"`
	Tornado string `yaml:"tornado"`
	Of      string `yaml:"of"`
	X       string `yaml:"x"`
	Y       string `yaml:"y"`
	By      string `yaml:"by"`
	// At keeps the cases with these levels only.
	At map[string]Texts `yaml:"at"`
}

// Kinds of designs.
const (
	Grid           = "grid"
	Random         = "random"
	LatinHypercube = "latin-hypercube"
)

// Design says which combinations of levels are cases.
type Design struct {
	Kind string `yaml:"kind"`
	N    int    `yaml:"n"`
	Seed uint64 `yaml:"seed"`
}

// UnmarshalYAML reads a mapping, or the kind alone.
func (d *Design) UnmarshalYAML(decode func(any) error) error {
	var kind string
	if decode(&kind) == nil {
		d.Kind = kind
		return nil
	}
	type mapping Design
	return decode((*mapping)(d))
}

// Text is a value as it is written: a text, a number or true and false.
type Text string

// Set implements flag.Value.
func (t *Text) Set(text string) error {
	*t = Text(text)
	return nil
}

// String implements flag.Value.
func (t *Text) String() string { return string(*t) }

// UnmarshalYAML reads any single value.
func (t *Text) UnmarshalYAML(decode func(any) error) error {
	var v any
	if err := decode(&v); err != nil {
		return err
	}
	return t.Set(fmt.Sprint(v))
}

// Texts is a list of values, or one alone.
type Texts []Text

// UnmarshalYAML reads a list or a value.
func (t *Texts) UnmarshalYAML(decode func(any) error) error {
	var list []any
	if decode(&list) == nil {
		return decode((*[]Text)(t))
	}
	*t = make(Texts, 1)
	return decode(&(*t)[0])
}

// Parse decodes a study.yaml and checks what needs no plan. Errors begin with
// file:line:column.
func Parse(name string, data []byte) (*Spec, error) {
	s := &Spec{}
	doc, err := yamlfile.Decode(name, data, s)
	if err != nil {
		return nil, err
	}
	s.doc = doc
	return s, s.check()
}

// Pos returns the place of the value at a YAML path.
func (s *Spec) Pos(path string) graph.Pos { return s.doc.Pos("%s", path) }

// Errorf returns an error in the user's input, placed at the value at a YAML path.
func (s *Spec) Errorf(path, format string, args ...any) error {
	return yamlfile.Errorf(s.Pos(path), format, args...)
}
