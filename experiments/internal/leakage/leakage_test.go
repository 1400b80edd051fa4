package leakage_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func of(t *testing.T, r leakage.Request) *leakage.Table {
	t.Helper()
	table, err := leakage.Of(t.Context(), r, quiet{})
	require.NoError(t, err)
	return table
}

func row(t *testing.T, table *leakage.Table, cut, codecName string) *leakage.Row {
	t.Helper()
	for i := range table.Rows {
		if r := &table.Rows[i]; r.Cut == cut && r.Codec == codecName {
			return r
		}
	}
	t.Fatalf("no row %s %s", cut, codecName)
	return nil
}

// TestPlanted holds actors of whose tensors it is known what they give away.
func TestPlanted(t *testing.T) {
	r := request(t, newTapper(64), 64, "same", "convolved", "noise", "constant", "mean")
	r.Codecs, r.Labels = []string{"none", "fp16", "zstd"}, []int{0, 1}
	table := of(t, r)
	assert.Equal(t, core.Rule, table.Rule)
	assert.Equal(t, 64, table.Samples)
	assert.Empty(t, table.Notes)
	assert.Equal(t, []string{"camera.frame"}, table.Input)

	raw, same := row(t, table, "camera", "none"), row(t, table, "same", "none")
	assert.InDelta(t, 1, raw.Dependence.Value, 1e-9)
	assert.InDelta(t, 1, same.Dependence.Value, 1e-6)
	assert.InDelta(t, raw.PSNR.Value, same.PSNR.Value, 1e-3)
	assert.Greater(t, same.PSNR.Low, same.FloorPSNR.High+10)
	assert.Greater(t, same.SSIM.Value, 0.95)
	assert.Equal(t, []string{"same.out"}, same.Tensors)
	assert.Equal(t, 2, same.PP)
	assert.EqualValues(t, 3, same.Seed)
	assert.Equal(t, 12288.0, same.Bytes)
	assert.Equal(t, 100, same.CeilingQuality)
	assert.Contains(t, same.CeilingNote, "JPEG of quality 100 has ")
	assert.Greater(t, same.CeilingPSNR.Value, 35.0)

	convolved := row(t, table, "convolved", "none")
	assert.Greater(t, convolved.Dependence.Value, 0.95)
	assert.InDelta(t, same.PSNR.Value, convolved.PSNR.Value, 5)

	noise := row(t, table, "noise", "none")
	assert.LessOrEqual(t, noise.Dependence.Low, 0.0)
	assert.GreaterOrEqual(t, noise.Dependence.High, 0.0)
	assert.Less(t, noise.PSNR.Value, noise.FloorPSNR.Value+0.5)
	assert.InDelta(t, 1, *noise.Radius, 0.1)

	constant := row(t, table, "constant", "none")
	assert.Zero(t, constant.Dependence.Value)
	assert.InDelta(t, constant.FloorPSNR.Value, constant.PSNR.Value, 1e-6)
	assert.Nil(t, constant.Radius, "all samples are one point")

	mean := row(t, table, "mean", "none")
	assert.Greater(t, mean.Dependence.Low, 0.05)
	assert.Less(t, mean.PSNR.Value, same.PSNR.Value-5)
	assert.Zero(t, mean.CeilingQuality)
	assert.Nil(t, mean.CeilingPSNR)
	assert.Contains(t, mean.CeilingNote, "no JPEG is that small: quality 1 has ")

	half := row(t, table, "same", "fp16")
	assert.InDelta(t, same.Dependence.Value, half.Dependence.Value, 1e-3)
	assert.Equal(t, 7296.0, half.Bytes)
	assert.Equal(t, same.Dependence, row(t, table, "same", "zstd").Dependence, "nothing is lost")
	for _, r := range table.Rows {
		assert.False(t, r.Cut == "camera" && r.Codec == "fp16", "fp16 codes no picture")
	}
	assert.Same(t, raw, table.Row(leakage.Cut{Name: "camera", Tensors: raw.Tensors}, "fp16"))

	for tensors, want := range map[string]float64{"same.out": same.Dependence.Value, "noise.out": noise.Dependence.Value} {
		v, ok := table.Dependence([]string{tensors}, "none")
		assert.True(t, ok)
		assert.InDelta(t, want, v, 1e-12)
	}
	both, ok := table.Dependence([]string{"mean.out", "same.out", "mean.out"}, "none")
	assert.True(t, ok)
	assert.Greater(t, both, 0.99, "what one tensor gives away, it gives away beside another")
	nothing, ok := table.Dependence(nil, "none")
	assert.True(t, ok)
	assert.Zero(t, nothing)
	_, ok = table.Dependence([]string{"same.out"}, "int8")
	assert.False(t, ok, "int8 was not asked for")
	_, ok = table.Dependence([]string{"other.out"}, "none")
	assert.False(t, ok)

	made, err := table.Reconstruct(same)
	require.NoError(t, err)
	assert.Equal(t, same.PSNR.Value, made.PSNR.Value)
	assert.Len(t, made.Pictures, 64)
}

