package quality

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
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
		if f1, err := Agreement(tc.kind, tc.want, tc.got); err != nil || f1 < tc.f1-1e-9 || f1 > tc.f1+1e-9 {
			t.Errorf("%s: %v, %v; want %v", tc.kind, f1, err, tc.f1)
		}
	}
	for _, kind := range []string{"tracking", "classification"} {
		bad := run([]float32{1})
		if kind == "classification" {
			bad = run(nil)
		}
		for _, pair := range [][2][]trace.Result{{bad, run(box(1, 0))}, {run(box(1, 0)), bad}, {run(box(1, 0)), run(box(1, 0), box(1, 0))}} {
			if _, err := Agreement(kind, pair[0], pair[1]); err == nil {
				t.Errorf("%s: no error of %v against %v", kind, pair[1], pair[0])
			}
		}
	}
}
