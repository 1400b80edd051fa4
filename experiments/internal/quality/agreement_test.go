package quality

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAgreement(t *testing.T) {
	box := func(id, x float32) []float32 { return []float32{id, .9, x, 0, x + 10, 10} }
	run := func(frames ...[]float32) (r []trace.Result) {
		for n, v := range frames {
			r = append(r, trace.Result{Frame: int64(n), Values: v})
		}
		return r
	}
	for _, tc := range []struct {
		kind      string
		want, got []trace.Result
		f1        float64
	}{
		{"tracking", run(box(1, 0), box(1, 5)), run(box(7, 0), box(8, 5)), 1}, // identities don't matter
		{"tracking", run(box(1, 0), box(1, 5)), run(box(7, 1), nil), 2. / 3},
		{"tracking", run(box(1, 0)), run(box(1, 9)), 0},
		{"tracking", run(nil), run(nil), 1},
		{"classification", run([]float32{0, 1}, []float32{1, 0}), run([]float32{.4, .6}, []float32{.4, .6}), .5},
	} {
		f1, err := Agreement(tc.kind, tc.want, tc.got)
		require.NoError(t, err, tc.kind)
		assert.GreaterOrEqual(t, f1, tc.f1-1e-9, tc.kind)
		assert.LessOrEqual(t, f1, tc.f1+1e-9, tc.kind)
	}
	for _, kind := range []string{"tracking", "classification"} {
		bad := run([]float32{1})
		if kind == "classification" {
			bad = run(nil)
		}
		for _, pair := range [][2][]trace.Result{
			{bad, run(box(1, 0))}, {run(box(1, 0)), bad}, {run(box(1, 0)), run(box(1, 0), box(1, 0))},
		} {
			_, err := Agreement(kind, pair[0], pair[1])
			assert.Error(t, err, "%s: no error of %v against %v", kind, pair[1], pair[0])
		}
	}
}
