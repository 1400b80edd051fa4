package quality

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// at is a 10 x 10 box at x.
func at(id int, x float64) Box { return Box{ID: id, X1: x, Y1: 0, X2: x + 10, Y2: 10} }

func clip(frames ...[]Box) []Frame {
	list := make([]Frame, len(frames))
	for i, b := range frames {
		list[i] = Frame{Index: int64(i), Boxes: b}
	}
	return list
}

func TestTracks(t *testing.T) {
	two := clip([]Box{at(1, 0), at(2, 100)}, []Box{at(1, 0), at(2, 100)}, []Box{at(1, 0), at(2, 100)},
		[]Box{at(1, 0), at(2, 100)})
	for _, c := range []struct {
		name   string
		truth  []Frame
		tracks []Frame
		want   Score
	}{
		{"perfect, other names", two,
			clip([]Box{at(7, 1), at(8, 100)}, []Box{at(8, 100), at(7, 0)}, []Box{at(7, 0), at(8, 99)},
				[]Box{at(7, 0), at(8, 100)}),
			Score{MOTA: 1, IDF1: 1, Truth: 8, Tracked: 8, IDMatches: 8}},
		{"nothing tracked", two, clip(nil, nil, nil, nil), Score{Truth: 8, Misses: 8}},
		{"one miss, one false positive", two,
			clip([]Box{at(7, 0), at(8, 100)}, []Box{at(7, 0)}, []Box{at(7, 0), at(8, 100), at(9, 50)},
				[]Box{at(7, 0), at(8, 100)}),
			Score{MOTA: 0.75, IDF1: 2 * 7.0 / 16, Truth: 8, Tracked: 8, Misses: 1, FalsePositives: 1, IDMatches: 7}},
		// Object 1 is track 7 for one frame and track 9 for three.
		{"a switch", two,
			clip([]Box{at(7, 0), at(8, 100)}, []Box{at(9, 0), at(8, 100)}, []Box{at(9, 0), at(8, 100)},
				[]Box{at(9, 0), at(8, 100)}),
			Score{MOTA: 1 - 1.0/8, IDF1: 2 * 7.0 / 16, Truth: 8, Tracked: 8, Switches: 1, IDMatches: 7}},
		// A gap and then another track is a switch as well, beside the miss.
		{"a switch over a gap", two,
			clip([]Box{at(7, 0), at(8, 100)}, []Box{at(8, 100)}, []Box{at(9, 0), at(8, 100)}, []Box{at(9, 0), at(8, 100)}),
			Score{MOTA: 1 - 2.0/8, IDF1: 2 * 6.0 / 15, Truth: 8, Tracked: 7, Misses: 1, Switches: 1, IDMatches: 6}},
		{"identities swapped half way", two,
			clip([]Box{at(7, 0), at(8, 100)}, []Box{at(7, 0), at(8, 100)}, []Box{at(8, 0), at(7, 100)},
				[]Box{at(8, 0), at(7, 100)}),
			Score{MOTA: 1 - 2.0/8, IDF1: 0.5, Truth: 8, Tracked: 8, Switches: 2, IDMatches: 4}},
		// An overlap of 5 of 10 is 50 of 150: both a miss and a false positive.
		{"too little overlap", clip([]Box{at(1, 0)}), clip([]Box{at(7, 5)}),
			Score{MOTA: -1, Truth: 1, Tracked: 1, Misses: 1, FalsePositives: 1}},
		// The old pair is kept although track 9 lies better on the object.
		{"a kept pair", clip([]Box{at(1, 0)}, []Box{at(1, 0)}), clip([]Box{at(7, 0)}, []Box{at(7, 2), at(9, 0)}),
			Score{MOTA: 0.5, IDF1: 2 * 2.0 / 5, Truth: 2, Tracked: 3, FalsePositives: 1, IDMatches: 2}},
		// Object 1 overlaps both tracks, object 2 track 7 only: both get one.
		{"most pairs first", clip([]Box{at(1, 0), at(2, -3)}), clip([]Box{at(7, -0.5), at(8, 3)}),
			Score{MOTA: 1, IDF1: 1, Truth: 2, Tracked: 2, IDMatches: 2}},
	} {
		got, err := Tracks(c.truth, c.tracks)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		assert.LessOrEqual(t, math.Abs(got.MOTA-c.want.MOTA), 1e-12, "%s: MOTA %v, IDF1", c.name, got.MOTA)
		assert.LessOrEqual(t, math.Abs(got.IDF1-c.want.IDF1), 1e-12, "%s: MOTA %v, IDF1", c.name, got.MOTA)
		got.MOTA, got.IDF1 = c.want.MOTA, c.want.IDF1
		assert.Equal(t, c.want, got, c.name)
	}
}

func TestTracksErrors(t *testing.T) {
	one := clip([]Box{at(1, 0)})
	for _, c := range []struct {
		name          string
		truth, tracks []Frame
		text          string
	}{
		{"a lost frame", one, nil, "0 frames tracked, 1 expected"},
		{"another frame", one, []Frame{{Index: 3}}, "frame 3 tracked, 0 expected"},
		{"a track twice", one, clip([]Box{at(7, 0), at(7, 50)}), "track 7 twice"},
		{"an object twice", clip([]Box{at(1, 0), at(1, 50)}), clip(nil), "object 1 twice"},
		{"no true box", clip(nil), clip(nil), "no true box"},
	} {
		_, err := Tracks(c.truth, c.tracks)
		require.ErrorIs(t, err, ErrFrames, c.name)
		assert.Contains(t, err.Error(), c.text, c.name)
	}
}

