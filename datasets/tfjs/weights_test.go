package tfjs

import (
	"encoding/binary"
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"math"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	raw := make([]byte, 4)
	binary.LittleEndian.PutUint32(raw, math.Float32bits(7.5))
	weights := append([]byte{0, 2, 255, 9}, raw...)
	weights = append(weights, 0x00, 0x3c, 0x00, 0xc2, 0xff, 0xff, 0xff, 0xff)
	const manifest = `[{"weights":[
	 {"name":"a","shape":[3],"dtype":"float32","quantization":{"dtype":"uint8","scale":0.5,"min":-1}},
	 {"name":"n","shape":[],"dtype":"int32","quantization":{"dtype":"uint8","scale":1,"min":3}},
	 {"name":"b","shape":[1,1],"dtype":"float32"}]},
	 {"weights":[
	 {"name":"h","shape":[2],"dtype":"float32","quantization":{"dtype":"float16","original_dtype":"float32"}},
	 {"name":"i","shape":[1],"dtype":"int32"},
	 {"name":"none","shape":[0,7],"dtype":"float32"}]}]`
	got, err := Read([]byte(manifest), weights)
	require.NoError(t, err)
	want := "map[a:{[3] [-1 0 126.5] []} b:{[1 1] [7.5] []} h:{[2] [1 -3] []} i:{[1] [] [-1]} n:{[] [] [12]} none:{[0 " +
		"7] [] []}]"
	assert.Equal(t, want, fmt.Sprint(got), "Read")
	for name, tc := range map[string]struct{ manifest, weights string }{
		"not JSON":  {"{", string(weights)},
		"too short": {manifest, string(weights[:7])},
		"too long":  {manifest, string(weights) + "x"},
		"unknown quantity": {strings.Replace(manifest, `"dtype":"uint8","scale":0.5`, `"dtype":"uint4","scale":0.5`, 1),
			string(weights)},
		"unknown type": {strings.Replace(manifest, `"int32"}`, `"string"}`, 1), string(weights)},
		"negative":     {strings.Replace(manifest, "[3]", "[-3]", 1), string(weights)},
		"huge":         {strings.Replace(manifest, "[3]", "[4294967296,4294967296,3]", 1), string(weights)},
	} {
		_, err := Read([]byte(tc.manifest), []byte(tc.weights))
		assert.ErrorIs(t, err, ErrWeights, "%s: %v, want ErrWeights", name, err)
	}
}

func TestWiden(t *testing.T) {
	for h, want := range map[uint16]float32{
		0x0000: 0, 0x3c00: 1, 0xbc00: -1, 0x7bff: 65504, 0x0001: 5.9604645e-08, 0x03ff: 6.097555e-05, 0x3555: 0.33325195,
		0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		assert.Equal(t, want, widen(h), "widen(%#04x)", h)
	}
	assert.True(t, math.IsNaN(float64(widen(0x7e00))))
}
