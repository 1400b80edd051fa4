package coder

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	if err != nil {
		t.Fatal(err)
	}
	if dec, err = NewDecoder(c, plain, o); err != nil {
		t.Fatal(err)
	}
	fuzzed[key] = [2]*Coder{enc, dec}
	return name, enc, dec
}

// Any tensor comes back within the bound of its codec.
func FuzzRoundTrip(f *testing.F) {
	for i := range chains {
		f.Add(byte(i), byte(i), le(float32(1), float32(0), float32(-2), float32(math.Inf(1)), float32(math.NaN()), float32(1e-42), uint32(0x7f7fffff)))
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
		if again, _ := there(t, enc, dec, in); !bytes.Equal(wire, again) {
			t.Fatalf("%s: coded differently the second time", name)
		}
		c := parse(t, name)
		bound := c.MaxError(lo, hi, affine1)
		for i := range in {
			x, y := float64(in[i]), float64(back[i])
			switch {
			case bound == 0:
				if math.Float32bits(in[i]) != math.Float32bits(back[i]) {
					t.Fatalf("%s: %x came back as %x", name, math.Float32bits(in[i]), math.Float32bits(back[i]))
				}
			case math.IsNaN(x):
				if c.Has("fp16") != math.IsNaN(y) || !c.Has("fp16") && y != 0 {
					t.Fatalf("%s: NaN came back as %v", name, y)
				}
			case c.Has("fp16") && math.Abs(x) >= 65520:
				if y != math.Copysign(math.Inf(1), x) {
					t.Fatalf("%s: %v came back as %v", name, x, y)
				}
			case math.IsInf(x, 0):
				if math.IsInf(y, 0) != c.Has("fp16") {
					t.Fatalf("%s: %v came back as %v", name, x, y)
				}
			case c.Has("fp16") && !(math.Abs(x-y) <= max(math.Abs(x)*0x1p-11, 0x1p-25)) || !c.Has("fp16") && !(math.Abs(x-y) <= bound):
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
		if err != nil && !errors.Is(err, ErrData) || err == nil && n != dec.out {
			t.Fatalf("%s: %d bytes, %v; want %d or ErrData", name, n, err, dec.out)
		}
		if !bytes.Equal(dst[dec.out:], make([]byte, guard)) || !bytes.Equal(src, wire) {
			t.Fatalf("%s: wrote beyond the tensor, or into its input", name)
		}
	})
}
