package costmodel_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]costmodel.Model{
		"": {}, "median": {Kind: costmodel.Median}, "constant=2ms": {Kind: costmodel.Constant, Time: 2 * time.Millisecond},
		"constant=0s": {Kind: costmodel.Constant}, "shifted-lognormal": {Kind: costmodel.Shifted},
	} {
		m, err := costmodel.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, m, text)
		assert.Equal(t, text, m.String())
		data, err := json.Marshal(m)
		require.NoError(t, err)
		var back costmodel.Model
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, m, back)
	}
	const kinds = "; expected median, mean, empirical, constant=DURATION, lognormal, shifted-lognormal or phases"
	const constant = "; expected a duration of at least 0, such as constant=2ms"
	for text, want := range map[string]string{
		"medium":          `no cost model "medium"` + kinds + `; did you mean "median"?`,
		"median=2ms":      `no cost model "median=2ms"` + kinds + `; did you mean "median"?`,
		"constant":        `no cost model "constant"` + constant,
		"constant=-2ms":   `no cost model "constant=-2ms"` + constant,
		"constant=NaN":    `no cost model "constant=NaN"` + constant,
		"constant=1e300h": `no cost model "constant=1e300h"` + constant,
	} {
		_, err := costmodel.Parse(text)
		assert.EqualError(t, err, want)
		assert.ErrorIs(t, err, costmodel.ErrModel)
	}
}
