package figure

import (
	"errors"
	"path/filepath"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// drawing is a figure with the name of its files.
type drawing struct {
	name string
	draw func(string, *result.Sweep) ([]string, error)
}

// drawings are the figures of each kind of experiment.
var drawings = map[result.Kind][]drawing{
	result.OfCuts: {
		{"endpoint-time", EndpointTime},
		{"latency-throughput", LatencyThroughput},
		{"energy", EnergyPerFrame},
		{"two-endpoints", TwoEndpoints},
		{"speedup", Speedup},
		{"quality", Quality},
		{"prediction-errors", Predictions},
		{"part-errors", PartErrors},
	},
	result.OfParameter: {
		{"parameter", Parameter},
		{"energy", EnergyPerFrame},
		{"quality", Quality},
		{"quality-traffic", QualityTraffic},
		{"prediction-errors", Predictions},
		{"part-errors", PartErrors},
	},
	result.OfMappings: {
		{"mappings", Mappings},
		{"energy", EnergyPerFrame},
		{"quality", Quality},
		{"prediction-errors", Predictions},
		{"part-errors", PartErrors},
	},
}

// All draws every figure that the sweep holds data for into the folder dir, and
// returns the paths, PNG and SVG of each in turn.
func All(dir string, s *result.Sweep) ([]string, error) {
	var paths []string
	for _, f := range drawings[s.Kind] {
		p, err := f.draw(filepath.Join(dir, f.name), s)
		if errors.Is(err, ErrNothing) {
			continue
		}
		if err != nil {
			return paths, err
		}
		paths = append(paths, p...)
	}
	return paths, nil
}
