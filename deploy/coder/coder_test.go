package coder

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var tensors = []struct {
	name  string
	value func(r *rand.Rand, i int) float64
}{
	{"normal", func(r *rand.Rand, i int) float64 { return min(max(r.NormFloat64(), -1), 6) }},
	{"ReLU6", func(r *rand.Rand, i int) float64 { return min(max(r.NormFloat64()*4, 0), 6) }},
	{"mostly zero", func(r *rand.Rand, i int) float64 { return float64(max(r.IntN(200)-195, 0)) }},
	{"negative", func(r *rand.Rand, i int) float64 { return -r.Float64() }},
	{"channels of their own range", func(r *rand.Rand, i int) float64 { return r.Float64() * float64(i/100%5) }},
	{"ties", func(r *rand.Rand, i int) float64 { return float64(i%13) / 2 }},
	{"tiny", func(r *rand.Rand, i int) float64 { return 1e-39 * r.NormFloat64() }},
	{"one value", func(r *rand.Rand, i int) float64 { return 3 }},
	{"zeros", func(r *rand.Rand, i int) float64 { return 0 }},
}

var shapes = []string{"float32[1,1,1]", "float32[1,5,100]", "float32[2,5,64]", "float32[1,3,7,9]"}

// What comes back is within the codec's bound, and fits the wire's type.
func TestErrorWithinBound(t *testing.T) {
	for _, name := range chains {
		for _, shape := range shapes {
			plain := tokenType(t, shape)
			wireType, err := parse(t, name).Wire(plain)
			require.NoError(t, err)
			enc, dec := pair(t, name, shape, affine1)
			for _, tensor := range tensors {
				r := rand.New(rand.NewPCG(1, 2))
				in := make([]float32, plain.Elements())
				lo, hi := 0.0, 0.0
				for i := range in {
					in[i] = float32(tensor.value(r, i))
					lo, hi = min(lo, float64(in[i])), max(hi, float64(in[i]))
				}
				wire, back := there(t, enc, dec, in)
				n := int64(len(wire))
				assert.LessOrEqual(t, n, wireType.Bytes(), "%s of %s: %d bytes as", name, shape, n)
				if !wireType.Variable() {
					assert.Equal(t, wireType.Bytes(), n, "%s of %s: %d bytes as", name, shape, n)
				}
				bound := parse(t, name).MaxError(lo, hi, affine1)
				for i := range in {
					require.LessOrEqual(t, math.Abs(float64(in[i])-float64(back[i])), bound,
						"%s of %s %s: %v came back as %v; the bound", name, tensor.name, shape, in[i], back[i])
				}
				again, _ := there(t, enc, dec, in)
				assert.Equal(t, wire, again, "%s of %s %s: coded differently the second time", name, tensor.name, shape)
			}
		}
	}
}

// An encoder's state must not show: a replayed frame gives the same bytes.
func TestEncodersForget(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range chains {
		const shape = "float32[1,4,600]"
		used, dec := pair(t, name, shape, affine1)
		in := make([]float32, 2400)
		for range 20 {
			level := r.Float64()*4 - 2
			for i := range in {
				in[i] = float32(max(0, level+math.Round(10*r.NormFloat64())/10))
			}
			fresh, _ := pair(t, name, shape, affine1)
			wire, _ := there(t, used, dec, in)
			want, _ := there(t, fresh, dec, in)
			require.Equal(t, want, wire, "%s: a used encoder gives other bytes than a fresh one", name)
		}
	}
}

func TestInfinitiesAndNaN(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	in := []float32{-1, 2, inf, -inf, nan, -nan, 70000, 0}
	small := []float32{-1, 2, inf, -inf, nan, -nan, 1, 0}
	const step = 3. / 255
	for _, tc := range []struct {
		codec    string
		in, want []float32
		within   float64
	}{
		{"fp16", in, []float32{-1, 2, inf, -inf, nan, nan, inf, 0}, 0},
		{"sparse+fp16+zstd", in, []float32{-1, 2, inf, -inf, nan, nan, inf, 0}, 0},
		{"int8", small, []float32{-1, 2, 2, -1, 0, 0, 1, 0}, step},
		{"int8-channel", small, []float32{-1, 2, 2, -1, 0, 0, 1, 0}, step},
		{"sparse+int8+lz4", small, []float32{-1, 2, 2, -1, 0, 0, 1, 0}, step},
		{"int8-static", in, []float32{-1, 2, 219 * 7. / 255, -36 * 7. / 255, 0, 0, 219 * 7. / 255, 0}, 7. / 255},
		{"zstd", in, in, 0}, {"sparse", in, in, 0}, {"none", in, in, 0},
	} {
		enc, dec := pair(t, tc.codec, "float32[1,1,8]", affine1)
		_, back := there(t, enc, dec, tc.in)
		for i, want := range tc.want {
			got := back[i]
			same := got == want || math.IsNaN(float64(got)) && math.IsNaN(float64(want)) ||
				math.Abs(float64(got)-float64(want)) <= tc.within
			assert.True(t, same, "%s: %v came back as", tc.codec, tc.in[i])
		}
	}
	enc, dec := pair(t, "int8", "float32[4]", affine1)
	_, back := there(t, enc, dec, []float32{inf, -inf, nan, 0})
	assert.Equal(t, "[255 0 0 0]", fmt.Sprint(back), "without a finite value but 0, int8")
}

