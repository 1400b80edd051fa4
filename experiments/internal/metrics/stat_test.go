package metrics

import (
	"slices"
	"testing"
)

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
