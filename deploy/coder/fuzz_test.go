package coder

import (
	"encoding/binary"
	"github.com/stretchr/testify/require"
	"math"
	"testing"
)

// fuzzed holds the pairs of the fuzz targets, which are dear to make.
var fuzzed = map[[2]byte][2]*Coder{}

func fuzzPair(t *testing.T, chain, shape byte) (name string, enc, dec *Coder) {
	chain, shape = chain%byte(len(chains)), shape%byte(len(shapes))
	key := [2]byte{chain, shape}
	name = chains[chain]
	if p, ok := fuzzed[key]; ok {
		return name, p[0], p[1]
	}
	o, c, plain := Options{Affine: affine1}, parse(t, name), tokenType(t, shapes[shape])
	enc, err := NewEncoder(c, plain, o)
	require.NoError(t, err)
	dec, err = NewDecoder(c, plain, o)
	require.NoError(t, err)
	fuzzed[key] = [2]*Coder{enc, dec}
	return name, enc, dec
}

// Any tensor comes back within the bound of its codec.
func FuzzRoundTrip(f *testing.F) {
	for i := range chains {
		f.Add(byte(i), byte(i), le(float32(1), float32(0), float32(-2), float32(math.Inf(1)), float32(math.NaN()),
			float32(1e-42), uint32(0x7f7fffff)))
	}
	f.Fuzz(func(t *testing.T, chain, shape byte, data []byte) {
		name, enc, dec := fuzzPair(t, chain, shape)
		in := make([]float32, dec.out/4)
		lo, hi := 0.0, 0.0
		for i := range in {
			if len(data) >= 4 { // repeats the data
				in[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[i*4%(len(data)-3):]))
			}
			if x := float64(in[i]); !math.IsInf(x, 0) && !math.IsNaN(x) {
				lo, hi = min(lo, x), max(hi, x)
			}
		}
		wire, back := there(t, enc, dec, in)
		again, _ := there(t, enc, dec, in)
		require.Equal(t, again, wire, "%s: coded differently the second time", name)
		c := parse(t, name)
		bound := c.MaxError(lo, hi, affine1)
		for i := range in {
			x, y := float64(in[i]), float64(back[i])
			switch {
			case bound == 0:
				require.Equal(t, math.Float32bits(back[i]), math.Float32bits(in[i]), "%s: %x came back as", name,
					math.Float32bits(in[i]))
			case math.IsNaN(x):
				require.Equal(t, math.IsNaN(y), c.Has("fp16"), "%s: NaN came back as", name)
				if !c.Has("fp16") {
					require.Equal(t, 0.0, y, "%s: NaN came back as", name)
				}
			case c.Has("fp16") && math.Abs(x) >= 65520:
				require.Equal(t, math.Copysign(math.Inf(1), x), y, "%s: %v came back as", name, x)
			case math.IsInf(x, 0):
				require.Equal(t, c.Has("fp16"), math.IsInf(y, 0), "%s: %v came back as", name, x)
			case c.Has("fp16") && !(math.Abs(x-y) <= max(math.Abs(x)*0x1p-11, 0x1p-25)) ||
				!c.Has("fp16") && !(math.Abs(x-y) <= bound):
				t.Fatalf("%s: %v came back as %v; values from %v to %v", name, x, y, lo, hi)
			}
		}
	})
}

// Any bytes are decoded or refused, and nothing is written beyond the tensor.
func FuzzDecode(f *testing.F) {
	for i, name := range chains {
		for s, shape := range shapes {
			enc, dec := pair(f, name, shape, affine1)
			in := make([]float32, dec.out/4)
			for j := range in {
				in[j] = float32(max(j%5-2, 0))
			}
			wire, _ := there(f, enc, dec, in)
			f.Add(byte(i), byte(s), wire[:min(len(wire), 200)])
		}
	}
	f.Fuzz(func(t *testing.T, chain, shape byte, wire []byte) {
		name, _, dec := fuzzPair(t, chain, shape)
		const guard = 64
		dst, src := aligned(dec.out+guard), aligned(len(wire))
		copy(src, wire)
		n, err := dec.Run(dst, src)
		if err != nil {
			require.ErrorIs(t, err, ErrData, "%s: %d bytes, %v; want %d or ErrData", name, n, err, dec.out)
		}
		if err == nil {
			require.Equal(t, dec.out, n, "%s: %d bytes, %v; want %d or ErrData", name, n, err, dec.out)
		}
		require.Equal(t, make([]byte, guard), dst[dec.out:], "%s: wrote beyond the tensor, or into its input", name)
		require.Equal(t, wire, src, "%s: wrote beyond the tensor, or into its input", name)
	})
}
