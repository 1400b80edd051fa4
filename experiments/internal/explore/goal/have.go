package goal

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Have is what there is to judge mappings by.
type Have struct {
	Devices []string
	// Unpowered are those without power figures, and PowerAt says where one writes these.
	Unpowered []string
	PowerAt   string
	// NoLeakage and NoQuality say why there is no such value, and what to give; "": there is.
	NoLeakage, NoQuality string
}

// Check says which metrics of the goal have no source, and what to give. Errors wrap ErrGoal.
func (g *Goal) Check(h Have) error {
	var errs []error
	for _, m := range g.Metrics() {
		if err := h.check(m); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (h *Have) check(m Metric) error {
	if m.Device != "" && !slices.Contains(h.Devices, m.Device) {
		return fmt.Errorf("%w: %s: there is no device %q; there are %s%s", ErrGoal, m, m.Device,
			strings.Join(h.Devices, ", "), nearest.Hint(m.Device, h.Devices))
	}
	switch m.Name {
	case Energy:
		return h.powered(m)
	case Leakage:
		if h.NoLeakage != "" {
			return fmt.Errorf("%w: %s can't be computed: %s", ErrGoal, m, h.NoLeakage)
		}
	case Quality:
		if h.NoQuality != "" {
			return fmt.Errorf("%w: %s can't be computed: %s", ErrGoal, m, h.NoQuality)
		}
	case Latency, LatencyP99, EndpointTime, Throughput, Traffic, Memory:
	}
	return nil
}

// powered says which devices lack the figures that an energy needs.
func (h *Have) powered(m Metric) error {
	lack := h.Unpowered
	if m.Device != "" {
		lack = nil
		if slices.Contains(h.Unpowered, m.Device) {
			lack = []string{m.Device}
		}
	}
	if len(lack) == 0 {
		return nil
	}
	var instead []string
	if m.Device == "" {
		for _, d := range h.Devices {
			if !slices.Contains(h.Unpowered, d) {
				instead = append(instead, fmt.Sprintf("energy(%s)", d))
			}
		}
	}
	or := ""
	if len(instead) > 0 {
		or = "; or ask for " + strings.Join(instead, " or ")
	}
	return fmt.Errorf("%w: %s needs the power figures of %s, which has none; give them %s, as power: {idle: 2W, units: "+
		"{UNIT: 3W}, send: 1W, receive: 800mW, basis: assumed, from: SOURCE}%s", ErrGoal, m, strings.Join(lack, ", "),
		h.PowerAt, or)
}
