package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CPU is the provider that every ONNX Runtime library has, and the only value of
// Provider.Fallback.
const CPU = "cpu"

// Provider is an execution provider of ONNX Runtime with its options. In YAML and JSON it
// is its name alone, or a mapping of name, options and fallback.
type Provider struct {
	Name string `yaml:"name" json:"name"` // cpu, cuda, tensorrt, openvino, webgpu, or another that the library knows
	// Options are the provider's own, such as trt_fp16_enable: "1".
	Options map[string]string `yaml:"options,omitempty" json:"options,omitempty"`
	// Fallback is "cpu" if nodes that the provider can't run may run on the CPU. Else such
	// a model is refused.
	Fallback string `yaml:"fallback,omitempty" json:"fallback,omitempty"`
}

// Named is the provider of that name without options.
func Named(name string) Provider { return Provider{Name: name} }

// OnCPU reports whether it is the CPU.
func (p *Provider) OnCPU() bool { return p.Name == "" || p.Name == CPU }

// String returns what tells the provider from others, its options sorted by name, as in
// "tensorrt{trt_fp16_enable=1}+cpu".
func (p Provider) String() string {
	s := p.Name
	if len(p.Options) > 0 {
		var list []string
		for _, k := range slices.Sorted(maps.Keys(p.Options)) {
			list = append(list, k+"="+p.Options[k])
		}
		s += "{" + strings.Join(list, ",") + "}"
	}
	if p.Fallback != "" {
		s += "+" + p.Fallback
	}
	return s
}

// Check returns what is wrong with it as it is written. Whether the library knows the name
// and the options shows where a session is made.
func (p *Provider) Check() error {
	switch {
	case p.Name == "" && (len(p.Options) > 0 || p.Fallback != ""):
		return fmt.Errorf("a provider has options or a fallback but no name; expected one such as webgpu or tensorrt")
	case p.Fallback != "" && p.Fallback != CPU:
		return fmt.Errorf("fallback %q of provider %s; expected cpu, or none to have models refused that it can't run",
			p.Fallback, p.Name)
	case p.OnCPU() && (len(p.Options) > 0 || p.Fallback != ""):
		return fmt.Errorf("provider cpu takes no options and no fallback; threads and spin are keys of the unit")
	}
	return nil
}

// plainProvider is Provider without methods.
type plainProvider Provider

// UnmarshalYAML reads a name or a mapping.
func (p *Provider) UnmarshalYAML(decode func(any) error) error {
	var name string
	if decode(&name) == nil {
		*p = Named(name)
		return nil
	}
	return decode((*plainProvider)(p))
}

// plain returns the name if there is nothing else.
func (p Provider) plain() any {
	if len(p.Options) == 0 && p.Fallback == "" {
		return p.Name
	}
	return plainProvider(p)
}

// MarshalYAML writes what UnmarshalYAML reads.
func (p Provider) MarshalYAML() (any, error) { return p.plain(), nil }

// MarshalJSON writes what UnmarshalJSON reads.
func (p Provider) MarshalJSON() ([]byte, error) { return json.Marshal(p.plain()) }

// UnmarshalJSON reads a name or an object.
func (p *Provider) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*p = Provider{}
		return json.Unmarshal(data, &p.Name)
	}
	return json.Unmarshal(data, (*plainProvider)(p))
}

// IsZero reports whether nothing is said.
func (p Provider) IsZero() bool { return p.Name == "" && len(p.Options) == 0 && p.Fallback == "" }