// TestPasses gives so little memory that every tensor has a run of its own: equal results.
func TestPasses(t *testing.T) {
	tap := newTapper(30)
	r := request(t, tap, 30, "same", "convolved")
	r.Codecs, r.Detail = []string{"none", "int8"}, leakage.DependenceOnly
	want := of(t, r)
	once := tap.fired["same"]
	r.Memory = 1
	got := of(t, r)
	assert.Equal(t, want.Rows, got.Rows)
	assert.Nil(t, got.Rows[0].PSNR)
	assert.Equal(t, 30, once)
	assert.Equal(t, 60, tap.fired["same"]-once, "one run for itself, and one for convolved")
}

// TestKept takes results from the cache, adds to them, and asks again where something differs.
func TestKept(t *testing.T) {
	tap := newTapper(30)
	r := request(t, tap, 30, "same", "convolved")
	r.Cache, r.Revision, r.Codecs, r.Detail = t.TempDir(), "one", []string{"none"}, leakage.DependenceOnly
	want := of(t, r)
	require.Equal(t, 30, tap.fired["same"])
	assert.Equal(t, want.Rows, of(t, r).Rows)
	assert.Equal(t, 30, tap.fired["same"], "known")

	r.Codecs = []string{"none", "fp16"}
	assert.Equal(t, want.Rows[1], of(t, r).Rows[1])
	assert.Equal(t, 60, tap.fired["same"], "another codec")
	of(t, r)
	assert.Equal(t, 60, tap.fired["same"])
	r.File.Application.Actors[0].Params = map[string]any{"file": "/tmp/another/samples.bin"}
	of(t, r)
	assert.Equal(t, 60, tap.fired["same"], "the same frames from another file")
	r.File.Application.Actors[1].Params = map[string]any{"scale": 1}
	of(t, r)
	assert.Equal(t, 90, tap.fired["same"], "another setting of what makes a tensor")
	r.File.Application.Actors[1].Params = nil

	r.Seed++
	of(t, r)
	assert.Equal(t, 120, tap.fired["same"], "another seed")
	r.Revision = "two"
	of(t, r)
	assert.Equal(t, 150, tap.fired["same"], "another program")
	tap.pictures[3][0]++
	of(t, r)
	assert.Equal(t, 180, tap.fired["same"], "another frame")

	files, err := filepath.Glob(filepath.Join(r.Cache, "*.gob"))
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, f := range files {
		require.NoError(t, os.WriteFile(f, []byte("broken"), 0o600))
	}
	_, err = leakage.Of(t.Context(), r, quiet{})
	assert.ErrorContains(t, err, "can't be read, remove it: ")
}

func TestDifferentFrames(t *testing.T) {
	r := request(t, newTapper(25), 60, "same")
	r.Detail = leakage.DependenceOnly
	table := of(t, r)
	assert.Equal(t, 25, table.Samples)
	assert.Equal(t, []string{"of 60 frames of the source 25 are different, which are the samples"}, table.Notes)
	assert.InDelta(t, 1, row(t, table, "same", "none").Dependence.Value, 1e-6)
}

