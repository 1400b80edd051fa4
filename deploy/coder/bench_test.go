package coder

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The 32 x 150 x 150 map that a 300-pixel detector's first layer gives: half zeros,
// as after a ReLU. MB/s are of float32.
func BenchmarkCoder(b *testing.B) {
	for _, name := range []string{
		"none", "fp16", "int8", "int8-channel", "int8-static", "lz4", "zstd", "fp16+lz4", "fp16+zstd", "int8+lz4",
		"int8+zstd",
		"sparse", "sparse+fp16", "sparse+int8", "sparse+int8+zstd",
	} {
		enc, dec := pair(b, name, "float32[1,32,150,150]", affine1)
		r := rand.New(rand.NewPCG(1, 2))
		values := make([]float32, 32*150*150)
		for i := range values {
			values[i] = float32(max(r.NormFloat64(), 0))
		}
		src := bytesOf(values)
		wire, back := aligned(enc.out), aligned(dec.out)
		n := run(b, enc, wire, src)
		key := strings.ReplaceAll(name, "+", "_")
		b.Run(key+"/encode", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				run(b, enc, wire, src)
			}
			b.ReportMetric(float64(len(src))/float64(n), "ratio")
		})
		b.Run(key+"/decode", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				run(b, dec, back, wire[:n])
			}
		})
	}
}
