package measure

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What slows an endpoint most stands in its cases, be it its unit.
func TestSlowdownOfUnit(t *testing.T) {
	r, _ := toy(t)
	r.Experiment.Spec.Endpoints[0].Unit.Slowdown, r.Experiment.Spec.Endpoints[0].WholeModel = 3, 0
	r.Experiment.Spec.Factors = []float64{2, 4}
	s, err := r.Run(t.Context())
	require.NoError(t, err)
	slowed := r.Experiment.Spec.Endpoints[0].Name
	for _, row := range slices.Concat(s.Rows, s.TwoEndpoints) {
		if row.Endpoint == slowed {
			assert.Equal(t, 3.0, row.Slowdown, "%s: slowdown %g, want that of the unit, 3", row.Title(), row.Slowdown)
		}
	}
	i := slices.IndexFunc(s.Factors, func(f result.FactorPoint) bool { return f.Slowdown == 2 })
	assert.Negative(t, i, "the factor 2 stands beside what ran 3 times slower")
	f := r.Experiment.File(s.Rows[0].Case, r.Experiment.Single(2))
	assert.Equal(t, 3.0, f.Platform.Devices[0].Units[0].Slowdown, "the plan slows it by")
}
