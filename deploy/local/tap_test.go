package local

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func firstFloat(token []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(token)) }

func TestTap(t *testing.T) {
	l, kernels := newLab(t)
	d := &Driver{Kernels: kernels}
	p := compiled(t, planfile.Application{
		Name: "sums",
		Actors: []planfile.ActorSpec{actor("source", "number", 0, 1, 0), actor("sum", "add", 1, 1, 10),
			actor("sink", "sink", 1, 0, 0)},
		FIFOs: join("source.x", "sum.a", "sum.x", "sink.a"),
	}, "source", offline(3))
	var seen []float32
	see := func(a, port int, frame int64, token []byte) error {
		assert.Equal(t, 0, port)
		if p.Graph.Actors[a].Name == "sum" {
			seen = append(seen, float32(frame), firstFloat(token))
		}
		return nil
	}
	require.NoError(t, d.Tap(t.Context(), p, nil, see))
	assert.Equal(t, []float32{0, 11, 1, 12, 2, 13}, seen)

	l.made = map[string]int{}
	seen = nil
	require.NoError(t, d.Tap(t.Context(), p, func(a int) bool { return p.Graph.Actors[a].Name == "source" }, see))
	assert.Equal(t, map[string]int{"source": 1}, l.made)
	assert.Empty(t, seen, "an actor that is left out makes nothing to be seen")

	enough, times := errors.New("enough"), 0
	err := d.Tap(t.Context(), p, nil, func(int, int, int64, []byte) error { times++; return enough })
	assert.ErrorIs(t, err, enough)
	assert.Equal(t, 1, times)
}

func TestCrossing(t *testing.T) {
	_, kernels := newLab(t)
	d := &Driver{Kernels: kernels}
	tensor := graph.TokenType{Elem: "float32", Shape: []int64{1, 2, 64}}
	token := make([]byte, tensor.Bytes())
	for i := range 128 {
		binary.LittleEndian.PutUint32(token[4*i:], math.Float32bits(float32(i)/3))
	}
	for _, tc := range []struct {
		codec string
		sent  int64
		most  float64
	}{
		{"none", 512, 0}, {"fp16", 256, 43 * 0x1p-11}, {"int8", 192, 43. / 255 * .51},
		{"int8-static", 128, 43. / 255 * .51},
	} {
		scale, zero := codec.Calibrated(0, 43)
		c, err := d.Crossing(tc.codec, tensor, codec.Affine{Scale: []float32{scale}, ZeroPoint: []uint8{zero}})
		require.NoError(t, err, tc.codec)
		for range 2 {
			arrived, sent, err := c.Cross(token)
			require.NoError(t, err, tc.codec)
			assert.Equal(t, tc.sent, sent, tc.codec)
			require.Len(t, arrived, len(token), tc.codec)
			for i := range 128 {
				assert.InDelta(t, float32(i)/3, firstFloat(arrived[4*i:]), tc.most, tc.codec)
			}
		}
		require.NoError(t, c.Close())
	}

	picture := graph.TokenType{Elem: "uint8", Shape: []int64{16, 16, 3}}
	c, err := d.Crossing("jpeg", picture, codec.Affine{})
	require.NoError(t, err)
	arrived, sent, err := c.Cross(make([]byte, picture.Bytes()))
	require.NoError(t, err)
	assert.Less(t, sent, picture.Bytes())
	assert.Len(t, arrived, 16*16*3)
	require.NoError(t, c.Close())

	_, err = d.Crossing("jpeg", tensor, codec.Affine{})
	assert.ErrorIs(t, err, codec.ErrType)
	c, err = d.Crossing("none", picture, codec.Affine{})
	require.NoError(t, err)
	_, _, err = c.Cross(make([]byte, picture.Bytes()+1))
	assert.ErrorContains(t, err, "a token of 769 bytes came; expected uint8[16,16,3]")
}
