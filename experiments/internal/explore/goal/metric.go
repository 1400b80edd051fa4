// Package goal reads what somebody wants of a mapping: objectives and limits as texts. It says
// what the analytic search of core/explore can make of them, and whether values of a simulation or
// a measurement keep them. It may not search, simulate or measure.
package goal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// Name is what a mapping is judged by, as users write it.
type Name string

// The names.
const (
	Latency      Name = "latency"       // s, median, from capture to result
	LatencyP99   Name = "latency_p99"   // s, 99th percentile
	EndpointTime Name = "endpoint_time" // s a frame that the endpoint is occupied, median
	Throughput   Name = "throughput"    // frames/s at the sink
	Energy       Name = "energy"        // J a frame, of all devices or of one
	Traffic      Name = "traffic"       // bytes a frame that cross links
	Leakage      Name = "leakage"       // distance correlation of what crosses with the input, 0 to 1
	Memory       Name = "memory"        // bytes, of the device that holds most or of one
	Quality      Name = "quality"       // agreement of results with those without a codec, 0 to 1
)

// Names lists them all.
func Names() []Name {
	return []Name{Latency, LatencyP99, EndpointTime, Throughput, Energy, Traffic, Leakage, Memory, Quality}
}

// about says what each is, for help.
var about = map[Name]string{
	Latency:      "from a frame's capture to its result, median",
	LatencyP99:   "the same, 99th percentile",
	EndpointTime: "time a frame that the endpoint is occupied: it computes, codes or sends; median",
	Throughput:   "results a second; the more the better",
	Energy:       "joules a frame, of all devices; energy(DEVICE) of one",
	Traffic:      "bytes a frame that cross links, after the codec",
	Leakage:      "distance correlation of what crosses with the input, 0 to 1; it proves leakage, never safety",
	Memory:       "bytes of the device that holds most; memory(DEVICE) of one",
	Quality:      "agreement of the results with those without a codec, 0 to 1; the more the better",
}

// About lists the metrics with what they are, a line each.
func About() string {
	var b strings.Builder
	for _, n := range Names() {
		fmt.Fprintf(&b, "  %-14s %s\n", n, about[n])
	}
	return b.String()
}

// Metric is a name, with a device where it is of one.
type Metric struct {
	Name   Name
	Device string // of Energy and Memory; "": of all
}

// String returns the metric as it is written.
func (m Metric) String() string {
	if m.Device != "" {
		return fmt.Sprintf("%s(%s)", m.Name, m.Device)
	}
	return string(m.Name)
}

// MarshalText writes the metric as String does.
func (m Metric) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (m *Metric) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMetric(string(b))
	return err
}

// More reports whether more is better.
func (m Metric) More() bool { return m.Name == Throughput || m.Name == Quality }

// Better reports whether value a is better than b.
func (m Metric) Better(a, b float64) bool {
	if m.More() {
		return a > b
	}
	return a < b
}

// Timed reports whether a simulation or a measurement has the metric: it depends on when things
// happen.
func (m Metric) Timed() bool {
	return slices.Contains([]Name{Latency, LatencyP99, EndpointTime, Throughput, Energy}, m.Name)
}

// Unit is that of values, "" of shares.
func (m Metric) Unit() string {
	switch m.Name {
	case Latency, LatencyP99, EndpointTime:
		return "s"
	case Throughput:
		return "frames/s"
	case Energy:
		return "J"
	case Traffic, Memory:
		return "B"
	case Leakage, Quality:
	}
	return ""
}

// Text writes a value with three digits and its unit, as 43.1 ms.
func (m Metric) Text(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64) // a number that was just written
	switch m.Unit() {
	case "":
		return strconv.FormatFloat(v, 'f', -1, 64)
	case "frames/s":
		return strconv.FormatFloat(v, 'f', -1, 64) + " frames/s"
	}
	value, prefix := humanize.ComputeSI(v)
	return strconv.FormatFloat(value, 'g', 3, 64) + " " + prefix + m.Unit()
}

// ParseMetric reads a metric, such as latency or energy(camera). Errors wrap ErrGoal.
func ParseMetric(text string) (Metric, error) {
	name, device, of := strings.Cut(strings.TrimSpace(text), "(")
	m := Metric{Name: Name(strings.TrimSpace(name))}
	if of {
		inner, closed := strings.CutSuffix(device, ")")
		if m.Device = strings.TrimSpace(inner); !closed || m.Device == "" {
			return m, fmt.Errorf("%w: %q: expected the name of a device in brackets, as %s(DEVICE)", ErrGoal, text, m.Name)
		}
	}
	if !slices.Contains(Names(), m.Name) {
		return m, unknown(string(m.Name))
	}
	if m.Device != "" && m.Name != Energy && m.Name != Memory {
		return m, fmt.Errorf("%w: %s is of the whole, not of device %s; energy and memory are of one", ErrGoal, m.Name,
			m.Device)
	}
	return m, nil
}

// also are other words for metrics.
var also = map[string]Name{
	"fps": Throughput, "bytes": Traffic, "bandwidth": Traffic, "power": Energy, "latency_p50": Latency, "p50": Latency,
	"p99": LatencyP99, "privacy": Leakage, "accuracy": Quality, "period": Throughput,
}

// unknown says that there is no metric of a name.
func unknown(name string) error {
	var known []string
	for _, n := range Names() {
		known = append(known, string(n))
	}
	near := string(also[strings.ToLower(name)])
	if near == "" {
		near = nearest.Of(name, known)
	}
	if near != "" {
		near = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("%w: there is no metric %q; there are %s%s", ErrGoal, name, strings.Join(known, ", "), near)
}

// objective returns what the analytic search has for a metric; devices are those of its problem.
func (m Metric) objective(devices []string) explore.Objective {
	o := explore.Objective{Device: -1}
	if m.Device != "" {
		o.Device = slices.Index(devices, m.Device)
	}
	o.Metric = map[Name]explore.Metric{
		Latency: explore.Latency, LatencyP99: explore.Latency, EndpointTime: explore.EndpointTime,
		Throughput: explore.Period, Energy: explore.Energy, Traffic: explore.Traffic, Leakage: explore.Leakage,
		Memory: explore.Memory, Quality: explore.Loss,
	}[m.Name]
	return o
}

// analytic returns a value in the unit of the analytic search, where less is better.
func (m Metric) analytic(v float64) float64 {
	switch m.Name {
	case Latency, LatencyP99, EndpointTime:
		return v * 1e9
	case Throughput:
		return 1e9 / v
	case Quality:
		return 1 - v
	case Energy, Traffic, Leakage, Memory:
	}
	return v
}

// FromAnalytic returns a value of the analytic search in the metric's own unit.
func (m Metric) FromAnalytic(v float64) float64 {
	switch m.Name {
	case Latency, LatencyP99, EndpointTime:
		return v * 1e-9
	case Throughput:
		return 1e9 / v
	case Quality:
		return 1 - v
	case Energy, Traffic, Leakage, Memory:
	}
	return v
}
