package trace

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Results are read back bit by bit, but for the kind of a NaN.
func TestResultsAreReadBack(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	list := []Result{
		{Frame: 0, Values: []float32{0, float32(math.Copysign(0, -1)), 0.1, -1e-45, math.MaxFloat32, 16777217}},
		{Instance: "cam1", Frame: 1 << 40, Values: []float32{}},
		{Frame: 2, Values: []float32{inf, -inf, nan}},
	}
	var b bytes.Buffer
	require.NoError(t, WriteResults(&b, list))
	const want = `{"frame":0,"values":[0,-0,0.1,-1e-45,3.4028235e+38,1.6777216e+07]}
{"instance":"cam1","frame":1099511627776,"values":[]}
{"frame":2,"values":["+Inf","-Inf","NaN"]}
`
	require.Equal(t, strings.Split(want, "\n"), strings.Split(b.String(), "\n"))
	got, err := ReadResults(&b)
	require.NoError(t, err)
	require.Len(t, got, len(list))
	for i := range list {
		assert.Equal(t, list[i].Instance, got[i].Instance)
		assert.Equal(t, list[i].Frame, got[i].Frame)
		for j, x := range list[i].Values {
			if math.IsNaN(float64(x)) {
				assert.True(t, math.IsNaN(float64(got[i].Values[j])))
				continue
			}
			assert.Equal(t, math.Float32bits(x), math.Float32bits(got[i].Values[j]), "%v", x)
		}
	}
}

func TestBrokenResults(t *testing.T) {
	for _, text := range []string{`{"frame":0,"values":[1]}` + "\n" + `{"frame":1,"values":["many"]}`,
		`{"frame":0,"values":[1]}` + "\n" + `{"frame":1,"val`, `{"frame":0,"values":[1]} 7`} {
		_, err := ReadResults(strings.NewReader(text))
		assert.ErrorIs(t, err, ErrFormat, text)
		assert.ErrorContains(t, err, "result 2", text)
	}
}
