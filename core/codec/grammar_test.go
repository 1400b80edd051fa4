package codec

import (
	"errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// Every chain of up to three stages is either read, and written the same, or an
// error; exactly those of the grammar are read.
func TestParseAllChains(t *testing.T) {
	want := []string{None, JPEG}
	for _, first := range []string{"", Sparse} {
		for _, second := range []string{"", FP16, Int8, Int8Channel, Int8Static} {
			for _, third := range []string{"", LZ4, Zstd} {
				parts := slices.DeleteFunc([]string{first, second, third}, func(s string) bool { return s == "" })
				if len(parts) > 0 && (first == "" || second != Int8Channel) {
					want = append(want, strings.Join(parts, "+"))
				}
			}
		}
	}
	var got []string
	try := func(name string) {
		c, err := Parse(name)
		if err == nil {
			got = append(got, name)
			assert.Equal(t, name, c.String(), "Parse(%q) is written", name)
			assert.Equal(t, name, strings.Join(c.Stages(), "+"), "Parse(%q) is written", name)
		} else if !errors.Is(err, ErrChain) || !strings.Contains(err.Error(), name) {
			t.Errorf("Parse(%q): %v; want ErrChain that quotes it", name, err)
		}
	}
	names := slices.Sorted(maps.Keys(classes))
	for _, a := range names {
		try(a)
		for _, b := range names {
			try(a + "+" + b)
			for _, c := range names {
				try(a + "+" + b + "+" + c)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	assert.Equal(t, want, got, "read\n%v, want\n", got)
	for _, name := range names {
		if !strings.Contains(Grammar, name) {
			assert.Equal(t, Sparse, name, "the grammar lacks")
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		says string
	}{
		{"", ErrUnknown, `unknown codec ""`},
		{"int8+", ErrUnknown, `unknown codec "" in "int8+"`},
		{"int8+gzip", ErrUnknown, `unknown codec "gzip" in "int8+gzip"`},
		{"INT8", ErrUnknown, `unknown codec "INT8"`},
		{"zstd+int8", ErrChain, `in "zstd+int8", int8 can't follow zstd`},
		{"lz4+zstd", ErrChain, "zstd can't follow lz4"},
		{"jpeg+zstd", ErrChain, "jpeg stands alone"},
		{"sparse+int8-channel", ErrChain, "int8-channel finds no channels behind sparse; use int8"},
	} {
		_, err := Parse(tc.name)
		require.ErrorIs(t, err, tc.err, "Parse(%q)", tc.name)
		assert.Contains(t, err.Error(), tc.says, "Parse(%q)", tc.name)
		_, err = Wire(tc.name, tokenType(t, "float32[4]"))
		assert.ErrorIs(t, err, tc.err, "Wire(%q)", tc.name)
	}
	var zero Codec
	assert.Equal(t, None, zero.String(), "the zero codec")
	require.True(t, zero.Has(None), "the zero codec")
	assert.False(t, zero.Has(FP16), "the zero codec")
}

func TestTypes(t *testing.T) {
	c, err := Parse("sparse+int8+lz4")
	require.NoError(t, err)
	types, err := c.Types(tokenType(t, "float32[1,65]"))
	require.NoError(t, err)
	var got []string
	for _, u := range types {
		got = append(got, u.String())
	}
	want := []string{"float32[1,65]", "float32[1,65]", "bytes[145]", "bytes[146]"}
	assert.Equal(t, want, got)
}

func TestMaxError(t *testing.T) {
	a := Affine{Scale: []float32{.5, .25}, ZeroPoint: []uint8{128, 0}} // -64 … 63.5 and 0 … 63.75
	for _, tc := range []struct {
		codec  string
		lo, hi float64
		want   float64
	}{
		{"none", -9, 9, 0}, {"zstd", -9, 9, 0}, {"sparse+lz4", -9, 9, 0},
		{"fp16", -9, 8, 9 * 0x1p-11}, {"sparse+fp16+zstd", 0, 1e-9, 0x1p-25},
		{"fp16", 0, 65519, 65519 * 0x1p-11}, {"fp16", -65520, 0, math.Inf(1)},
		{"int8", -1, 254, .5 + 0x1p-14}, {"int8", 10, 255, .5 + 0x1p-14}, {"int8+lz4", 0, 510, 1 + 0x1p-13},
		{"int8-channel", -255, -9, .5 + 0x1p-14}, {"int8", 0, 0, 0x1p-127 + 0x1p-140},
		{"int8-static", 0, 60, .25 + 0x1p-15}, {"int8-static", -65, 60, 65 + .25*(.5+0x1p-14)},
		{"int8-static", 0, 70, 6.5 + .5*(.5+0x1p-14)},
		{"jpeg", 0, 255, math.Inf(1)},
	} {
		c, err := Parse(tc.codec)
		require.NoError(t, err)
		got := c.MaxError(tc.lo, tc.hi, a)
		if math.IsInf(tc.want, 1) {
			assert.Equal(t, tc.want, got, "%s of %v to %v", tc.codec, tc.lo, tc.hi)
			continue
		}
		assert.InDelta(t, tc.want, got, 1e-12*tc.want, "%s of %v to %v", tc.codec, tc.lo, tc.hi)
	}
}

func TestCalibrated(t *testing.T) {
	const most = math.MaxFloat32
	for _, tc := range []struct {
		lo, hi, scale float32
		zero          uint8
	}{
		{0, 255, 1, 0}, {10, 255, 1, 0}, {-255, -10, 1, 255}, {-1, 254, 1, 1}, {-127.5, 127.5, 1, 128},
		{0, 0, 1, 0}, {0, 1e-44, MinScale, 0}, {-1e-44, 0, MinScale, 0},
		{-most, most, most/255 + most/255, 128},
	} {
		scale, zero := Calibrated(tc.lo, tc.hi)
		assert.LessOrEqual(t, math.Abs(float64(scale/tc.scale-1)), 1e-6, "%v to %v: scale %v and zero point", tc.lo, tc.hi,
			scale)
		assert.Equal(t, tc.zero, zero, "%v to %v: scale %v and zero point", tc.lo, tc.hi, scale)
	}
}

func TestAffineCheck(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, tc := range []struct {
		a      Affine
		t      string
		sparse bool
		says   string // empty: good
	}{
		{Affine{[]float32{1}, []uint8{0}}, "float32[4]", false, ""},
		{Affine{[]float32{1}, []uint8{0}}, "float32[4]", true, ""},
		{Affine{[]float32{1, 2}, []uint8{0, 1}}, "float32[1,2,3]", false, ""},
		{Affine{[]float32{1, 2}, []uint8{0, 1}}, "float32[1,2,3]", true, "sparse leaves no channels"},
		{Affine{[]float32{1, 2}, []uint8{0, 1}}, "float32[1,3,3]", false, "2 scales for float32[1,3,3]"},
		{Affine{[]float32{1, 2}, []uint8{0, 1}}, "float32[1,2]", false,
			"one for every channel of a tensor such as float32[1,2,h,w]"},
		{Affine{[]float32{1, 2}, []uint8{0}}, "float32[1,2,3]", false, "2 scales and 1 zero points"},
		{Affine{}, "float32[4]", false, "0 scales"},
		{Affine{[]float32{0}, []uint8{0}}, "float32[4]", false, "scale 0 of channel 0"},
		{Affine{[]float32{1, inf}, []uint8{0, 0}}, "float32[1,2,3]", false, "scale +Inf of channel 1"},
		{Affine{[]float32{nan}, []uint8{0}}, "float32[4]", false, "scale NaN"},
		{Affine{[]float32{-1}, []uint8{0}}, "float32[4]", false, "scale -1"},
	} {
		err := tc.a.Check(tokenType(t, tc.t), tc.sparse)
		if tc.says == "" {
			require.NoError(t, err, "%v for %s", tc.a, tc.t)
		}
		if tc.says != "" {
			assert.False(t, !errors.Is(err, ErrAffine) || !strings.Contains(err.Error(), tc.says), "%v for %s", tc.a, tc.t)
		}
	}
}
