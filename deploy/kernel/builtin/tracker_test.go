package builtin

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newTracking(t testing.TB, params map[string]any) *bench {
	t.Helper()
	return newBench(t, "tracker", kernel.Spec{In: ports(t, "float32[4,5]"), Out: ports(t, "float32[4,6]"), Params: params})
}

// at is a detection of a 10 x 10 box.
func at(x, y float32) []float32 { return []float32{.9, x, y, x + 10, y + 10} }

// ids feeds one frame and returns id and x1 of the used rows.
func ids(t testing.TB, b *bench, detections ...[]float32) [][2]int {
	t.Helper()
	out := b.feed(t, slices.Concat(detections...)...)
	var got [][2]int
	for ; len(out) > 0; out = out[6:] {
		if out[0] != 0 {
			got = append(got, [2]int{int(out[0]), int(out[2])})
		}
	}
	return got
}

func TestTracker(t *testing.T) {
	type frame struct {
		in   [][]float32
		want [][2]int
	}
	for _, tc := range []struct {
		name   string
		params map[string]any
		frames []frame
	}{
		{"ids follow motion, rows follow ids", nil, []frame{
			{[][]float32{at(0, 0), at(50, 0)}, [][2]int{{1, 0}, {2, 50}}},
			{[][]float32{at(52, 0), at(2, 0)}, [][2]int{{1, 2}, {2, 52}}},
			{[][]float32{at(90, 0), at(54, 0), at(4, 0)}, [][2]int{{1, 4}, {2, 54}, {3, 90}}},
		}},
		{"a track survives max_age frames", map[string]any{"max_age": 2}, []frame{
			{[][]float32{at(0, 0)}, [][2]int{{1, 0}}},
			{nil, nil}, {nil, nil},
			{[][]float32{at(1, 0)}, [][2]int{{1, 1}}},
			{nil, nil}, {nil, nil}, {nil, nil},
			{[][]float32{at(1, 0)}, [][2]int{{2, 1}}},
		}},
		{"max_age 0", map[string]any{"max_age": 0}, []frame{
			{[][]float32{at(0, 0)}, [][2]int{{1, 0}}},
			{[][]float32{at(0, 0)}, [][2]int{{1, 0}}},
			{nil, nil},
			{[][]float32{at(0, 0)}, [][2]int{{2, 0}}},
		}},
		{"min_hits withholds", map[string]any{"min_hits": 3}, []frame{
			{[][]float32{at(0, 0)}, nil}, {[][]float32{at(0, 0)}, nil},
			{[][]float32{at(0, 0)}, [][2]int{{1, 0}}},
		}},
		{"iou must be exceeded", map[string]any{"iou": .5}, []frame{
			{[][]float32{at(0, 0)}, [][2]int{{1, 0}}},
			{[][]float32{at(5, 0)}, [][2]int{{2, 5}}}, // overlaps by 1/3
			{[][]float32{at(8, 0)}, [][2]int{{2, 8}}}, // by 7/13
		}},
		{"the better pair first", nil, []frame{
			{[][]float32{at(0, 0), at(4, 0)}, [][2]int{{1, 0}, {2, 4}}},
			// 3 suits both; it is nearer to track 2, which leaves 0 to track 1.
			{[][]float32{at(3, 0), at(0, 0)}, [][2]int{{1, 0}, {2, 3}}},
		}},
		{"equal pairs: the older track, the earlier row", nil, []frame{
			{[][]float32{at(0, 0), at(4, 0)}, [][2]int{{1, 0}, {2, 4}}},
			{[][]float32{at(2, 0), at(2, 0)}, [][2]int{{1, 2}, {2, 2}}},
			{[][]float32{at(2, 0)}, [][2]int{{1, 2}}},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newTracking(t, tc.params)
			for n, f := range tc.frames {
				require.Equal(t, f.want, ids(t, b, f.in...), "frame %d: id and x1", n)
			}
		})
	}
}

func TestTrackerRows(t *testing.T) {
	b := newTracking(t, nil)
	got := b.feed(t, .75, 1, 2, 11, 12)
	assert.Equal(t, append([]float32{1, .75, 1, 2, 11, 12}, make([]float32, 18)...), got, "rows")
	few := newBench(t, "tracker", kernel.Spec{In: ports(t, "float32[4,5]"), Out: ports(t, "float32[1,6]")})
	if got := ids(t, few, at(0, 0), at(50, 0)); !slices.Equal(got, [][2]int{{1, 0}}) {
		t.Errorf("one row for two tracks: %v; want the older", got)
	}
	refused(t, "tracker", kernel.Spec{In: ports(t, "float32[4,5]"), Out: ports(t, "float32[4,5]")}, kernel.ErrPort,
		"expected float32[n,6]")
}

