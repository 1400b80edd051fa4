package vehicle_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/datasets/vehicle"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runtime returns an evaluator on the library in the cache.
func runtime(t *testing.T) *ort.Evaluator {
	t.Helper()
	path, err := ort.Find("")
	if err == nil {
		err = ort.Load(path)
	}
	require.NoError(t, err, "%v\nrun: edgeprune datasets get", err)
	e := &ort.Evaluator{Threads: 2}
	t.Cleanup(func() { e.Close() })
	return e
}

func small(pictures, heldOut int) vehicle.Config {
	c := vehicle.DefaultConfig()
	c.Pictures, c.HeldOut = pictures, heldOut
	return c
}

// nearestMean returns the share of c's held-out pictures that lie nearest to
// their own class's mean picture over c's pictures.
func nearestMean(c vehicle.Config) float64 {
	const size = 3 * vehicle.Side * vehicle.Side
	var means [vehicle.Classes][size]float64
	for i := range c.Pictures {
		img, label := vehicle.Render(c.Seed, i, c.Difficulty)
		for j, v := range vehicle.Input(nil, img) {
			means[label][j] += float64(v) * vehicle.Classes / float64(c.Pictures)
		}
	}
	right := 0
	for i := range c.HeldOut {
		img, label := vehicle.Render(vehicle.HeldOutSeed(c.Seed), i, c.Difficulty)
		in := vehicle.Input(nil, img)
		best, nearest := 0, math.Inf(1)
		for class := range means {
			distance := 0.0
			for j, v := range in {
				distance += (float64(v) - means[class][j]) * (float64(v) - means[class][j])
			}
			if distance < nearest {
				best, nearest = class, distance
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(c.HeldOut)
}

func TestFitBeatsNearestMean(t *testing.T) {
	e, ctx, c := runtime(t), context.Background(), small(600, 200)
	w, err := vehicle.Fit(ctx, e, c)
	require.NoError(t, err)
	m, err := vehicle.Measure(ctx, e, w, c)
	require.NoError(t, err)
	trivial := nearestMean(c)
	t.Logf("fitted on %d pictures %.3f, nearest mean picture %.3f", c.Pictures, m.Accuracy, trivial)
	assert.GreaterOrEqual(t, m.Accuracy, trivial+0.15,
		"fitted %.3f is not clearly better than nearest mean %.3f, or that is too good", m.Accuracy, trivial)
	assert.LessOrEqual(t, trivial, 0.7, "fitted %.3f is not clearly better than nearest mean %.3f, or that is too good",
		m.Accuracy, trivial)
	// The model for one picture, which is what ships, must answer alike.
	model, err := vehicle.Model(w, 1)
	require.NoError(t, err)
	single := 0
	for i := range c.HeldOut {
		img, label := vehicle.Render(vehicle.HeldOutSeed(c.Seed), i, c.Difficulty)
		out, err := e.Run(model, vehicle.Input(nil, img), []int64{1, 3, vehicle.Side, vehicle.Side})
		require.NoError(t, err)
		require.Len(t, out, 1, "outputs %v, want 4 logits", out)
		require.Len(t, out[0], vehicle.Classes, "outputs %v, want 4 logits", out)
		if out[0][label] == max(out[0][0], out[0][1], out[0][2], out[0][3]) {
			single++
		}
	}
	assert.LessOrEqual(t, math.Abs(float64(single)/200-m.Accuracy), 0.006,
		"picture by picture %d of 200 are right, measured", single)
	right, all := 0, 0
	for label, row := range m.Confusion {
		for answer, n := range row {
			all += n
			if answer == label {
				right += n
			}
		}
	}
	assert.Equal(t, 200, all, "%d pictures, %d right: they don't fit", all, right)
	assert.Equal(t, 200, m.HeldOut, "%d pictures, %d right: they don't fit", all, right)
	assert.Equal(t, m.Accuracy, float64(right)/200, "%d pictures, %d right: they don't fit", all, right)
	assert.Equal(t, c.Seed, m.Seed, "metrics %+v don't say what was measured", m)
	assert.Equal(t, c.Difficulty.String(), m.Difficulty, "metrics %+v don't say what was measured", m)
}

func TestFitIsReproducible(t *testing.T) {
	e, ctx := runtime(t), context.Background()
	c := small(100, 4)
	c.Epochs = 2
	fit := func(seed uint64) []byte {
		c.Seed = seed
		w, err := vehicle.Fit(ctx, e, c)
		require.NoError(t, err)
		model, err := vehicle.Model(w, 1)
		require.NoError(t, err)
		return model
	}
	first := fit(1)
	assert.Equal(t, fit(1), first, "the same seed gave other weights")
	assert.NotEqual(t, fit(2), first, "another seed gave the same weights")
}

type evaluator func() ([][]float32, error)

func (e evaluator) Run([]byte, []float32, []int64) ([][]float32, error) { return e() }

func TestFitErrors(t *testing.T) {
	broken := errors.New("broken")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	change := func(f func(*vehicle.Config)) vehicle.Config {
		c := small(8, 4)
		c.Batch = 4
		f(&c)
		return c
	}
	fails := evaluator(func() ([][]float32, error) { return nil, broken })
	empty := evaluator(func() ([][]float32, error) { return [][]float32{{1}}, nil })
	for _, tc := range []struct {
		name string
		ctx  context.Context
		e    vehicle.Evaluator
		c    vehicle.Config
		want error
	}{
		{"evaluator fails", context.Background(), fails, change(func(*vehicle.Config) {}), broken},
		{"evaluator's output is short", context.Background(), empty, change(func(*vehicle.Config) {}), vehicle.ErrEvaluator},
		{"cancelled", cancelled, fails, change(func(*vehicle.Config) {}), context.Canceled},
		{"no pictures", context.Background(), fails, change(func(c *vehicle.Config) { c.Pictures = 0 }), vehicle.ErrConfig},
		{"unbalanced pictures", context.Background(), fails, change(func(c *vehicle.Config) { c.Pictures = 9 }),
			vehicle.ErrConfig},
		{"nothing held out", context.Background(), fails, change(func(c *vehicle.Config) { c.HeldOut = 0 }),
			vehicle.ErrConfig},
		{"batch too large", context.Background(), fails, change(func(c *vehicle.Config) { c.Batch = 9 }), vehicle.ErrConfig},
		{"no epochs", context.Background(), fails, change(func(c *vehicle.Config) { c.Epochs = 0 }), vehicle.ErrConfig},
		{"no rate", context.Background(), fails, change(func(c *vehicle.Config) { c.Rate = 0 }), vehicle.ErrConfig},
		{"all dropped", context.Background(), fails, change(func(c *vehicle.Config) { c.Dropout = 1 }), vehicle.ErrConfig},
	} {
		_, err := vehicle.Fit(tc.ctx, tc.e, tc.c)
		assert.ErrorIs(t, err, tc.want, "Fit, %s: error", tc.name)
		_, err = vehicle.Measure(tc.ctx, tc.e, vehicle.NewWeights(), tc.c)
		assert.ErrorIs(t, err, tc.want, "Measure, %s: error", tc.name)
	}
}
