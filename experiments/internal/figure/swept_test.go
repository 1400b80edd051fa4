package figure

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gated is a sweep of a threshold under two codecs on two links; the second is
// measured in part.
func gated() *result.Sweep {
	s := ssd()
	s.Experiment, s.Rows, s.TwoEndpoints, s.Factors = "gated-tracking", nil, nil, nil
	s.Kind = result.OfParameter
	s.Swept = &result.Swept{Param: "motion.threshold", Quality: "IDF1", Loss: 0.01}
	for _, link := range []string{"wired", "wireless"} {
		add := func(label string, b result.Baseline, codec string, v float64, i int) {
			share := 1 / float64(i+1)
			r := result.Row{Case: result.Case{
				Experiment: s.Experiment, Endpoint: "slow", Link: link, Label: label, Baseline: b, Codec: codec,
				PP: -1, Param: "motion.threshold", Value: v, Slowdown: 30, RawFrame: b != ""}}
			of := func(k float64) *result.Outcome {
				o := outcome(0.006*k, 0.02*k*share, 0.04, int64(27e4*share))
				o.Modes = []result.Mode{{ATR: 0, EndpointTime: statOf(0.006 * k)}, {ATR: 1, EndpointTime: statOf(0.03 * k)}}
				o.MeanEndpointTime = interval(k*(0.006+0.024*share), 0.001)
				return o
			}
			r.Stored = of(1)
			r.Stored.Energy = energyOf(r.Stored, 0.1, result.BySimulation)
			if link == "wired" || i%2 == 0 {
				r.Measured = of(wobble(i))
				r.Measured.Energy = energyOf(r.Measured, 0.1, result.ByModel)
			}
			r.Quality = map[string]float64{"IDF1": 0.95 - 0.1*float64(i*i)/16, "MOTA": 0.9}
			s.Rows = append(s.Rows, r)
		}
		add("all on endpoint", result.AllOnEndpoint, "none", 0, 0)
		s.Rows[len(s.Rows)-1].Stored.BoundaryBytes = 0
		add("all on server, raw", result.RawToServer, "none", 0, 0)
		add("all on server, JPEG", result.JPEGToServer, "jpeg", 0, 1)
		for _, codec := range []string{"none", "jpeg"} {
			for i, v := range []float64{0, 2, 8, 16, 255} {
				add(fmt.Sprintf("threshold %g", v), "", codec, v, i)
			}
		}
	}
	return s
}

func TestSweptFigures(t *testing.T) {
	dir := t.TempDir()
	paths, err := All(dir, gated())
	require.NoError(t, err)
	want := map[string][]string{
		"parameter": {"mean endpoint time (ms)", "bytes sent per frame", "IDF1", "motion.threshold, or baseline", "255",
			"all on endpoint",
			"simulated, no codec", "measured, jpeg", "error of the stored prediction (%): median",
			"Quality is the same under both drivers"},
		"energy": {"energy per frame against motion.threshold", "endpoint (J)", "all devices (J)", "simulated, jpeg",
			"modelled, no codec", "motion.threshold, or baseline", "no meter was read"},
		"quality":           {"IDF1", "endpoint time (ms)", "Lines join the values of motion.threshold"},
		"quality-traffic":   {"IDF1", "bytes sent per frame", "What sends nothing has no place on the axis"},
		"prediction-errors": {"stored"},
		"part-errors":       {"segment"},
	}
	require.Len(t, paths, 2*len(want), "paths")
	for name, labels := range want {
		svg, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		require.NoError(t, err)
		for _, l := range labels {
			assert.Contains(t, svgText(svg), l, "%s.svg lacks", name)
		}
		assert.NotContains(t, string(svg), "MOTA", "%s.svg shows a quality that doesn't count", name)
	}
}

func TestSweptFiguresOfOtherSweeps(t *testing.T) {
	for _, f := range []func(string, *result.Sweep) ([]string, error){Parameter, QualityTraffic} {
		_, err := f(filepath.Join(t.TempDir(), "f"), ssd())
		assert.ErrorIs(t, err, ErrNothing, "a sweep of cuts")
	}
	s := gated()
	_, err := EndpointTime(filepath.Join(t.TempDir(), "f"), s)
	assert.ErrorIs(t, err, ErrNothing, "endpoint time against the cut")
	for i := range s.Rows {
		s.Rows[i].Quality = nil
	}
	_, err = parameterPage(s)
	assert.NoError(t, err, "without quality")
	_, err = qualityPage(s, traffic)
	assert.ErrorIs(t, err, ErrNothing, "quality of nothing")
}