// Minus zero is a value of its own to the lossless codecs.
func TestMinusZero(t *testing.T) {
	for _, name := range []string{"sparse", "zstd", "sparse+lz4", "fp16", "sparse+fp16"} {
		enc, dec := pair(t, name, "float32[3]", affine1)
		_, back := there(t, enc, dec, []float32{0, float32(math.Copysign(0, -1)), 0})
		require.True(t, math.Signbit(float64(back[1])), "%s: 0, -0 came back as", name)
		assert.False(t, math.Signbit(float64(back[0])), "%s: 0, -0 came back as", name)
	}
}

func TestAnyTokenCompresses(t *testing.T) {
	for _, name := range []string{"lz4", "zstd"} {
		for _, tc := range []struct {
			plain string
			len   int
		}{{"uint8[300,3]", 900}, {"int64[100]", 800}, {"bytes[1000]", 700}, {"bytes[1000]", 0}} {
			enc, dec := pair(t, name, tc.plain, codec.Affine{})
			src, wire, back := aligned(tc.len), aligned(enc.out), aligned(dec.out)
			for i := range src {
				src[i] = byte(i / 9)
			}
			n := run(t, enc, wire, src)
			assert.Equal(t, src, back[:run(t, dec, back, wire[:n])], "%s of %s: %d bytes came back as", name, tc.plain, len(src))
			if tc.len > 0 {
				assert.LessOrEqual(t, n, tc.len/2, "%s of %s: %d bytes on the wire", name, tc.plain, n)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, tc := range []struct {
		codec, plain string
		a            codec.Affine
		want         error
	}{
		{"fp16", "uint8[4]", codec.Affine{}, codec.ErrType},
		{"int8-static", "float32[4]", codec.Affine{}, codec.ErrAffine},
		{"sparse+int8-static", "float32[1,2,4]", codec.Affine{Scale: []float32{1, 1}, ZeroPoint: []uint8{0, 0}},
			codec.ErrAffine},
		{"jpeg", "uint8[4,4,3]", codec.Affine{}, ErrStage},
	} {
		o, c, tt := Options{Affine: tc.a}, parse(t, tc.codec), tokenType(t, tc.plain)
		for _, create := range []func() (*Coder, error){
			func() (*Coder, error) { return NewEncoder(c, tt, o) }, func() (*Coder, error) { return NewDecoder(c, tt, o) },
		} {
			_, err := create()
			assert.ErrorIs(t, err, tc.want, "%s of %s", tc.codec, tc.plain)
		}
	}
	enc, _ := pair(t, "fp16", "float32[4]", codec.Affine{})
	_, err := enc.Run(aligned(7), aligned(16))
	assert.ErrorIs(t, err, ErrMemory, "too short for the token")
	_, err = enc.Run(aligned(16)[1:], aligned(16))
	assert.ErrorIs(t, err, ErrMemory, "not aligned")
	_, err = enc.Run(aligned(8), aligned(12))
	assert.ErrorIs(t, err, ErrData, "not a whole tensor")
}

func TestAllocatesNothing(t *testing.T) {
	for _, name := range chains {
		enc, dec := pair(t, name, "float32[1,3,700]", affine1)
		in := make([]float32, 2100)
		for i := range in {
			in[i] = float32(max(i%7-3, 0))
		}
		src, wire, back := bytesOf(in), aligned(enc.out), aligned(dec.out)
		cycle := func() { run(t, dec, back, wire[:run(t, enc, wire, src)]) }
		cycle()
		n := testing.AllocsPerRun(50, cycle)
		assert.Equal(t, 0.0, n, "%s: %v allocations per token, want 0", name, n)
	}
}
