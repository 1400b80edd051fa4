package study

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// LeastRepeats is how many simulations of a case have an interval.
const LeastRepeats = stat.MinSamples

// Metric is a quantity that a case is judged by.
type Metric struct {
	Name string
	Unit string // s, frames/s, bytes, J, tokens; "" of a share
	More bool   // more is better
	What string
}

// Metrics lists all, in the order of columns. Of several instances of the application, times
// and bytes are those of the instance that has the largest.
func Metrics() []Metric { return metrics }

var metrics = []Metric{
	{"endpoint_time", "s", false, "time per frame that the endpoint is occupied, median"},
	{"latency_p50", "s", false, "from capture to result, median"},
	{"latency_p95", "s", false, "95th percentile"},
	{"latency_p99", "s", false, "99th percentile"},
	{"latency_mean", "s", false, "mean"},
	{"latency_max", "s", false, "largest"},
	{"throughput", "frames/s", true, "results of all instances together"},
	{"bytes", "bytes", false, "that the endpoint sends per frame"},
	{"energy", "J", false, "per frame, of all devices that take part; mean of the instances"},
	{"endpoint_energy", "J", false, "per frame, of the endpoint; mean of the instances"},
	{"dropped", "", false, "share of the captured frames that a drop policy dropped, of all instances"},
	{"late", "", false, "share of the frames that came later than the workload's deadline, of the worst instance"},
	{"availability", "", true, "share of the time in which the device or link with faults was up that was up the least"},
	{"recovery_time", "s", false, "from a failure to the first result that needed what had failed, mean"},
	{"unit_utilisation", "", false, "share of the time in which the busiest unit fires, over its lanes"},
	{"link_utilisation", "", false, "share of the time in which the busiest direction of a link passes tokens"},
	{"medium_utilisation", "", false, "share of its capacity that the fullest medium carries"},
	{"queue_mean", "tokens", false, "that wait in the longest queue, of a FIFO, of a link or of frames before a source"},
	{"queue_max", "tokens", false, "that waited at a time in any of these"},
}

// MetricOf returns the metric of a name with its index in Metrics.
func MetricOf(name string) (index int, ok bool) {
	i := slices.IndexFunc(metrics, func(m Metric) bool { return m.Name == name })
	return i, i >= 0
}

func metricNames() []string {
	var names []string
	for _, m := range metrics {
		names = append(names, m.Name)
	}
	return names
}

// noMetric says that there is no metric of a name.
func noMetric(name string) error {
	known := strings.Join(metricNames(), ", ")
	return fmt.Errorf("%w: there is no metric %q; there are %s%s", ErrMetric, name, known,
		nearest.Hint(name, metricNames()))
}

// Column returns the name of the metric's column, with its unit.
func (m Metric) Column() string {
	switch m.Unit {
	case "frames/s":
		return m.Name + "_per_s"
	case "bytes", "tokens", "":
		return m.Name
	}
	return m.Name + "_" + strings.ToLower(m.Unit)
}

// Condition bounds a metric.
type Condition struct {
	Metric int // index in Metrics
	Op     string
	Bound  float64 // in the metric's unit
	text   string
}

// ParseCondition reads a condition such as "latency_p99 <= 100ms". Errors wrap ErrQuestion.
func ParseCondition(text string) (Condition, error) {
	at := strings.IndexAny(text, "<>=")
	if at < 0 {
		return Condition{}, fmt.Errorf("%w: %q; expected a condition such as latency_p99 <= 100ms", ErrQuestion, text)
	}
	name, rest := strings.TrimSpace(text[:at]), text[at:]
	op := rest[:len(rest)-len(strings.TrimLeft(rest, "<>="))]
	value := strings.TrimSpace(rest[len(op):])
	c := Condition{Op: op, text: fmt.Sprintf("%s %s %s", name, op, value)}
	var ok bool
	if c.Metric, ok = MetricOf(name); !ok {
		return c, noMetric(name)
	}
	if !slices.Contains([]string{"<", "<=", ">", ">="}, op) {
		return c, fmt.Errorf("%w: %q; compare by <, <=, > or >=", ErrQuestion, text)
	}
	var err error
	switch m := metrics[c.Metric]; m.Unit {
	case "s":
		d, e := quantity.ParseDuration(value)
		c.Bound, err = d.Seconds(), e
	case "J":
		j, e := quantity.ParseJoules(value)
		c.Bound, err = float64(j), e
	default:
		c.Bound, err = strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(c.Bound) || math.IsInf(c.Bound, 0) {
			err = fmt.Errorf("expected a number, of %s; found %q", cmp.Or(m.Unit, "a share"), value)
		}
	}
	if err != nil {
		return c, fmt.Errorf("%w: %q: %w", ErrQuestion, text, err)
	}
	return c, nil
}

// String returns the condition as it was written.
func (c Condition) String() string { return c.text }

// Holds reports whether a value meets the condition.
func (c Condition) Holds(v float64) bool {
	switch c.Op {
	case "<":
		return v < c.Bound
	case "<=":
		return v <= c.Bound
	case ">":
		return v > c.Bound
	}
	return v >= c.Bound
}

// Excludes reports whether no value meets both conditions.
func (c Condition) Excludes(o Condition) bool {
	if c.Metric != o.Metric || (c.Op[0] == '<') == (o.Op[0] == '<') {
		return false
	}
	below, above := c, o
	if c.Op[0] == '>' {
		below, above = o, c
	}
	return above.Bound > below.Bound || above.Bound == below.Bound && (len(above.Op) < 2 || len(below.Op) < 2)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
