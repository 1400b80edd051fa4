package result

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOriginOfEmulatedIsNotReal(t *testing.T) {
	o := Origin{Profile: "the devices", Real: true}
	assert.Equal(t, o, o.Of(false))
	assert.Equal(t, Origin{Profile: "the devices", Emulated: true}, o.Of(true))
	assert.Equal(t, Origin{}, Origin{}.Of(false), "this machine is no testbed")
	assert.Equal(t, "deploy (real)", (&PlanRun{Driver: "deploy", Origin: o}).Name())
	assert.Equal(t, "deploy (emulated)", (&PlanRun{Driver: "deploy", Origin: o.Of(true), Emulated: true}).Name())
}

// What was measured on real devices says so in tables and in every row of summary.csv; with
// only a prediction nothing is real.
func TestRealSweep(t *testing.T) {
	s := tableSweep()
	s.Emulated = false
	s.Testbed = &Testbed{Server: "tls://hub:4222", Devices: map[string]string{"slow": "jetson1", "server": "gpu"}}
	for i := range s.Rows {
		if m := s.Rows[i].Measured; m != nil {
			m.Origin.Real = true
		}
	}
	require.True(t, s.Real())
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, s))
	assert.Contains(t, b.String(), ", real\ntestbed: server on gpu, slow on jetson1 at tls://hub:4222\n")
	b.Reset()
	require.NoError(t, WriteCSV(&b, s))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	assert.True(t, strings.HasSuffix(lines[0], ",measured_real"), lines[0])
	assert.True(t, strings.HasSuffix(lines[3], ",true"), lines[3])
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.True(t, sum.Real)
	s.Emulated = true
	assert.False(t, s.Real())
	s.Emulated = false
	for _, r := range s.All() {
		r.Measured = nil
	}
	assert.False(t, s.Real())
}
