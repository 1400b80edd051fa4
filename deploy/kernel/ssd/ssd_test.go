package ssd

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"math"
	"testing"
)

func TestGridSizesAndAnchorCount(t *testing.T) {
	for _, tc := range []struct {
		size    int
		grids   [6]int
		anchors int
	}{
		{300, [6]int{19, 10, 5, 3, 2, 1}, 1917},
		{512, [6]int{32, 16, 8, 4, 2, 1}, 5118},
	} {
		assert.Equal(t, tc.grids, GridSizes(tc.size), "GridSizes(%d)", tc.size)
		got := len(Anchors(tc.size))
		assert.Equal(t, tc.anchors, got, "%d: %d anchors", tc.size, got)
	}
}

func TestAnchorsKeepTheirPixels(t *testing.T) {
	big, small := Anchors(512), Anchors(300)
	for _, i := range []int{0, 1, 2} {
		got, want := small[i].Height*300, big[i].Height*512
		assert.LessOrEqual(t, math.Abs(float64(got-want)), 1e-3, "anchor %d is %v pixels high at 300, %v at 512", i, got,
			want)
	}
	last := small[len(small)-6]
	assert.Equal(t, (Anchor{.5, .5, .95 * 512 / 300., .95 * 512 / 300.}), last, "first anchor of the last map")
	// Second cell of the first row: x moves before y, after the three anchors.
	a := big[3]
	assert.Equal(t, float32(.5/32), a.CenterY, "anchor 3 is at")
	assert.Equal(t, float32(1.5/32), a.CenterX, "anchor 3 is at")
}

func logit(p float64) float32 { return float32(math.Log(p / (1 - p))) }

func TestDecode(t *testing.T) {
	anchors := []Anchor{{.5, .5, .2, .4}, {.5, .5, .2, .4}, {.1, .9, .4, .4}, {.5, .5, .2, .2}}
	boxes := []float32{
		0, 0, 0, 0,
		1, -1, 5 * float32(math.Ln2), 0, // centre +.02, -.04; twice as high
		0, 0, 0, 0, // reaches over the border
		0, 0, 0, 0,
	}
	logits := []float32{9, logit(.8), 9, 0, logit(.9), 0, 0, logit(.6), 0, 9, logit(.5), 9}
	got, err := Decode(nil, boxes, logits, anchors, .5)
	require.NoError(t, err)
	want := []Box{{.3, .4, .7, .6, .8}, {.26, .32, .66, .72, .9}, {.7, 0, 1, .3, .6}}
	require.Len(t, got, len(want), "Decode")
	for i := range want {
		g, w := got[i], want[i]
		for _, d := range []float32{g.X1 - w.X1, g.Y1 - w.Y1, g.X2 - w.X2, g.Y2 - w.Y2, g.Score - w.Score} {
			assert.LessOrEqual(t, math.Abs(float64(d)), 1e-6, "box %d = %v, want %v", i, g, w)
		}
	}
}

func TestDecodeThresholds(t *testing.T) {
	anchors := make([]Anchor, 3)
	logits := []float32{0, -50, 0, 0, 0, 0, 0, 50, 0}
	for threshold, want := range map[float32]int{0: 3, .5: 1, .4: 2, 1: 0} {
		got, err := Decode(nil, make([]float32, 12), logits, anchors, threshold)
		require.NoError(t, err, "threshold %v: %d boxes", threshold, len(got))
		assert.Len(t, got, want, "threshold %v: %d boxes", threshold, len(got))
	}
	nan := float32(math.NaN())
	got, _ := Decode(nil, make([]float32, 12), []float32{0, nan, 0, 0, nan, 0, 0, nan, 0}, anchors, .5)
	assert.Empty(t, got, "scores that are no number")
}

func TestDecodeErrors(t *testing.T) {
	anchors := Anchors(300)
	for _, tc := range []struct{ boxes, logits int }{{4 * 1917, 3*1917 - 1}, {4*1917 + 4, 3 * 1917}, {0, 0}} {
		_, err := Decode(nil, make([]float32, tc.boxes), make([]float32, tc.logits), anchors, .5)
		assert.ErrorIs(t, err, ErrOutputs, "%v: %v, want ErrOutputs", tc, err)
	}
}

func TestNMS(t *testing.T) {
	a := Box{0, 0, .4, .4, .9}
	nearA := Box{.05, 0, .45, .4, .8} // IoU 7/9 with a
	nearNear := Box{.15, 0, .55, .4, .7}
	far := Box{.6, .6, 1, 1, .95}
	for _, tc := range []struct {
		name     string
		in, want []Box
	}{
		{"none", nil, nil},
		{"best of overlapping ones", []Box{nearA, a, far}, []Box{far, a}},
		{"a dropped box drops no other", []Box{nearNear, nearA, a}, []Box{a, nearNear}},
		{"equal scores keep the first", []Box{{0, 0, .4, .4, .9}, {.01, 0, .4, .4, .9}}, []Box{{0, 0, .4, .4, .9}}},
	} {
		got := NMS(append([]Box(nil), tc.in...), .5)
		require.Len(t, got, len(tc.want), tc.name)
		if len(got) > 0 {
			assert.Equal(t, tc.want, got, tc.name)
		}
	}
}

func TestIoU(t *testing.T) {
	a := Box{0, 0, .4, .4, 0}
	for _, tc := range []struct {
		b    Box
		want float64
	}{
		{a, 1}, {Box{.2, 0, .6, .4, 0}, 1. / 3}, {Box{.4, 0, .8, .4, 0}, 0}, {Box{.5, .5, 1, 1, 0}, 0},
		{Box{.1, .1, .3, .3, 0}, .25},
	} {
		assert.LessOrEqual(t, math.Abs(float64(IoU(a, tc.b))-tc.want), 1e-6, "IoU(%v)", tc.b)
		assert.Equal(t, IoU(tc.b, a), IoU(a, tc.b), "IoU(%v) depends on the order", tc.b)
	}
	got := IoU(Box{}, Box{})
	assert.Equal(t, float32(0), got, "IoU of empty boxes = %v, want 0", got)
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	anchors := Anchors(300)
	boxes, logits := make([]float32, 4*len(anchors)), make([]float32, 3*len(anchors))
	for i := range 50 {
		logits[3*(i*37)+1] = float32(i)
	}
	dst := make([]Box, 0, 64)
	n := testing.AllocsPerRun(20, func() {
		var err error
		// An assertion would allocate.
		if dst, err = Decode(dst, boxes, logits, anchors, .5); err != nil || len(NMS(dst, .5)) == 0 {
			t.Fatalf("nothing found (%v)", err)
		}
	})
	assert.Equal(t, 0.0, n, "%v allocations per frame, want 0", n)
}
