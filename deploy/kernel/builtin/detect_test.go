package builtin

import (
	"math"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/ssd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const side = 300

// newDecoder returns "ssd-decode" for the 1917 anchors of a 300-pixel input,
// with all logits of the face class far below any threshold.
func newDecoder(t testing.TB, rows string, params map[string]any) *bench {
	t.Helper()
	b := newBench(t, "ssd-decode",
		kernel.Spec{In: ports(t, "float32[1,1917,4]", "float32[1,1917,3]"), Out: ports(t, rows), Params: params})
	classes := b.in(1).Float32()
	for i := range classes {
		classes[i] = -20
	}
	return b
}

func TestSSDDecode(t *testing.T) {
	b := newDecoder(t, "float32[3,5]", map[string]any{"input_size": side, "threshold": .25})
	classes, anchors := b.in(1).Float32(), ssd.Anchors(side)
	for anchor, score := range map[int]float64{1000: .5, 1500: .75, 700: .3, 20: .2} {
		classes[3*anchor+1] = float32(math.Log(score / (1 - score)))
		classes[3*anchor+2] = 9 // another class must not count
	}
	b.fire(t)
	want := slices.Concat([]float32{.75}, corners(anchors[1500]), []float32{.5}, corners(anchors[1000]), []float32{.3},
		corners(anchors[700]))
	near(t, b.out(0).Float32(), want)

	// Fewer detections than rows, where there were more before.
	classes[3*1000+1], classes[3*700+1] = -20, -20
	b.fire(t)
	near(t, b.out(0).Float32(), append(want[:5:5], make([]float32, 10)...))
	noAllocations(t, b)

	// More detections than rows: the lowest scores go.
	b = newDecoder(t, "float32[1,5]", map[string]any{"input_size": uint64(side)})
	classes = b.in(1).Float32()
	classes[3*5+1], classes[3*1800+1], classes[3*900+1] = 1, 3, 2
	b.fire(t)
	near(t, b.out(0).Float32(), append([]float32{float32(1 / (1 + math.Exp(-3)))}, corners(anchors[1800])...))
}

// corners gives an anchor in pixels, clipped to the input.
func corners(a ssd.Anchor) []float32 {
	clip := func(v float32) float32 { return side * min(max(v, 0), 1) }
	return []float32{clip(a.CenterX - a.Width/2), clip(a.CenterY - a.Height/2), clip(a.CenterX + a.Width/2),
		clip(a.CenterY + a.Height/2)}
}

func near(t *testing.T, got, want []float32) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range got {
		require.LessOrEqual(t, math.Abs(float64(got[i]-want[i])), 1e-4*max(1, math.Abs(float64(want[i]))), "value %d", i)
	}
}

func TestSSDDecodeRefuses(t *testing.T) {
	in, out := ports(t, "float32[1,1917,4]", "float32[1,1917,3]"), ports(t, "float32[10,5]")
	size := map[string]any{"input_size": side}
	refused(t, "ssd-decode", kernel.Spec{In: in, Out: out}, kernel.ErrParam, "input_size is missing")
	refused(t, "ssd-decode", kernel.Spec{In: in, Out: out, Params: map[string]any{"input_size": 512}}, kernel.ErrPort,
		"expected float32[1,5118,4]")
	refused(
		t,
		"ssd-decode",
		kernel.Spec{In: in, Out: ports(t, "float32[10,6]"), Params: size},
		kernel.ErrPort,
		"expected float32[n,5]",
	)
	refused(t, "ssd-decode", kernel.Spec{In: in[:1], Out: out, Params: size}, kernel.ErrPort, "1 in ports given, it has 2")
}

func TestNMS(t *testing.T) {
	rows := []float32{
		.6, 0, 0, 10, 10,
		0, 0, 0, 0, 0,
		.9, 1, 0, 11, 10, // overlaps the first by 9/11
		.7, 50, 50, 60, 60,
		.5, 0, 5, 10, 10, // overlaps the first by 1/2 and the second by 45/105
	}
	for _, tc := range []struct {
		iou  any
		out  string
		want []float32
	}{
		{.5, "float32[5,5]", slices.Concat(rows[10:20], rows[20:25], make([]float32, 10))},
		{.4, "float32[5,5]", slices.Concat(rows[10:20], make([]float32, 15))},
		{1, "float32[5,5]", slices.Concat(rows[10:20], rows[0:5], rows[20:25], make([]float32, 5))},
		{1, "float32[2,5]", rows[10:20]},
	} {
		b := newBench(t, "nms", kernel.Spec{In: ports(t, "float32[5,5]"), Out: ports(t, tc.out),
			Params: map[string]any{"iou": tc.iou}})
		assert.Equal(t, tc.want, b.feed(t, rows...), "iou %v", tc.iou)
		noAllocations(t, b)
	}
	refused(
		t,
		"nms",
		kernel.Spec{In: ports(t, "float32[5,5]"), Out: ports(t, "float32[5,5]"), Params: map[string]any{"iou": 2}},
		kernel.ErrParam,
		"from 0 to 1",
	)
	refused(
		t,
		"nms",
		kernel.Spec{In: ports(t, "float32[5,5]"), Out: ports(t, "float32[5,6]")},
		kernel.ErrPort,
		"expected float32[n,5]",
	)
}
