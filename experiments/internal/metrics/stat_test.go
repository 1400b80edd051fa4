package metrics

import (
	"slices"
	"testing"
)

func TestMedianInterval(t *testing.T) {
	// Ranks from the table of the sign test.
	for _, c := range []struct{ n, lo, hi int }{
		{0, 0, 0}, {1, 0, 0}, {5, 0, 0}, {6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {20, 6, 15}, {40, 14, 27}, {100, 40, 61}, {2000, 956, 1045},
	} {
		s := make([]float64, c.n)
		for i := range s {
			s[i] = float64(i + 1)
		}
		lo, hi, ok := MedianInterval(s)
		if lo != float64(c.lo) || hi != float64(c.hi) || ok != (c.lo > 0) {
			t.Errorf("n = %d: got %v to %v (%v), want %d to %d", c.n, lo, hi, ok, c.lo, c.hi)
		}
	}
}

func TestDescribe(t *testing.T) {
	in := []float64{5, 1, 4, 2, 3, 6}
	keep := slices.Clone(in)
	st := Describe(in, "why")
	if st.Median != 3.5 || st.Low != 1 || st.High != 6 || st.P95 != 6 || st.P99 != 6 || st.Min != 1 || st.Max != 6 || st.N != 6 || st.Stop != "why" {
		t.Errorf("got %+v", st)
	}
	if !slices.Equal(in, keep) {
		t.Error("Describe must leave its samples as they are")
	}
	if st := Describe([]float64{2, 1, 9}, ""); st.Median != 2 || st.Low != 1 || st.High != 9 {
		t.Errorf("too few for an interval: got %+v, want the range", st)
	}
	if st := Describe(nil, "none"); st.N != 0 || st.Stop != "none" {
		t.Errorf("got %+v", st)
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	if st := Describe(hundred, ""); st.Median != 50.5 || st.P95 != 95 || st.P99 != 99 {
		t.Errorf("got %+v", st)
	}
}

func TestPrecise(t *testing.T) {
	if precise([]float64{1, 1, 1, 1, 1}, 0.02) {
		t.Error("five samples have no interval")
	}
	if !precise([]float64{99, 100, 100, 100, 100, 101}, 0.02) {
		t.Error("a half-width of 1 % is within 2 %")
	}
	if precise([]float64{95, 100, 100, 100, 100, 101}, 0.02) {
		t.Error("a half-width of 3 % is not within 2 %")
	}
}
