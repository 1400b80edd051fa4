package vehicle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/datasets/vehicle"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// run returns the outputs of a model for one input.
func run(t *testing.T, e *ort.Evaluator, model []byte, in []float32, shape ...int64) [][]float32 {
	t.Helper()
	out, err := e.Run(model, in, shape)
	require.NoError(t, err)
	return out
}

// fitted returns a network and its early exit, fitted in short, with models of
// one picture: the whole, its head and its tail.
func fitted(t *testing.T, e *ort.Evaluator) (
	c vehicle.Config, w *vehicle.Weights, early *vehicle.Early, whole, head, tail []byte,
) {
	t.Helper()
	c = small(400, 200)
	c.Epochs = 6
	w, err := vehicle.Fit(t.Context(), e, c)
	require.NoError(t, err)
	early, err = vehicle.FitEarly(t.Context(), e, w, c)
	require.NoError(t, err)
	var errs [3]error
	whole, errs[0] = vehicle.Model(w, 1)
	head, errs[1] = vehicle.HeadModel(w, early, 1)
	tail, errs[2] = vehicle.TailModel(w, 1)
	require.NoError(t, errors.Join(errs[:]...))
	return c, w, early, whole, head, tail
}

func TestEarlyExit(t *testing.T) {
	e := runtime(t)
	c, w, early, whole, head, tail := fitted(t, e)
	m, err := vehicle.MeasureEarly(t.Context(), e, w, early, c)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, m.EarlyAccuracy, 0.5, "the early exit has %.3f right after a short fit, want 0.5",
		m.EarlyAccuracy)
	right, sure, sureRight := 0, 0, 0
	const threshold = 0.9
	for i := range c.HeldOut {
		img, label := vehicle.Render(vehicle.HeldOutSeed(c.Seed), i, c.Difficulty)
		in := vehicle.Input(nil, img)
		parts := run(t, e, head, in, 1, 3, vehicle.Side, vehicle.Side)
		features, logits := parts[0], parts[1]
		require.Len(t, logits, vehicle.Classes, "%d early logits", len(logits))
		if i < 20 { // tail(head(x)) is whole(x)
			want := run(t, e, whole, in, 1, 3, vehicle.Side, vehicle.Side)[0]
			got := run(t, e, tail, features, 1, 32, 48, 48)[0]
			for j := range want {
				require.LessOrEqual(t, math.Abs(float64(got[j]-want[j])), 1e-5*max(1, math.Abs(float64(want[j]))),
					"picture %d: head and tail say %v, the whole network", i, got)
			}
		}
		best, sum := 0, 0.0
		for j, v := range logits {
			if v > logits[best] {
				best = j
			}
			sum += math.Exp(float64(v))
		}
		if best == label {
			right++
		}
		if math.Exp(float64(logits[best]))/sum >= threshold {
			sure++
			if best == label {
				sureRight++
			}
		}
	}
	assert.LessOrEqual(t, math.Abs(float64(right)/200-m.EarlyAccuracy), 0.006,
		"picture by picture %d of 200 are right, measured", right)
	for i, x := range m.Thresholds {
		if i > 0 {
			assert.False(t, x.EarlyShare > m.Thresholds[i-1].EarlyShare || x.Threshold <= m.Thresholds[i-1].Threshold,
				"threshold %v: more leave early, %v, than at", x.Threshold, x.EarlyShare)
		}
		if x.Threshold == threshold {
			assert.False(t, math.Abs(x.EarlyShare-float64(sure)/200) > 0.011 ||
				math.Abs(x.EarlyCorrect-float64(sureRight)/float64(max(sure, 1))) > 0.03,
				"threshold %v: %+v; picture by picture %d leave early, %d of them right", threshold, x, sure, sureRight)
		}
	}
	full, err := vehicle.Measure(t.Context(), e, w, c)
	require.NoError(t, err, "the whole network has %.3f right, Measure says", m.FullAccuracy)
	assert.LessOrEqual(t, math.Abs(full.Accuracy-m.FullAccuracy), 0.006, "the whole network has %.3f right, Measure says",
		m.FullAccuracy)
	if again, err := vehicle.FitEarly(t.Context(), e, w, c); err != nil {
		t.Error(err)
	} else if model, err := vehicle.HeadModel(w, again, 1); err != nil || !bytes.Equal(model, head) {
		t.Errorf("fitted again it is another model (%v)", err)
	}
}

