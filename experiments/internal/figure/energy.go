package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"gonum.org/v1/plot/vg"
)

// EnergyPerFrame draws the energy per frame, of the endpoint and of all devices that take part:
// against the cut as EndpointTime does, against a parameter likewise, and of mappings as Mappings
// does. A sweep without an energy gives an error wrapping ErrNothing.
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
	rows := s.All()
	title := "energy per frame against the cut"
	switch s.Kind {
	case result.OfParameter:
		title = "energy per frame against " + s.Swept.Param
	case result.OfMappings:
		title = "energy per frame of mappings to several devices"
	}
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
	draw, lines := alongPage, "Dotted lines are the simulated baselines."
	if s.Kind == result.OfMappings {
		draw, lines = energyOfMappings, slowed(s)+" Above each pair stands by how much in % the simulation is above the "+
			"other, and above each group the median and the worst of that."
	}
	p, err := draw(s, title, metrics, false)
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
		if rest, ok := strings.CutPrefix(e.name, "measured"); ok && len(means) > 0 {
			p.legend[i].name = strings.Join(means, " or ") + rest
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
	p.caption = caption(s, append(notes, lines)...)
	return p, nil
}

// energyOfMappings draws energies as bars, with the errors of the simulated ones.
func energyOfMappings(s *result.Sweep, title string, metrics []metric, _ bool) (*page, error) {
	_, groups := result.MappedRows(s.Rows)
	var all []mappedMetric
	for _, m := range metrics {
		off := func(r *result.Row) (float64, bool) {
			if r.Stored == nil || r.Measured == nil {
				return 0, false
			}
			simulated, _, _ := m.of(r.Stored)
			other, _, _ := m.of(r.Measured)
			e := simulated/other - 1
			return 100 * e, finite(e)
		}
		all = append(all, mappedMetric{metric: m, above: func(r *result.Row) string {
			e, ok := off(r)
			if !ok {
				return ""
			}
			return fmt.Sprintf("%+.1f", e)
		}, head: func(group string) string {
			var errs []float64
			for _, r := range groups[group] {
				if e, ok := off(r); ok {
					errs = append(errs, math.Abs(e))
				}
			}
			if len(errs) == 0 {
				return ""
			}
			return fmt.Sprintf(": median %.1f %%, worst %.1f %%", quantile.Median(errs), slices.Max(errs))
		}})
	}
	panels, err := mappingsPanels(s, all)
	if err != nil {
		return nil, err
	}
	return &page{
		title:  s.Experiment + ": " + title,
		legend: []entry{{name: "simulated", fill: &simulatedBar}, {name: "measured", fill: &measuredBar}},
		panels: panels, width: mappingsWidth(s), height: panelHeight*vg.Length(len(panels)) + 230,
	}, nil
}
