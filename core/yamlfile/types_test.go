package yamlfile

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rate takes a number or a list of numbers.
type rate []int

func (r *rate) UnmarshalYAML(decode func(any) error) error {
	var list []any
	if decode(&list) == nil {
		return decode((*[]int)(r))
	}
	*r = make(rate, 1)
	return decode(&(*r)[0])
}

type every struct {
	S  string               `yaml:"s"`
	D  time.Duration        `yaml:"d"`
	W  quantity.BytesPerSec `yaml:"w"`
	I  int64                `yaml:"i"`
	U  uint64               `yaml:"u"`
	B8 []uint8              `yaml:"b8"`
	F  float64              `yaml:"f"`
	B  bool                 `yaml:"b"`
	A  map[string]any       `yaml:"a"`
	L  []string             `yaml:"l"`
	M  map[int]float64      `yaml:"m"`
	R  rate                 `yaml:"r"`
	P  *every               `yaml:"p"`
}

// What is read is what is written.
func TestScalars(t *testing.T) {
	for s, want := range map[string]every{
		"d: 5ms": {D: 5e6}, "d: 5 ms": {D: 5e6}, "d: \"1.5s\"": {D: 1.5e9}, "d: 0": {}, "d: -1ms": {D: -1e6},
		"w: 12500000": {W: 12.5e6}, "w: 100Mbit/s": {W: 12.5e6}, "w: '12.5 MB/s'": {W: 12.5e6}, "w: 1.25e7": {W: 12.5e6},
		"w: '0100'": {W: 100},
		"w: 1MiB/s": {W: 1 << 20}, "i: 1e3": {I: 1000}, "i: 0x10": {I: 16}, "i: -3": {I: -3}, "i: 3.0": {I: 3},
		"u: 18446744073709551615": {U: 1<<64 - 1}, "b8: [0, 255]": {B8: []uint8{0, 255}},
		"f: 2": {F: 2}, "f: 1e-3": {F: 1e-3}, "f: 1e+21": {F: 1e21}, "b: true": {B: true}, "b: False": {},
		"s: 5": {S: "5"}, "s: '010'": {S: "010"}, "s: yes": {S: "yes"}, "s: 2026-01-02": {S: "2026-01-02"}, "s:": {},
		"s: 1.5": {S: "1.5"}, "l: [1, true]": {L: []string{"1", "true"}}, "l:": {},
		"m: {0: 0.5, 1: 1}": {M: map[int]float64{0: .5, 1: 1}},
		"r: 3":              {R: rate{3}}, "r: [1, 2]": {R: rate{1, 2}}, "p: {i: 1}": {P: &every{I: 1}}, "p:": {},
		"p: &x {i: 1}\ns: a": {P: &every{I: 1}, S: "a"},
	} {
		var got every
		_, err := Decode("f.yaml", []byte(s), &got)
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
}

// What has another type is refused, with the place, what is right and an example.
func TestWrongScalars(t *testing.T) {
	const duration = "expected a duration with its unit, such as 5ms, 5s or 5us; found \"5\""
	const anyDuration = "expected a duration such as 5ms, 1.5s or 1m30s, in ns, us, ms, s, m and h; found "
	for s, want := range map[string]string{
		"d: 5": duration, "d: '5'": duration, "d: 1.5": "such as 1.5ms, 1.5s or 1.5us", "d: soon": anyDuration + `"soon"`,
		"d: true": anyDuration + `"true"`, "d: 5 sec": anyDuration, "d: 1:30": anyDuration, "d: .inf": anyDuration,
		"d: 2026-01-02": anyDuration, "d: 0x10": "duration", "d: 1e3": "such as 1e3ms",
		"d: [5ms]": "expected a duration such as 5ms, found a list", "d: {a: 5ms}": "found a mapping",
		"d:":                          "expected a duration such as 5ms, found nothing; give a value or remove the key",
		"d: null":                     "expected a duration such as 5ms, found nothing",
		"w: 100Mbot":                  "expected bytes or bits per second, such as 12.5MB/s, 12.5MiB/s, 100Mbit/s",
		"w: 0100":                     "0100 may be read to the base of 8 or 10; write it without the 0 in front, or in",
		"w: 0_10":                     "0_10 may be read to the base of 8 or 10",
		"i: 0_10":                     "0_10 may be read to the base of 8 or 10",
		"a: {x: 0_10}":                "0_10 may be read to the base of 8 or 10",
		"w: -010":                     "-010 may be read to the base of 8 or 10",
		"w: .nan":                     "expected bytes or bits per second",
		"w: 5ms":                      "expected bytes or bits per second",
		"i: 1.5":                      "expected a whole number such as 10, found 1.5",
		"i: \"5\"":                    `expected a whole number such as 10, found the text "5"; remove the quotes`,
		"i: '1e3'":                    "remove the quotes",
		"i: 5 frames":                 `expected a whole number such as 10, found the text "5 frames"`,
		"i: true":                     "expected a whole number such as 10, found true",
		"i: .nan":                     "expected a whole number such as 10, found .nan",
		"i: .inf":                     "expected a whole number such as 10, found .inf",
		"i: 1e30":                     "expected a whole number such as 10, found 1e30",
		"i: 010":                      "010 may be read to the base of 8 or 10; write it without the 0 in front, or in",
		"i:":                          "expected a whole number such as 10, found nothing",
		"i: [5]":                      "found a list",
		"u: -1":                       "expected a whole number from 0 on such as 10, found -1",
		"b8: [256]":                   "expected a whole number from 0 to 255, found 256",
		"b8: [~]":                     "expected a whole number from 0 to 255, found nothing",
		"f: .inf":                     "expected a number such as 0.5, found .inf",
		"f: -.inf":                    "expected a number such as 0.5, found -.inf",
		"f: .nan":                     "expected a number such as 0.5, found .nan",
		"f: nan":                      `expected a number such as 0.5, found the text "nan"`,
		"f: 50%":                      `expected a number such as 0.5, found the text "50%"`,
		"f: 1,5":                      `expected a number such as 0.5, found the text "1,5"`,
		"f: \"2\"":                    "remove the quotes",
		"f: 1e400":                    "expected a number such as 0.5",
		"f: 2026-1-2":                 "expected a number such as 0.5",
		"b: yes":                      `expected true or false, found the text "yes"`,
		"b: on":                       `expected true or false, found the text "on"`,
		"b: 1":                        "expected true or false, found 1",
		"b: 'true'":                   `expected true or false, found the text "true"; remove the quotes`,
		"b: null":                     "expected true or false, found nothing",
		"s: 010":                      `expected a text, found 010, which may be read as 8; write it in quotes: "010"`,
		"s: 0x10":                     `which may be read as 16; write it in quotes: "0x10"`,
		"s: 1.10":                     `which may be read as 1.1; write it in quotes: "1.10"`,
		"s: 1_000":                    `write it in quotes: "1_000"`,
		"s: .inf":                     `write it in quotes: ".inf"`,
		"s: True":                     `which may be read as true; write it in quotes: "True"`,
		"s: null":                     "expected a text, found nothing",
		"s: [a]":                      "expected a text, found a list",
		"s: {a: b}":                   "expected a text, found a mapping",
		"l: a":                        `expected a list such as [a, b], found the text "a"`,
		"l: {a: b}":                   "expected a list such as [a, b], found a mapping",
		"l: [[a]]":                    "expected a text, found a list",
		"m: {a: 1}":                   `expected a whole number such as 10, found the text "a"`,
		"m: {1.5: 1}":                 "expected a whole number such as 10, found 1.5",
		"m: {1: .nan}":                "expected a number such as 0.5, found .nan",
		"m: [1]":                      "expected a mapping, found a list",
		"a: {x: .nan}":                "expected a finite number, found .nan",
		"a: {x: [.inf]}":              "expected a finite number, found .inf",
		"a: {x: 010}":                 "010 may be read to the base of 8 or 10",
		"r: 1.5":                      "expected a whole number such as 10, found 1.5",
		"r: [1, x]":                   `expected a whole number such as 10, found the text "x"`,
		"p: 5":                        "expected a mapping, found 5",
		"p: {q: 1}":                   `unknown field "q"; mend the spelling or remove it`,
		"p: &x {i: 1.5}":              "found 1.5",
		"l: &x [a]\np: {l: *x, i: a}": `found the text "a"`,
		"<<: {i: 1.5}":                "found 1.5",
		"<<: [{i: 1}, {u: a}]":        `found the text "a"`,
		"5":                           "f.yaml:1:1: expected a mapping, found 5",
		"- s: a":                      "f.yaml:1:1: expected a mapping, found a list",
		"s":                           `f.yaml:1:1: expected a mapping, found the text "s"`,
	} {
		var v every
		_, err := Decode("f.yaml", []byte(s), &v)
		require.ErrorIs(t, err, ErrInput, s)
		assert.Contains(t, err.Error(), want, s)
		assert.Regexp(t, `^bad input: f\.yaml:[12]:\d+: `, err.Error(), s)
	}
}
