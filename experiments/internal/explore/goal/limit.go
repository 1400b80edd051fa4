package goal

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/quantity"
)

// Limit keeps a metric at or below a value, or at or above it where more is better.
type Limit struct {
	Metric Metric  `json:"metric"`
	Bound  float64 `json:"bound"` // in the metric's unit
}

// String writes the limit as for people.
func (l Limit) String() string {
	return fmt.Sprintf("%s %s %s", l.Metric, l.sign(), l.Metric.Text(l.Bound))
}

func (l Limit) sign() string {
	if l.Metric.More() {
		return ">="
	}
	return "<="
}

// Keeps reports whether a value is within the limit.
func (l Limit) Keeps(v float64) bool {
	if l.Metric.More() {
		return v >= l.Bound
	}
	return v <= l.Bound
}

// examples are values of limits as one writes them.
var examples = map[Name]string{
	Latency: "50ms", LatencyP99: "80ms", EndpointTime: "20ms", Throughput: "15", Energy: "0.5J", Traffic: "100kB",
	Leakage: "0.3", Memory: "64MiB", Quality: "0.95",
}

// ParseLimit reads a limit, such as latency<=50ms, energy(camera)<=0.5J or throughput>=15.
// Errors wrap ErrGoal.
func ParseLimit(text string) (Limit, error) {
	at := strings.IndexAny(text, "<>=≤≥")
	if at < 0 {
		m, err := ParseMetric(text)
		if err != nil {
			m = Metric{Name: Latency}
		}
		return Limit{}, fmt.Errorf("%w: limit %q has no <= or >=; write it as '%s'", ErrGoal, text, example(m))
	}
	m, err := ParseMetric(text[:at])
	if err != nil {
		return Limit{}, err
	}
	sign := strings.TrimRight(text[at:], " \t")
	value := strings.TrimLeft(sign, "<>=≤≥")
	sign = sign[:len(sign)-len(value)]
	l := Limit{Metric: m}
	switch {
	case sign == "=" || sign == "==":
		return l, fmt.Errorf("%w: limit %q: a limit is no equation; write it as '%s'", ErrGoal, text, example(m))
	case sign != l.sign() && sign != map[string]string{"<=": "≤", ">=": "≥"}[l.sign()]:
		better := "less"
		if m.More() {
			better = "more"
		}
		return l, fmt.Errorf("%w: limit %q: %s %s is better, so that its limits have %s; write it as '%s'", ErrGoal, text,
			better, m.Name, l.sign(), example(m))
	}
	if l.Bound, err = m.parse(strings.TrimSpace(value)); err != nil {
		return l, fmt.Errorf("%w: limit %q: %w", ErrGoal, text, err)
	}
	if why := l.outOfRange(); why != "" {
		return l, fmt.Errorf("%w: limit %q: %s; write it as '%s'", ErrGoal, text, why, example(m))
	}
	return l, nil
}

// example is a limit of a metric as one writes it.
func example(m Metric) string {
	return fmt.Sprintf("%s%s%s", m, Limit{Metric: m}.sign(), examples[m.Name])
}

// parse reads a value with its unit.
func (m Metric) parse(text string) (float64, error) {
	switch m.Unit() {
	case "s":
		d, err := quantity.ParseDuration(text)
		return d.Seconds(), err
	case "J":
		j, err := quantity.ParseJoules(text)
		return float64(j), err
	case "B":
		b, err := quantity.ParseBytes(text)
		return float64(b), err
	case "frames/s":
		for _, unit := range []string{"frames/s", "fps", "/s"} {
			text = strings.TrimSpace(strings.TrimSuffix(text, unit))
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("expected a number, such as %s; found %q", examples[m.Name], text)
	}
	return v, nil
}

// outOfRange says why no mapping, or every mapping, keeps the limit; "" if that depends.
func (l Limit) outOfRange() string {
	share := l.Metric.Name == Leakage || l.Metric.Name == Quality
	switch {
	case l.Bound < 0:
		return fmt.Sprintf("%s is never negative", l.Metric.Name)
	case share && l.Bound > 1:
		return fmt.Sprintf("%s goes from 0 to 1", l.Metric.Name)
	case l.Bound == 0 && l.Metric.More():
		return "every mapping keeps it"
	case l.Bound == 0 && l.Metric.Name != Leakage && l.Metric.Name != Traffic:
		return fmt.Sprintf("no mapping has a %s of 0", l.Metric.Name)
	}
	return ""
}
