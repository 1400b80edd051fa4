package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// EnergyPerFrame draws the energy per frame against the cut, of the endpoint and of all devices
// that take part, as EndpointTime does. A sweep without an energy gives an error wrapping
// ErrNothing.
func EnergyPerFrame(base string, s *result.Sweep) ([]string, error) {
	p, err := energyPage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

// perFrame is the energy per frame of the endpoint, or of all devices. What is missing has no
// place on the axis.
func perFrame(name string, endpoint bool) metric {
	return metric{name, "J", "", func(o *result.Outcome) (v, lo, hi float64) {
		j, bound, ok := o.Energy.PerFrame(endpoint)
		if !ok {
			return math.NaN(), math.NaN(), math.NaN()
		}
		return j, j - bound, j + bound
	}}
}

func energyPage(s *result.Sweep) (*page, error) {
	const title = "energy per frame against the cut"
	rows := s.All()
	known := func(endpoint bool) bool {
		return slices.ContainsFunc(rows, func(r *result.Row) bool {
			return slices.ContainsFunc(r.Energies(), func(e *result.Energy) bool {
				_, _, ok := e.PerFrame(endpoint)
				return ok
			})
		})
	}
	var metrics []metric
	if known(true) {
		metrics = append(metrics, perFrame("endpoint", true))
	}
	if known(false) {
		metrics = append(metrics, perFrame("all devices", false))
	}
	if len(metrics) == 0 {
		return nil, fmt.Errorf("figure: %s: %w", title, ErrNothing)
	}
	p, err := sweepPage(s, title, metrics, false)
	if err != nil {
		return nil, err
	}
	var means []string
	for _, r := range rows {
		if r.Measured != nil && r.Measured.Energy != nil && !slices.Contains(means, string(r.Measured.Energy.Means)) {
			means = append(means, string(r.Measured.Energy.Means))
		}
	}
	slices.Sort(means)
	for i, e := range p.legend {
		if rest, ok := strings.CutPrefix(e.name, "measured, "); ok && len(means) > 0 {
			p.legend[i].name = strings.Join(means, " or ") + ", " + rest
		}
	}
	notes := []string{"With one frame under way, the idle power of all devices that take part included."}
	if slices.Contains(means, string(result.ByModel)) {
		notes = append(notes, "Modelled: from measured busy times and power figures; no meter was read.")
	}
	if slices.Contains(means, string(result.ByMeter)) {
		notes = append(notes, "Bars are how far off a meter's energy can be, as its readings are apart.")
	}
	for _, n := range s.EnergyNotes() {
		notes = append(notes, strings.ToUpper(n[:1])+n[1:]+".")
	}
	p.caption = caption(s, append(notes, "Dotted lines are the simulated baselines.")...)
	return p, nil
}
