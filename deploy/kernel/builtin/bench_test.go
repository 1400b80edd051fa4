package builtin

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

func measure(b *testing.B, k *bench) {
	k.fire(b)
	b.ReportAllocs()
	for b.Loop() {
		k.fire(b)
	}
}

func BenchmarkNormalise(b *testing.B) {
	for _, size := range []int{300, 640} {
		b.Run(fmt.Sprintf("%d to 300", size), func(b *testing.B) {
			k := newBench(b, "normalise", kernel.Spec{
				In: ports(b, fmt.Sprintf("uint8[%d,%d,3]", size, size)), Out: ports(b, "float32[1,3,300,300]"),
			})
			for i := range k.in(0).Data {
				k.in(0).Data[i] = byte(i * 7)
			}
			measure(b, k)
		})
	}
}

func BenchmarkSSDDecode(b *testing.B) {
	k := newDecoder(b, "float32[50,5]", map[string]any{"input_size": side})
	for i := range 40 {
		k.in(1).Float32()[3*47*i+1] = float32(i % 7)
	}
	measure(b, k)
}

func BenchmarkTracker(b *testing.B) {
	k := newBench(b, "tracker", kernel.Spec{In: ports(b, "float32[50,5]"), Out: ports(b, "float32[50,6]")})
	for i := range 50 {
		copy(k.in(0).Float32()[5*i:], at(float32(7*i), 0))
	}
	measure(b, k)
}

// The 32 x 150 x 150 map that a 300-pixel detector's first layer gives.
func BenchmarkCodec(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, tc := range []struct{ codec, plain string }{
		{codec.FP16, "float32[1,32,150,150]"}, {codec.Int8, "float32[1,32,150,150]"}, {codec.JPEG, "uint8[300,300,3]"},
	} {
		enc, dec := coders(b, tc.codec, tc.plain, nil)
		for i := range enc.in(0).Data {
			enc.in(0).Data[i] = byte(60 + r.IntN(3)) // also an ordinary float32
		}
		b.Run(tc.codec+"/encode", func(b *testing.B) { measure(b, enc) })
		b.Run(tc.codec+"/decode", func(b *testing.B) { measure(b, dec) })
	}
}
