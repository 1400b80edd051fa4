package builtin

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atr fires and returns what all control outputs, which come first, say.
func atr(t *testing.T, b *bench, outs int) int {
	t.Helper()
	b.fire(t)
	first := kernel.View[int32](b.out(0))[0]
	for p := range outs {
		require.Equal(t, first, kernel.View[int32](b.out(p))[0], "control outputs say")
	}
	return int(first)
}

func TestConfidence(t *testing.T) {
	nan := float32(math.NaN())
	for _, tc := range []struct {
		threshold any
		in        []float32
		want      int
	}{
		{nil, []float32{.05, .9, .05}, 0}, {nil, []float32{.11, .89, 0}, 1}, {.5, []float32{.2, .3, .5}, 0},
		{1, []float32{0, 1, 0}, 0}, {1.5, []float32{0, 1, 0}, 1}, {0, []float32{.4, .3, .3}, 0},
		{.5, []float32{nan, nan, nan}, 1},
	} {
		s := kernel.Spec{In: ports(t, "float32[1,3]"), Out: append(control(2), ports(t, "float32[1,3]")...)}
		if tc.threshold != nil {
			s.Params = map[string]any{"threshold": tc.threshold}
		}
		b := newBench(t, "confidence", s)
		copy(b.in(0).Float32(), tc.in)
		assert.Equal(t, tc.want, atr(t, b, 2), "threshold %v, probabilities %v: atr", tc.threshold, tc.in)
		assert.Equal(t, b.in(0).Data, b.out(2).Data, "the probabilities %v were handed on as %v", tc.in, b.out(2).Float32())
		noAllocations(t, b)
	}
	in := ports(t, "float32[1,3]")
	refused(t, "confidence", kernel.Spec{In: in, Out: in}, kernel.ErrPort, "no out port is a control port")
	refused(t, "confidence", kernel.Spec{In: in, Out: append(control(1), ports(t, "float32[1,4]")...)}, kernel.ErrPort,
		"expected float32[1,3]")
	refused(
		t,
		"confidence",
		kernel.Spec{In: ports(t, "float32[3]"), Out: control(1)},
		kernel.ErrPort,
		"expected float32[1,n]",
	)
	refused(t, "confidence", kernel.Spec{In: in, Out: control(1), Params: map[string]any{"threshold": 3}}, kernel.ErrParam,
		"from 0 to 2")
}

func newWatch(t testing.TB, params map[string]any) *bench {
	t.Helper()
	return newBench(t, "motion", kernel.Spec{
		In: ports(t, "uint8[10,14,3]"), Out: append(control(2), ports(t, "uint8[10,14,3]")...), Params: params,
	})
}

// shade fills a frame with a grey, but for a patch at the right bottom.
func shade(b *bench, grey, patch byte) {
	for i := range b.in(0).Data {
		b.in(0).Data[i] = grey
		if y, x := i/42, i%42/3; y >= 8 && x >= 12 {
			b.in(0).Data[i] = patch
		}
	}
}

func TestMotion(t *testing.T) {
	type frame struct {
		grey, patch byte
		want        int
	}
	for _, tc := range []struct {
		name   string
		params map[string]any
		frames []frame
	}{
		{"first, then what moves", nil, []frame{{0, 0, 1}, {0, 0, 0}, {2, 2, 0}, {3, 3, 1}, {3, 3, 0}, {0, 0, 1}}},
		{"slow motion adds up", nil, []frame{
			{10, 10, 1}, {11, 11, 0}, {12, 12, 0}, {13, 13, 1}, {14, 14, 0}, {15, 15, 0}, {16, 16, 1},
		}},
		// 4 of 140 pixels by 70 levels are 2 on average.
		{"squares at the border count by their pixels", map[string]any{"block": 8},
			[]frame{{0, 0, 1}, {0, 70, 0}, {0, 71, 1}}},
		{"a block larger than the frame", map[string]any{"block": 128}, []frame{{0, 0, 1}, {0, 70, 0}, {0, 71, 1}}},
		{"refresh", map[string]any{"refresh": 3},
			[]frame{{0, 0, 1}, {0, 0, 0}, {0, 0, 0}, {0, 0, 1}, {9, 9, 1}, {9, 9, 0}, {9, 9, 0}, {9, 9, 1}}},
		{"refresh in every frame", map[string]any{"refresh": 1}, []frame{{0, 0, 1}, {0, 0, 1}, {0, 0, 1}}},
		{"a threshold of 0 sees every change", map[string]any{"threshold": 0},
			[]frame{{0, 0, 1}, {0, 0, 0}, {0, 1, 1}, {0, 1, 0}}},
		{"nothing exceeds 255", map[string]any{"threshold": 255}, []frame{{0, 0, 1}, {255, 255, 0}}},
	} {
		b := newWatch(t, tc.params)
		for n, f := range tc.frames {
			shade(b, f.grey, f.patch)
			assert.Equal(t, f.want, atr(t, b, 2), "%s: frame %d: atr", tc.name, n)
			assert.Equal(t, b.in(0).Data, b.out(2).Data, "%s: frame %d was handed on otherwise", tc.name, n)
		}
		noAllocations(t, b)
	}
	b := newWatch(t, map[string]any{"refresh": 0})
	for n := range 1500 {
		got := atr(t, b, 2)
		if got != 0 {
			require.LessOrEqual(t, n, 0, "frame %d: atr %d of a still picture that is never refreshed", n, got)
		}
	}
	in := ports(t, "uint8[10,14,3]")
	refused(t, "motion", kernel.Spec{In: in}, kernel.ErrPort, "no out port is a control port")
	refused(
		t,
		"motion",
		kernel.Spec{In: ports(t, "float32[10,14,3]"), Out: control(1)},
		kernel.ErrPort,
		"expected uint8[h,w,3]",
	)
	refused(
		t,
		"motion",
		kernel.Spec{In: in, Out: control(1), Params: map[string]any{"block": 0}},
		kernel.ErrParam,
		"from 1 to 128",
	)
}

// On the clip whose camera pauses, the frames in which it moves are analysed,
// the noise is not.
func TestMotionOnClip(t *testing.T) {
	show := newBench(t, "image-folder",
		kernel.Spec{Out: ports(t, "uint8[300,300,3]"), Params: map[string]any{"folder": dataset(t, "face-clip-still")}})
	b := newBench(t, "motion", kernel.Spec{In: ports(t, "uint8[300,300,3]"), Out: []graph.Port{control(1)[0]}})
	join(show, b)
	analysed := 0
	for range 120 {
		show.fire(t)
		analysed += atr(t, b, 1)
	}
	assert.GreaterOrEqual(t, analysed, 40, "%d of 120 frames analysed, the camera moves in 48", analysed)
	assert.LessOrEqual(t, analysed, 56, "%d of 120 frames analysed, the camera moves in 48", analysed)
}
