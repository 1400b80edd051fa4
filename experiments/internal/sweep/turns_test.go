package sweep

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// The turns of what is measured, and of whatever may be the best of its link, are decisive;
// a cut that is far from the best is not.
func TestDecisiveTurns(t *testing.T) {
	x := cutsOf(spec.Measure{Cuts: 2, QuickCuts: 2, Groups: 1})
	x.Spec.Endpoints = []spec.Endpoint{{Name: "e"}}
	// On the first link PP4 is best and PP6 within a tenth; on the second, not measured, PP8.
	rows := append(sweepOf("wired", []float64{9}, []float64{8}, []float64{1}, []float64{8}, []float64{1.09}, []float64{8},
		[]float64{7}, []float64{8}),
		sweepOf("wireless", []float64{9}, []float64{8}, []float64{8}, []float64{8}, []float64{8}, []float64{8},
			[]float64{6}, []float64{8})...)
	var turns []Turn
	for i := range rows[:len(rows)/2] {
		c := &rows[i].Case
		c.Label = fmt.Sprintf("PP%d", c.PP)
		rows[len(rows)/2+i].Label = c.Label
		turns = append(turns, Turn{Owner: x.owner(&x.Spec.Endpoints[0]), Name: x.turn(*c)})
	}
	var names []string
	for _, i := range x.Decisive(turns, rows, Quick) {
		names = append(names, turns[i].Name)
	}
	assert.Equal(t, []string{
		"endpoint  PP99", "raw  PP1", "jpeg  PP1", // baselines
		"  PP2", "  PP4", "  PP6", "  PP8", // spread, the best, who may be it, the best of the other link
	}, names)
}
