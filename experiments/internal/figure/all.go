package figure

import (
	"errors"
	"path/filepath"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// All draws every figure that the sweep holds data for into the folder dir, and
// returns the paths, PNG and SVG of each in turn.
func All(dir string, s *result.Sweep) ([]string, error) {
	var paths []string
	for _, f := range []struct {
		name string
		draw func(string, *result.Sweep) ([]string, error)
	}{
		{"parameter", Parameter},
		{"mappings", Mappings},
		{"endpoint-time", EndpointTime},
		{"latency-throughput", LatencyThroughput},
		{"two-endpoints", TwoEndpoints},
		{"speedup", Speedup},
		{"quality", Quality},
		{"quality-traffic", QualityTraffic},
		{"part-errors", PartErrors},
	} {
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