// Objects that jump about give the same rows in two trackers, ids that are
// unique and ascend, and once warm no allocation.
func TestTrackerIsDeterministic(t *testing.T) {
	a, b := newTracking(t, nil), newTracking(t, nil)
	r := rand.New(rand.NewPCG(3, 4))
	next := func() []float32 {
		var rows []float32
		for range r.IntN(5) {
			rows = append(rows, at(float32(r.IntN(40)), float32(r.IntN(8)))...)
		}
		return rows
	}
	for n := range 2000 {
		in := next()
		x, y := a.feed(t, in...), b.feed(t, in...)
		require.Equal(t, y, x, "frame %d", n)
		last := float32(0)
		for used := len(in) / 5; used > 0; used, x = used-1, x[6:] {
			require.Greater(t, x[0], last, "frame %d: id %v after", n, x[0])
			last = x[0]
		}
	}
	copy(a.in(0).Float32(), slices.Concat(at(0, 0), at(1, 0), at(30, 0), at(60, 0)))
	noAllocations(t, a)
}

// newPredicting returns a tracker at the exit of a dynamic part.
func newPredicting(t testing.TB, params map[string]any) *bench {
	t.Helper()
	in := append(variable(ports(t, "float32[4,5]")), control(1)...)
	return newBench(t, "tracker", kernel.Spec{In: in, Out: ports(t, "float32[4,6]"), Params: params})
}

func TestTrackerPredicts(t *testing.T) {
	for _, tc := range []struct {
		momentum any
		want     []float32 // x1 of track 1 by frame
	}{
		{1, []float32{0, 4, 8, 12, 13, 16, 19}},
		{0, []float32{0, 4, 4, 4, 13, 13, 13}},
		{.5, []float32{0, 4, 6, 7, 13, 14.5, 15.25}},
	} {
		b := newPredicting(t, map[string]any{"momentum": tc.momentum, "max_age": 0, "iou": 0})
		for n, x := range [][]float32{at(0, 0), at(4, 0), nil, nil, at(13, 0), nil, nil} {
			open(&b.f.In[0], 1)
			copy(b.in(0).Float32(), x)
			if x == nil {
				open(&b.f.In[0], 0)
			}
			b.fire(t)
			got := b.out(0).Float32()
			assert.Equal(t, float32(1), got[0], "momentum %v, frame %d: %v, want track 1 at %v alone", tc.momentum, n, got,
				tc.want[n])
			assert.Equal(t, tc.want[n], got[2], "momentum %v, frame %d: %v, want track 1 at %v alone", tc.momentum, n, got,
				tc.want[n])
			assert.Equal(t, tc.want[n]+10, got[4], "momentum %v, frame %d: %v, want track 1 at %v alone", tc.momentum, n, got,
				tc.want[n])
			assert.Equal(t, float32(0), got[6], "momentum %v, frame %d: %v, want track 1 at %v alone", tc.momentum, n, got,
				tc.want[n])
		}
		noAllocations(t, b)
	}
}

// A track that was missed at the last analysis isn't reported until it is seen
// again, and frames without analysis don't age it.
func TestTrackerPredictsOnlyWhatIsThere(t *testing.T) {
	b := newPredicting(t, map[string]any{"max_age": 1})
	for n, step := range []struct {
		x    float32 // of the detection; -1 for none, -2 for no analysis
		want int     // id
	}{{5, 1}, {-1, 0}, {-2, 0}, {-2, 0}, {5, 1}, {-1, 0}, {-1, 0}, {-2, 0}, {5, 2}} {
		open(&b.f.In[0], 1)
		clear(b.in(0).Float32())
		if step.x >= 0 {
			copy(b.in(0).Float32(), at(step.x, 0))
		}
		if step.x == -2 {
			open(&b.f.In[0], 0)
		}
		b.fire(t)
		assert.Equal(t, step.want, int(b.out(0).Float32()[0]), "frame %d: id", n)
	}
	in, out := variable(ports(t, "float32[4,5]")), ports(t, "float32[4,6]")
	refused(
		t,
		"tracker",
		kernel.Spec{In: append(in, control(2)...), Out: out},
		kernel.ErrPort,
		"2 control and 1 other in ports",
	)
	refused(
		t,
		"tracker",
		kernel.Spec{In: append(ports(t, "float32[4,5]"), control(1)...), Out: out},
		kernel.ErrPort,
		"expected 0 to 1",
	)
	refused(
		t,
		"tracker",
		kernel.Spec{In: ports(t, "float32[4,5]"), Out: out, Params: map[string]any{"momentum": 1}},
		kernel.ErrParam,
		`"momentum" is not a parameter`,
	)
}
