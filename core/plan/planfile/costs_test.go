package planfile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// priced reads a plan of which the unit has keys beside its name.
func priced(keys string) (*planfile.File, error) {
	text := strings.Replace(cameraPlan, "units: [{name: cpu}]", "units: [{name: cpu, "+keys+"}]", 1)
	text = strings.Replace(text, "WORKLOAD", "{kind: offline, frames: 9}", 1)
	f, err := planfile.Parse("p.yaml", []byte(text))
	if err == nil {
		err = f.Check()
	}
	return f, err
}

func TestCosts(t *testing.T) {
	f, err := priced("cost: constant=2ms, costs: {cam: lognormal, sink: phases}")
	require.NoError(t, err)
	u := f.Platform.Devices[0].Units[0]
	assert.Equal(t, costmodel.Model{Kind: costmodel.Constant, Time: 2 * time.Millisecond}, u.Cost)
	want := map[string]costmodel.Model{"cam": {Kind: costmodel.Lognormal}, "sink": {Kind: costmodel.Phases}}
	assert.Equal(t, want, u.Costs)
	text, err := yaml.Marshal(u)
	require.NoError(t, err)
	assert.Contains(t, string(text), "cost: constant=2ms\ncosts:\n  cam: lognormal\n  sink: phases\n", "written again")
}

func TestBadCosts(t *testing.T) {
	const kinds = "; expected median, mean, empirical, constant=DURATION, lognormal, shifted-lognormal or phases"
	for keys, says := range map[string]string{
		"cost: best":          `8:74: no cost model "best"` + kinds,
		"cost: 2ms":           `8:74: no cost model "2ms"` + kinds,
		"cost: .nan":          `8:74: no cost model ".nan"` + kinds,
		"cost: [median]":      `8:74: expected a text, found a list`,
		"cost: constant=-1ms": `8:74: no cost model "constant=-1ms"; expected a duration of at least 0, such as constant=2ms`,
		"cost: constant=2":    `8:74: no cost model "constant=2"; expected a duration of at least 0, such as constant=2ms`,
		"costs: {cam: best}":  `8:81: no cost model "best"` + kinds,
		"costs: {car: mean}": `8:76: bad platform: unit d.cpu has a cost of "car", and there is no such actor; the actors ` +
			`are cam, sink; did you mean "cam"?`,
		`costs: {cam: ""}`: `8:81: bad platform: unit d.cpu: the cost of cam is empty; give a model such as lognormal, or ` +
			`remove it`,
	} {
		_, err := priced(keys)
		assert.EqualError(t, err, "bad input: p.yaml:"+says, keys)
	}
}
