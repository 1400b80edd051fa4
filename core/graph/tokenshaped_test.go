package graph

import (
	"encoding/json"
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"testing"
)

func TestShapedTypes(t *testing.T) {
	for s, bytes := range map[string]int64{
		"float32[<=100,4]": 64 + 1600, "int64[<=0,3]": 64, "float32[]": 64 + 4, "bool[8]": 64 + 8, "uint16[2,<=3]": 64 + 12,
		"float64[1,1,1,1,1,1,1,<=2]": 128 + 16,
	} {
		tt, err := ParseTokenType(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		assert.Equal(t, s, tt.String(), "%s: %s, %d bytes", s, tt, tt.Bytes())
		assert.Equal(t, Opaque, tt.Elem, "%s: %s, %d bytes", s, tt, tt.Bytes())
		assert.Equal(t, bytes, tt.Bytes(), "%s: %s, %d bytes", s, tt, tt.Bytes())
		require.True(t, tt.Variable(), "%s: %s, %d bytes", s, tt, tt.Bytes())
		assert.NotNil(t, tt.Of, "%s: %s, %d bytes", s, tt, tt.Bytes())
		assert.NoError(t, tt.check(), s)
		text, err := json.Marshal(tt)
		require.NoError(t, err)
		var back TokenType
		err = json.Unmarshal(text, &back)
		require.NoError(t, err, "%s: came back as %+v of %+v", s, back, back.Of)
		assert.Equal(t, tt, back, "%s: came back as %+v of %+v", s, back, back.Of)
	}
	for s, says := range map[string]string{
		"float32[<=-1]": `dimension "<=-1"`, "float32[<=x]": `dimension "<=x"`, "float32[0,<=3]": `dimension "0"`,
		"bytes[<=3]": `"<=3"`,
		"bool[0]":    `dimension "0"`, "string[<=3]": "not a token type", "float32[<=70000,<=70000]": "has more than",
		"float32[<3]": `dimension "<3"`,
		"float32[<=2147483648,<=2147483648,<=2147483648]": "has more than", "float32[<=3": "not a token type",
	} {
		tt, err := ParseTokenType(s)
		require.ErrorIs(t, err, ErrTokenType, "%s: %v, %v; want an error", s, tt, err)
		assert.Contains(t, err.Error(), says, "%s: %v, %v; want an error", s, tt, err)
	}
}

func TestShapedGreatest(t *testing.T) {
	for s, want := range map[string]string{
		"float32[<=100,4]": "float32[100,4] true", "bool[8]": "bool[8] false", "int64[]": "int64[] false",
	} {
		tt, err := ParseTokenType(s)
		require.NoError(t, err)
		assert.Equal(t, want, fmt.Sprint(tt.Of.Greatest(), " ", tt.Of.Varies()), s)
	}
}

func TestShapedFits(t *testing.T) {
	s := Shaped{"float32", []int64{100, 4}, []bool{true, false}}
	for _, tc := range []struct {
		shape []int64
		fits  bool
	}{{[]int64{100, 4}, true}, {[]int64{0, 4}, true}, {[]int64{101, 4}, false}, {[]int64{3, 3}, false},
		{[]int64{3}, false}, {[]int64{-1, 4}, false}} {
		assert.Equal(t, tc.fits, s.Fits(tc.shape), "%v fits %s: %v", tc.shape, &s, !tc.fits)
	}
}

// A type that a program made must hold what it says.
func TestShapedChecked(t *testing.T) {
	good := Shaped{"float32", []int64{3, 4}, []bool{true, false}}
	for name, change := range map[string]func(*TokenType){
		"another bound":     func(tt *TokenType) { tt.Shape = []int64{5} },
		"a tensor's bytes":  func(tt *TokenType) { tt.Elem = "uint8" },
		"no such elements":  func(tt *TokenType) { tt.Of.Elem = "string" },
		"too few openings":  func(tt *TokenType) { tt.Of.Open = nil },
		"nothing fits":      func(tt *TokenType) { tt.Of.Most = []int64{3, -4} },
		"an empty, no open": func(tt *TokenType) { tt.Of.Most = []int64{3, 0} },
	} {
		tt := good.TokenType().Clone()
		require.NoError(t, tt.check())
		change(&tt)
		assert.ErrorIs(t, tt.check(), ErrTokenType, name)
	}
	a, b := good.TokenType(), (TokenType{Elem: Opaque, Shape: []int64{good.bytes()}})
	assert.False(t, a.Equal(b), "%s equals", a)
}
