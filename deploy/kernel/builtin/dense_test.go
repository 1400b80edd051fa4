package builtin

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A tensor large enough for ONNX Runtime is coded byte for byte as one that isn't.
func TestDenseIsTheSame(t *testing.T) {
	const n = denseFrom
	large := fmt.Sprintf("float32[%d]", n)
	for _, name := range []string{codec.FP16, codec.Int8, "int8+lz4", "fp16+zstd"} {
		enc, dec := coders(t, name, large, nil)
		plainEnc, plainDec := coders(t, name, fmt.Sprintf("float32[%d]", n-1), nil)
		for _, tc := range append(tensors, hostile...) {
			in := fill(enc.in(0).Float32(), tc.values)
			in[n-1] = in[n-2] // so that both see the same range
			copy(plainEnc.in(0).Float32(), in)
			for _, b := range []*bench{enc, dec, plainEnc, plainDec} {
				b.fire(t)
			}
			w := plainEnc.out(0).Data
			if !enc.out(0).Type.Variable() {
				assert.Equal(t, w, enc.out(0).Data[:len(w)], "%s of %s: not the same bytes", name, tc.name)
			}
			for i, want := range plainDec.out(0).Float32() {
				require.Equal(t, math.Float32bits(want), math.Float32bits(dec.out(0).Float32()[i]), "%s of %s: %v came back as",
					name, tc.name, in[i])
			}
		}
	}
}

// hostile are tensors that the model of int8 gets wrong.
var hostile = []struct {
	name   string
	values func(r *rand.Rand, i int) float32
}{
	{"some infinite", func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64() / float64(i%7)) }},
	{"some NaN", func(r *rand.Rand, i int) float32 {
		if i%1000 == 7 {
			return float32(math.Log(-1))
		}
		return float32(r.NormFloat64())
	}},
	{"tiny", func(r *rand.Rand, i int) float32 { return float32(r.NormFloat64() * 1e-40) }},
	{"huge", func(r *rand.Rand, i int) float32 { return float32(r.Float64()-.5) * math.MaxFloat32 * 2 }},
}

// Tokens come in several slots on either side; the steady state allocates nothing.
func TestCodecAllocatesNothing(t *testing.T) {
	for _, n := range []int{1000, denseFrom} {
		for _, name := range []string{codec.FP16, codec.Int8, codec.Int8Channel, "fp16+lz4", "int8+zstd", "sparse+fp16"} {
			enc, dec := coders(t, name, fmt.Sprintf("float32[1,2,%d]", n/2), nil)
			fill(enc.in(0).Float32(), tensors[1].values)
			in, out := []*kernel.Token{enc.in(0), kernel.NewToken(enc.in(0).Type, 1)},
				[]*kernel.Token{enc.out(0), kernel.NewToken(enc.out(0).Type, 1), kernel.NewToken(enc.out(0).Type, 2)}
			at := 0
			cycle := func() {
				enc.f.In[0][0], enc.f.Out[0][0] = in[at%2], out[at%3]
				at++
				enc.fire(t)
				dec.fire(t)
			}
			for range 6 {
				cycle()
			}
			n := testing.AllocsPerRun(30, cycle)
			assert.Equal(t, 0.0, n, "%s of %s: %v allocations per token, want 0", name, enc.in(0).Type, n)
		}
	}
}

// Where ONNX Runtime begins to be faster than plain Go; denseFrom is chosen by it.
func BenchmarkDense(b *testing.B) {
	for _, n := range []int{denseFrom / 2, denseFrom - 1, denseFrom, 4 * denseFrom, 350 * denseFrom} {
		for _, name := range []string{codec.FP16, codec.Int8} {
			enc, dec := coders(b, name, fmt.Sprintf("float32[%d]", n), nil)
			fill(enc.in(0).Float32(), tensors[1].values)
			enc.fire(b)
			for _, side := range []struct {
				name string
				*bench
			}{{"encode", enc}, {"decode", dec}} {
				b.Run(fmt.Sprintf("%s/%s/%d", name, side.name, n), func(b *testing.B) {
					b.SetBytes(int64(4 * n))
					measure(b, side.bench)
				})
			}
		}
	}
}
