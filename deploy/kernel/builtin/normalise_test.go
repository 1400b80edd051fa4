package builtin

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
)

func TestNormalise(t *testing.T) {
	for _, tc := range []struct {
		name    string
		in, out string
		params  map[string]any
		rgb     []byte
		want    []float32
	}{
		{"equal sizes", "uint8[1,2,3]", "float32[1,3,1,2]", nil,
			[]byte{0, 51, 255, 255, 102, 0}, []float32{-1, 1, -.6, -.2, 1, -1}},
		{"one mean, one scale", "uint8[1,1,3]", "float32[1,3,1,1]", map[string]any{"mean": 0, "scale": 255},
			[]byte{0, 51, 255}, []float32{0, .2, 1}},
		{"by channel", "uint8[1,1,3]", "float32[1,3,1,1]",
			map[string]any{"mean": []any{10, 20.0, int64(30)}, "scale": []any{1, 2, -1}},
			[]byte{10, 30, 20}, []float32{0, 5, 10}},
		{"blue first", "uint8[1,1,3]", "float32[1,3,1,1]",
			map[string]any{"mean": []any{10, 20, 30}, "scale": 1, "order": "bgr"},
			[]byte{10, 21, 32}, []float32{2, 1, 0}},
		{"wide picture: black below", "uint8[1,2,3]", "float32[1,3,2,2]", map[string]any{"mean": 5, "scale": 1},
			[]byte{15, 25, 35, 15, 25, 35}, []float32{10, 10, -5, -5, 20, 20, -5, -5, 30, 30, -5, -5}},
		{"high picture: black to the right", "uint8[4,2,3]", "float32[1,3,2,2]", map[string]any{"mean": 0, "scale": 1},
			slices.Repeat([]byte{9, 8, 7}, 8), []float32{9, 0, 9, 0, 8, 0, 8, 0, 7, 0, 7, 0}},
		// A pixel weighs 1 - distance/2: (1.5 · 10 + 0.25 · 90) / 1.75 = 21.4.
		{"interpolated", "uint8[1,4,3]", "float32[1,3,1,2]", map[string]any{"mean": 0, "scale": 1},
			[]byte{10, 0, 0, 10, 0, 0, 90, 0, 0, 90, 0, 0}, []float32{21, 78, 0, 0, 0, 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, "normalise", kernel.Spec{In: ports(t, tc.in), Out: ports(t, tc.out), Params: tc.params})
			copy(b.in(0).Data, tc.rgb)
			for range 2 { // the canvas is used again
				b.fire(t)
				assert.Equal(t, tc.want, b.out(0).Float32())
			}
		})
	}
}

func TestNormaliseRefuses(t *testing.T) {
	in, out := ports(t, "uint8[2,2,3]"), ports(t, "float32[1,3,2,2]")
	refused(
		t,
		"normalise",
		kernel.Spec{In: in, Out: out, Params: map[string]any{"scale": 0}},
		kernel.ErrParam,
		"scale is 0",
	)
	refused(t, "normalise", kernel.Spec{In: in, Out: out, Params: map[string]any{"mean": []any{1, 2}}}, kernel.ErrParam,
		"expected a number or a list of 3")
	refused(
		t,
		"normalise",
		kernel.Spec{In: in, Out: out, Params: map[string]any{"mean": "x"}},
		kernel.ErrParam,
		"mean is x",
	)
	refused(
		t,
		"normalise",
		kernel.Spec{In: in, Out: out, Params: map[string]any{"order": "grb"}},
		kernel.ErrParam,
		"order is grb",
	)
	refused(
		t,
		"normalise",
		kernel.Spec{In: in, Out: ports(t, "float32[1,2,2,3]")},
		kernel.ErrPort,
		"expected float32[1,3,h,w]",
	)
	refused(t, "normalise", kernel.Spec{In: ports(t, "uint8[2,2,4]"), Out: out}, kernel.ErrPort, "expected uint8[h,w,3]")
	for _, of := range []string{"uint8[0,2,3]", "uint8[2,0,3]"} {
		refused(t, "normalise", kernel.Spec{In: ports(t, of), Out: out}, kernel.ErrPort, "which has no pixels")
	}
	refused(t, "normalise", kernel.Spec{In: ports(t, "uint8[100000000,1,3]"), Out: ports(t, "float32[1,3,224,224]")},
		picture.ErrLimit, "to bring 1 x 100000000 pixels to 224 x 224 takes")
}

func TestNormaliseAllocatesNothing(t *testing.T) {
	noAllocations(
		t,
		newBench(t, "normalise", kernel.Spec{In: ports(t, "uint8[30,30,3]"), Out: ports(t, "float32[1,3,30,30]")}),
	)
}
