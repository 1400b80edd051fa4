package coder

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// affine1 is that of a tensor whose values lie between -1 and 6 or so.
var affine1 = codec.Affine{Scale: []float32{7. / 255}, ZeroPoint: []uint8{36}}

// chains are all kinds of codec that float32 tensors can have here.
var chains = []string{
	"none", "fp16", "int8", "int8-channel", "int8-static", "sparse", "lz4", "zstd",
	"sparse+fp16", "sparse+int8", "sparse+int8-static", "sparse+lz4", "sparse+zstd",
	"fp16+lz4", "int8+zstd", "int8-channel+zstd", "int8-static+lz4", "sparse+fp16+zstd", "sparse+int8+lz4",
}

func tokenType(t testing.TB, s string) graph.TokenType {
	t.Helper()
	tt, err := graph.ParseTokenType(s)
	require.NoError(t, err)
	return tt
}

func parse(t testing.TB, name string) codec.Codec {
	t.Helper()
	c, err := codec.Parse(name)
	require.NoError(t, err)
	return c
}

// pair returns an encoder and a decoder.
func pair(t testing.TB, name, plain string, a codec.Affine) (enc, dec *Coder) {
	t.Helper()
	o, c, tt := Options{Affine: a}, parse(t, name), tokenType(t, plain)
	var err error
	enc, err = NewEncoder(c, tt, o)
	require.NoError(t, err)
	dec, err = NewDecoder(c, tt, o)
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, k := range []*Coder{enc, dec} {
			assert.NoError(t, k.Close())
		}
	})
	return enc, dec
}

func run(t testing.TB, k *Coder, dst, src []byte) int {
	t.Helper()
	n, err := k.Run(dst, src)
	require.NoError(t, err)
	return n
}

// bytesOf copies values to memory that suits a Coder.
func bytesOf(values []float32) []byte {
	b := aligned(4 * len(values))
	copy(Elements[float32](b), values)
	return b
}

// there codes values and back; it returns the bytes on the wire and what came back.
func there(t testing.TB, enc, dec *Coder, values []float32) (wire []byte, back []float32) {
	t.Helper()
	wire, out := aligned(enc.out), aligned(dec.out)
	for i := range wire {
		wire[i] = 0xa5 // what another token left
	}
	n := run(t, enc, wire, bytesOf(values))
	m := run(t, dec, out, wire[:n])
	require.Equal(t, 4*len(values), m, "%d values came back as %d bytes", len(values), m)
	return wire[:n], Elements[float32](out)
}