// cheapest tries all assignments.
func cheapest(cost [][]float64, row int, taken []bool) float64 {
	if row == len(cost) {
		return 0
	}
	best := math.Inf(1)
	for j := range cost {
		if !taken[j] {
			taken[j] = true
			best = min(best, cost[row][j]+cheapest(cost, row+1, taken))
			taken[j] = false
		}
	}
	return best
}

func TestAssignIsCheapest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 6).Draw(t, "rows"), rapid.IntRange(0, 6).Draw(t, "cols")
		cost := matrix(rows, cols, func(i, j int) float64 { return float64(rapid.IntRange(-20, 20).Draw(t, "cost")) })
		total, used := 0.0, map[int]bool{}
		for i, j := range assign(cost) {
			total += cost[i][j]
			used[j] = true
		}
		require.Len(t, used, len(cost), "columns used twice")
		require.Equal(t, cheapest(cost, 0, make([]bool, len(cost))), total, "cost")
	})
}

func TestIoU(t *testing.T) {
	for _, c := range []struct {
		a, b Box
		want float64
	}{
		{at(1, 0), at(2, 0), 1},
		{at(1, 0), at(2, 5), 50.0 / 150},
		{at(1, 0), at(2, 10), 0},
		{Box{}, Box{}, 0},
	} {
		assert.LessOrEqual(t, math.Abs(IoU(c.a, c.b)-c.want), 1e-12, "IoU(%v, %v)", c.a, c.b)
	}
}

func TestAccuracy(t *testing.T) {
	got, err := Accuracy([]int{0, 1, 2, 3}, []int{0, 1, 3, -1})
	require.NoError(t, err)
	assert.Equal(t, 0.5, got)
	for _, c := range [][2][]int{{nil, nil}, {{1}, nil}} {
		_, err := Accuracy(c[0], c[1])
		assert.ErrorIs(t, err, ErrFrames, "%v: got %v, want ErrFrames", c, err)
	}
}

func TestReadTruth(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truth.json")
	good := `{"width":300,"height":200,"fps":10,"seed":7,"frames":[` +
		`{"index":0,"faces":[{"id":3,"x1":1,"y1":2,"x2":4,"y2":6.5}]},{"index":1,"faces":[]}]}`
	require.NoError(t, os.WriteFile(path, []byte(good), 0o644))
	got, err := ReadTruth(path)
	require.NoError(t, err)
	assert.Equal(t, 300, got.Width)
	assert.Equal(t, 200, got.Height)
	assert.Equal(t, 10.0, got.FPS)
	assert.EqualValues(t, 7, got.Seed)
	require.Len(t, got.Frames, 2)
	assert.Equal(t, (Box{3, 1, 2, 4, 6.5}), got.Frames[0].Boxes[0])
	_, err = ReadTruth(path + "x")
	require.ErrorIs(t, err, os.ErrNotExist, "missing file")
	assert.Contains(t, err.Error(), "datasets get", "missing file")
	for text, bad := range map[string]string{
		"unexpected end": `{"width":`,
		"0 frames":       `{"width":300,"height":200}`,
		"place 0":        strings.Replace(good, `"index":0`, `"index":4`, 1),
		"face 3":         strings.Replace(good, `"x2":4`, `"x2":1`, 1),
	} {
		require.NoError(t, os.WriteFile(path, []byte(bad), 0o644))
		_, err := ReadTruth(path)
		require.ErrorIs(t, err, ErrTruth)
		assert.Contains(t, err.Error(), text)
		assert.Contains(t, err.Error(), path)
	}
}

func TestF1(t *testing.T) {
	for _, c := range []struct {
		name           string
		reference, got []Frame
		want           float64
	}{
		{"other identities", clip([]Box{at(1, 0), at(2, 100)}, nil), clip([]Box{at(8, 101), at(9, 0)}, nil), 1},
		{"one lost", clip([]Box{at(1, 0), at(2, 100)}), clip([]Box{at(1, 0)}), 2. / 3},
		{"one too many", clip([]Box{at(1, 0)}), clip([]Box{at(1, 0), at(2, 50)}), 2. / 3},
		{"two boxes on one", clip([]Box{at(1, 0)}), clip([]Box{at(1, 0), at(2, 1)}), 2. / 3},
		{"too little overlap", clip([]Box{at(1, 0)}), clip([]Box{at(1, 5)}), 0},
		{"no boxes", clip(nil), clip(nil), 1},
	} {
		got, err := F1(c.reference, c.got)
		require.NoError(t, err, c.name)
		assert.LessOrEqual(t, math.Abs(got-c.want), 1e-12, c.name)
	}
	_, err := F1(clip(nil, nil), clip(nil))
	assert.ErrorIs(t, err, ErrFrames, "frames missing")
}
