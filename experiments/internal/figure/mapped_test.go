package figure

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mapped is a sweep of two groups of mappings and the baselines; one case is not
// measured.
func mapped() *result.Sweep {
	s := ssd()
	s.Kind, s.Experiment, s.Rows, s.TwoEndpoints, s.Factors = result.OfMappings, "nanodet-devices", nil, nil, nil
	s.Gateways = []result.Slowed{{Device: "gateway", Slowdown: 2}}
	add := func(group, label string, b result.Baseline, i int) {
		r := result.Row{Case: result.Case{
			Experiment: s.Experiment, Endpoint: "endpoint", Label: label, Baseline: b, Codec: "none", PP: -1, Group: group,
			Slowdown: 4,
		}}
		of := func(k float64) *result.Outcome {
			o := outcome(k*(0.05+0.03*float64(i)), 0.03, 0.04, 692224)
			o.Throughput = rate(o.Throughput.Value, 0.04*o.Throughput.Value)
			return o
		}
		r.Stored = of(1)
		r.Stored.Energy = energyOf(r.Stored, 0.1, result.BySimulation)
		if i != 2 {
			r.Measured = of(wobble(i))
			r.Measured.Energy = energyOf(r.Measured, 0.1, result.ByMeter)
			r.Measured.Energy.Devices[0].Bound = 0.05
			if i == 3 {
				r.Measured.Energy.Devices[1].Joules, r.Measured.Energy.Devices[1].Missing = nil, "it was not read"
			}
		}
		s.Rows = append(s.Rows, r)
	}
	add("", "all on endpoint", result.AllOnEndpoint, 8)
	add("", "all on server, raw", result.RawToServer, 0)
	add("", "all on server, JPEG", result.JPEGToServer, 0)
	for i := range 6 {
		add("rows", fmt.Sprintf("PP%d | PP%d", i, i+9), "", i)
	}
	for i, name := range []string{"three apart", "fine to server", "fine to gateway", "pyramid on gateway"} {
		add("branches", name, "", i+3)
	}
	return s
}

func TestMappings(t *testing.T) {
	dir := t.TempDir()
	paths, err := All(dir, mapped())
	require.NoError(t, err)
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	assert.Equal(
		t, "mappings.png mappings.svg energy.png energy.svg prediction-errors.png prediction-errors.svg "+
			"part-errors.png part-errors.svg",
		strings.Join(names, " "), "drew",
	)
	b, err := os.ReadFile(filepath.Join(dir, "mappings.svg"))
	require.NoError(t, err)
	for _, want := range []string{
		"endpoint time (ms)", "latency (ms)", "throughput (frames/s)", "rows: median", "branches: median",
		"PP5 | PP14", "three apart", "baselines: median", "Emulated", "~", "Slowed: endpoint by 4, gateway by 2."} {
		assert.Contains(t, string(b), want, "the figure doesn't say")
	}
	b, err = os.ReadFile(filepath.Join(dir, "energy.svg"))
	require.NoError(t, err)
	for _, want := range []string{
		"energy per frame of mappings", "endpoint (J)", "all devices (J)", "rows: median", "three apart", "simulated",
		"measured", "Slowed: endpoint by 4, gateway by 2.", "Device server: missing: it was not read.",
		"energy can be, as its readings are apart", "Emulated",
	} {
		assert.Contains(t, svgText(b), want, "the figure of energies doesn't say")
	}
	assert.NotContains(t, string(b), "NaN")
}

// Without any energy there is no figure of it.
func TestMappingsWithoutEnergy(t *testing.T) {
	s := mapped()
	for i := range s.Rows {
		for _, o := range []*result.Outcome{s.Rows[i].Stored, s.Rows[i].Measured} {
			if o != nil {
				o.Energy = nil
			}
		}
	}
	_, err := energyPage(s)
	require.ErrorIs(t, err, ErrNothing)
}

func TestMappingsOfOtherSweeps(t *testing.T) {
	_, err := Mappings(filepath.Join(t.TempDir(), "m"), ssd())
	assert.ErrorIs(t, err, ErrNothing, "got %v, want ErrNothing", err)
}
