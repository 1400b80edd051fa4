package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
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
		if tt.String() != s || tt.Elem != Opaque || tt.Bytes() != bytes || !tt.Variable() || tt.Of == nil {
			t.Errorf("%s: %s, %d bytes", s, tt, tt.Bytes())
		}
		if err := tt.check(); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		text, err := json.Marshal(tt)
		if err != nil {
			t.Fatal(err)
		}
		var back TokenType
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, tt) {
			t.Errorf("%s: came back as %+v of %+v, %v", s, back, back.Of, err)
		}
	}
	for s, says := range map[string]string{
		"float32[<=-1]": `dimension "<=-1"`, "float32[<=x]": `dimension "<=x"`, "float32[0,<=3]": `dimension "0"`, "bytes[<=3]": `"<=3"`,
		"bool[0]": `dimension "0"`, "string[<=3]": "not a token type", "float32[<=70000,<=70000]": "has more than", "float32[<3]": `dimension "<3"`,
		"float32[<=2147483648,<=2147483648,<=2147483648]": "has more than", "float32[<=3": "not a token type",
	} {
		if tt, err := ParseTokenType(s); !errors.Is(err, ErrTokenType) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, %v; want an error with %q", s, tt, err, says)
		}
	}
}

func TestShapedGreatest(t *testing.T) {
	for s, want := range map[string]string{"float32[<=100,4]": "float32[100,4] true", "bool[8]": "bool[8] false", "int64[]": "int64[] false"} {
		tt, err := ParseTokenType(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(tt.Of.Greatest(), " ", tt.Of.Varies()); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

func TestShapedFits(t *testing.T) {
	s := Shaped{"float32", []int64{100, 4}, []bool{true, false}}
	for _, tc := range []struct {
		shape []int64
		fits  bool
	}{{[]int64{100, 4}, true}, {[]int64{0, 4}, true}, {[]int64{101, 4}, false}, {[]int64{3, 3}, false}, {[]int64{3}, false}, {[]int64{-1, 4}, false}} {
		if s.Fits(tc.shape) != tc.fits {
			t.Errorf("%v fits %s: %v", tc.shape, &s, !tc.fits)
		}
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
		if err := tt.check(); err != nil {
			t.Fatal(err)
		}
		if change(&tt); !errors.Is(tt.check(), ErrTokenType) {
			t.Errorf("%s: %v", name, tt.check())
		}
	}
	if a, b := good.TokenType(), (TokenType{Elem: Opaque, Shape: []int64{good.bytes()}}); a.Equal(b) {
		t.Errorf("%s equals %s", a, b)
	}
}