// The parts are models that plans can cut.
func TestPartsAreCuttable(t *testing.T) {
	w := vehicle.NewWeights()
	head, err := vehicle.HeadModel(w, vehicle.NewEarly(), 1)
	require.NoError(t, err)
	tail, err := vehicle.TailModel(w, 1)
	require.NoError(t, err)
	for _, tc := range []struct {
		name    string
		data    []byte
		outputs []string
		macs    int64 // convolutions and dense layers
	}{
		{"head", head, []string{"features[1 32 48 48]", "early[1 4]"}, 96*96*32*75 + 2048*32 + 32*4},
		{"tail", tail, []string{"logits[1 4]"}, 48*48*32*800 + 18432*100 + 100*100 + 100*4},
	} {
		m, err := onnx.Parse(tc.data)
		require.NoError(t, err, tc.name)
		for i, o := range m.Outputs() {
			got := fmt.Sprint(o.Name, o.Shape)
			require.Len(t, m.Outputs(), len(tc.outputs), "%s has output", tc.name)
			assert.Equal(t, tc.outputs[i], got, "%s has output", tc.name)
		}
		cuts, err := cut.InOrder(m)
		require.NoError(t, err, "%s: %d cuts", tc.name, len(cuts))
		assert.GreaterOrEqual(t, len(cuts), 4, "%s: %d cuts", tc.name, len(cuts))
		got := work.MACs(m)
		assert.Equal(t, tc.macs, got, "%s: %d MACs", tc.name, got)
	}
}

func TestReadWeights(t *testing.T) {
	w := vehicle.NewWeights()
	w.Conv2.W[7], w.Dense5.B[3] = 0.5, -2
	model, err := vehicle.Model(w, 1)
	require.NoError(t, err)
	got, err := vehicle.ReadWeights(model)
	require.NoError(t, err)
	again, err := vehicle.Model(got, 1)
	require.NoError(t, err, "the weights read make another model")
	assert.Equal(t, model, again, "the weights read make another model")
	tail, err := vehicle.TailModel(w, 1)
	require.NoError(t, err)
	for name, data := range map[string][]byte{"text": []byte("text"), "another model": tail, "empty": nil} {
		_, err := vehicle.ReadWeights(data)
		assert.ErrorIs(t, err, vehicle.ErrWeights, "%s: error %v, want ErrWeights", name, err)
	}
}

func TestEarlyErrors(t *testing.T) {
	broken := errors.New("broken")
	fails := evaluator(func() ([][]float32, error) { return nil, broken })
	w, early, c := vehicle.NewWeights(), vehicle.NewEarly(), small(100, 4)
	none := c
	none.Pictures = 0
	for _, tc := range []struct {
		name  string
		w     *vehicle.Weights
		early *vehicle.Early
		c     vehicle.Config
		want  error
	}{
		{"evaluator fails", w, early, c, broken},
		{"no pictures", w, early, none, vehicle.ErrConfig},
		{"no weights", &vehicle.Weights{}, early, c, vehicle.ErrWeights},
		{"no early weights", w, &vehicle.Early{}, c, vehicle.ErrWeights},
	} {
		_, err := vehicle.MeasureEarly(context.Background(), fails, tc.w, tc.early, tc.c)
		assert.ErrorIs(t, err, tc.want, "MeasureEarly, %s: error", tc.name)
		if tc.early != early {
			continue
		}
		_, err = vehicle.FitEarly(context.Background(), fails, tc.w, tc.c)
		assert.ErrorIs(t, err, tc.want, "FitEarly, %s: error", tc.name)
	}
	_, err := vehicle.HeadModel(w, &vehicle.Early{}, 1)
	assert.ErrorIs(t, err, vehicle.ErrWeights, "a head without weights")
	_, err = vehicle.TailModel(w, 0)
	assert.ErrorIs(t, err, vehicle.ErrConfig, "a tail without a batch")
}
