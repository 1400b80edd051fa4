package explore

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Metric is what a mapping is judged by; less is better.
type Metric string

// The metrics, with their units.
const (
	Latency      Metric = "latency"       // ns
	EndpointTime Metric = "endpoint_time" // ns
	Period       Metric = "period"        // ns; the reverse of throughput
	Energy       Metric = "energy"        // J a frame, of all devices or of one
	Traffic      Metric = "traffic"       // bytes a frame
	Leakage      Metric = "leakage"       // of the token that leaks most
	Loss         Metric = "loss"          // of quality, added up
	Memory       Metric = "memory"        // bytes, of the device that holds most, or of one
	Raw          Metric = "raw"           // frames as captured that cross
)

// Metrics lists them all.
func Metrics() []Metric {
	return []Metric{Latency, EndpointTime, Period, Energy, Traffic, Leakage, Loss, Memory, Raw}
}

// Objective is a metric that is to be least.
type Objective struct {
	Metric Metric
	Device int // of Energy and Memory: a device; -1: of all
}

// Limit keeps a metric at or below a value.
type Limit struct {
	Objective
	Max float64
}

// Goal is what is wanted: the mappings that are best by the objectives, of which several make a
// Pareto front, and within all limits.
type Goal struct {
	Objectives []Objective
	Limits     []Limit
}

func (g *Goal) check(p *Problem) error {
	one := func(o Objective) error {
		switch {
		case !slices.Contains(Metrics(), o.Metric):
			return fmt.Errorf("%w: there is no metric %q; the metrics are %v%s", ErrProblem, o.Metric, Metrics(),
				nearest.Hint(o.Metric, Metrics()))
		case o.Device >= len(p.Devices):
			return fmt.Errorf("%w: %s of device %d of %d", ErrProblem, o.Metric, o.Device, len(p.Devices))
		}
		return nil
	}
	for _, o := range g.Objectives {
		if err := one(o); err != nil {
			return err
		}
	}
	for _, l := range g.Limits {
		if err := one(l.Objective); err != nil {
			return err
		}
		if math.IsNaN(l.Max) {
			return fmt.Errorf("%w: the limit of %s is no number", ErrProblem, l.Metric)
		}
	}
	return nil
}

// Candidate is a mapping.
type Candidate struct {
	Units  []int // by task
	Values Values
}

// Values are the metrics of a mapping.
type Values struct {
	Latency, EndpointTime, Period float64   // ns
	Energy                        []float64 // J a frame, by device
	Traffic                       float64   // bytes a frame
	Leakage, Loss, Raw            float64
	Memory                        []float64 // bytes, by device

	rest float64 // of lower bounds: J that are of no known device
}

// Of returns the value of an objective.
func (v *Values) Of(o Objective) float64 {
	switch o.Metric {
	case Latency:
		return v.Latency
	case EndpointTime:
		return v.EndpointTime
	case Period:
		return v.Period
	case Energy:
		if o.Device >= 0 {
			return v.Energy[o.Device]
		}
		sum := v.rest
		for _, e := range v.Energy {
			sum += e
		}
		return sum
	case Traffic:
		return v.Traffic
	case Leakage:
		return v.Leakage
	case Loss:
		return v.Loss
	case Memory:
		if o.Device >= 0 {
			return v.Memory[o.Device]
		}
		return slices.Max(v.Memory)
	case Raw:
		return v.Raw
	}
	return math.NaN()
}

// within reports whether values keep all limits.
func (g *Goal) within(v *Values) bool {
	for _, l := range g.Limits {
		if !(v.Of(l.Objective) <= l.Max) {
			return false
		}
	}
	return true
}

// weaklyBetter reports whether a is at least as good as b by every objective.
func (g *Goal) weaklyBetter(a, b *Values) bool {
	for _, o := range g.Objectives {
		if a.Of(o) > b.Of(o) {
			return false
		}
	}
	return true
}