func TestFailedTensors(t *testing.T) {
	tap := newTapper(30)
	tap.rare = true
	table := of(t, request(t, tap, 30, "infinite", "mean"))
	assert.Equal(t, "samples say nothing about leakage: tensor infinite.out: samples say nothing about leakage: "+
		"sample 0 holds +Inf", row(t, table, "infinite", "none").Failed)
	assert.Equal(t, "samples say nothing about leakage: tensor mean.out is sent in 15 of 30 samples",
		row(t, table, "mean", "none").Failed)
	assert.NotNil(t, row(t, table, "camera", "none").PSNR)
	_, ok := table.Dependence([]string{"mean.out"}, "none")
	assert.False(t, ok)
}

func TestBadRequests(t *testing.T) {
	try := func(change func(r *leakage.Request, tap *tapper)) error {
		tap := newTapper(30)
		r := request(t, tap, 30, "same")
		change(&r, tap)
		_, err := leakage.Of(t.Context(), r, quiet{})
		return err
	}
	err := try(func(r *leakage.Request, _ *tapper) { r.Samples = 5 })
	assert.EqualError(t, err, "too few samples for leakage: 5; give at least 20")
	err = try(func(r *leakage.Request, _ *tapper) { r.Samples = 2001 })
	assert.EqualError(t, err, "too many samples for leakage: 2001; give at most 2000, as their memory grows with the "+
		"square of their number")
	err = try(func(_ *leakage.Request, tap *tapper) { tap.pictures = tap.pictures[:7] })
	assert.EqualError(t, err, "too few samples for leakage: of 30 frames of the source 7 are different; leakage needs at "+
		"least 20")
	err = try(func(r *leakage.Request, _ *tapper) { r.Codecs = []string{"int9"} })
	assert.ErrorIs(t, err, codec.ErrUnknown)
	err = try(func(r *leakage.Request, tap *tapper) { r.Codecs, tap.broken = []string{"zstd"}, true })
	assert.EqualError(t, err, "a codec without loss changed a tensor: tensor camera.frame, sample 0 with zstd")

	cuts, err := leakage.Cuts(request(t, newTapper(1), 30, "same"))
	require.NoError(t, err)
	assert.Equal(t, []leakage.Cut{{Name: "camera", PP: 1, Tensors: []string{"camera.frame"}},
		{Name: "same", PP: 2, Tensors: []string{"same.out"}}}, cuts)
	_, err = leakage.Choose(cuts, []string{"PP2", "sam"})
	assert.EqualError(t, err, `unknown cut "sam"; the cuts are camera, same`)
	chosen, err := leakage.Choose(cuts, []string{"PP2", "camera"})
	require.NoError(t, err)
	assert.Equal(t, []leakage.Cut{cuts[1], cuts[0]}, chosen)
}

// TestCancelled ends it at any step.
func TestCancelled(t *testing.T) {
	for steps := 0; steps < 1000; steps += 9 {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		r := request(t, newTapper(25), 25, "same")
		r.Detail = leakage.DependenceOnly
		_, err := leakage.Of(ctx, r, quiet{func() {
			if n == steps {
				cancel()
			}
			n++
		}})
		cancel()
		if n <= steps {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	t.Fatal("it takes more steps than that")
}

// TestNoPicture says less where the input is none.
func TestNoPicture(t *testing.T) {
	tap := newTapper(30)
	r := request(t, tap, 30, "same")
	r.File.Application.Actors[0].Out[0].Type = "uint8[3072]"
	table := of(t, r)
	assert.Equal(t, []string{"the input is no picture, uint8[h,w,3]: nothing is reconstructed"}, table.Notes)
	same := row(t, table, "same", "none")
	assert.InDelta(t, 1, same.Dependence.Value, 1e-6)
	assert.Nil(t, same.PSNR)
}
