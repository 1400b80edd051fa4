package builtin

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSoftmax(t *testing.T) {
	b := newBench(t, "softmax", kernel.Spec{In: ports(t, "float32[1,3]"), Out: ports(t, "float32[1,3]")})
	third := float32(1.0 / 3)
	for _, tc := range []struct{ in, want []float32 }{
		{[]float32{0, 0, 0}, []float32{third, third, third}},
		{[]float32{1e30, 0, -1e30}, []float32{1, 0, 0}},
		{[]float32{1000, 1000 + float32(math.Log(3)), -1000}, []float32{.25, .75, 0}},
	} {
		got := b.feed(t, tc.in...)
		for i := range got {
			assert.LessOrEqual(t, math.Abs(float64(got[i]-tc.want[i])), 1e-4, "softmax(%v)", tc.in)
		}
	}
	noAllocations(t, b)
	newBench(t, "softmax", kernel.Spec{In: ports(t, "float32[1,0]"), Out: ports(t, "float32[1,0]")}).fire(t)
}

func TestTopK(t *testing.T) {
	b := newBench(t, "top-k", kernel.Spec{
		In: ports(t, "float32[1,5]"), Out: ports(t, "float32[3,2]"), Params: map[string]any{"k": 3},
	})
	for _, tc := range []struct{ in, want []float32 }{
		{[]float32{.1, .4, .2, .25, .05}, []float32{1, .4, 3, .25, 2, .2}},
		{[]float32{.5, .4, .3, .2, .1}, []float32{0, .5, 1, .4, 2, .3}},
		{[]float32{.1, .2, .3, .4, .5}, []float32{4, .5, 3, .4, 2, .3}},
		{[]float32{.2, .2, .2, .2, .2}, []float32{0, .2, 1, .2, 2, .2}},
		{[]float32{-3, -1, -2, -5, -4}, []float32{1, -1, 2, -2, 0, -3}},
	} {
		assert.Equal(t, tc.want, b.feed(t, tc.in...), "top 3 of %v", tc.in)
	}
	noAllocations(t, b)
	in := ports(t, "float32[1,5]")
	refused(t, "top-k", kernel.Spec{In: in, Out: ports(t, "float32[3,2]"), Params: map[string]any{"k": 2}}, kernel.ErrPort,
		"the 2 largest of 5 values; the out port carries 3")
	refused(t, "top-k", kernel.Spec{In: in, Out: ports(t, "float32[6,2]")}, kernel.ErrPort, "the 6 largest of 5 values")
	refused(
		t,
		"top-k",
		kernel.Spec{In: in, Out: ports(t, "float32[3,2]"), Params: map[string]any{"k": 9}},
		kernel.ErrParam,
		"from 1 to 5",
	)
}

func TestSink(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		fill     func(*kernel.Token)
		want     []float32
	}{
		{"a table's used rows", "float32[3,2]", func(t *kernel.Token) { copy(t.Float32(), []float32{0, 0, 0, 5}) },
			[]float32{0, 0, 0, 5}},
		{"a full table", "float32[2,2]", func(t *kernel.Token) { copy(t.Float32(), []float32{1, 2, 3, 4}) },
			[]float32{1, 2, 3, 4}},
		{"an empty table", "float32[3,2]", func(t *kernel.Token) {}, []float32{}},
		{"a table without columns", "float32[3,0]", func(t *kernel.Token) {}, []float32{}},
		{"a vector", "float32[3]", func(t *kernel.Token) { t.Float32()[0] = 1 }, []float32{1, 0, 0}},
		{"a feature map", "float32[1,2,1,2]", func(t *kernel.Token) {}, []float32{0, 0, 0, 0}},
		{"bytes", "bytes[100]", func(t *kernel.Token) { t.Len = 70 }, []float32{70}},
		{"a picture", "uint8[2,3,3]", func(t *kernel.Token) {}, []float32{18}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []trace.Result
			b := newBench(t, "sink", kernel.Spec{Instance: "cam1", In: ports(t, tc.in), Out: ports(t, "uint8[1]"),
				Record: func(r trace.Result) { got = append(got, r) }})
			b.f.Frame = 4
			tc.fill(b.in(0))
			b.fire(t)
			clear(b.in(0).Data) // the result must not share the token's memory
			want := []trace.Result{{Instance: "cam1", Frame: 4, Values: tc.want}}
			assert.Equal(t, want, got, "recorded")
		})
	}
	var got []trace.Result
	b := newBench(t, "sink", kernel.Spec{
		In: ports(t, "float32[1,2,2]", "int64[3]", "float32[2,2]"), Params: map[string]any{"record": "summary"},
		Record: func(r trace.Result) { got = append(got, r) }})
	copy(b.in(0).Float32(), []float32{1, 2, 3, -2})
	b.fire(t)
	want := []float32{1, -2, 3, 24, 0, 0, 0}
	require.Len(t, got, 1, "summary of three ports")
	assert.Equal(t, want, got[0].Values, "summary of three ports")
	record := func(trace.Result) {}
	refused(
		t,
		"sink",
		kernel.Spec{In: ports(t, "uint8[1]"), Record: record, Params: map[string]any{"record": "all"}},
		kernel.ErrParam,
		"values or summary",
	)
	refused(t, "sink", kernel.Spec{In: ports(t, "uint8[1]")}, kernel.ErrPort, "nothing to record results with")
	refused(t, "sink", kernel.Spec{Record: record}, kernel.ErrPort, "0 in ports given, it has 1")
	refused(t, "sink", kernel.Spec{In: ports(t, "uint8[1]"), Out: ports(t, "uint8[2]"), Record: record}, kernel.ErrPort,
		"expected uint8[1]")
}
