package ort

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/require"
)

// fusionCases reads the models of testdata/fusions.txt.
func fusionCases(t *testing.T) []onnxtest.Model {
	t.Helper()
	data, err := os.ReadFile("testdata/fusions.txt")
	require.NoError(t, err)
	var list []onnxtest.Model
	line := 1
	for i, text := range strings.Split(string(data), "\nmodel ") {
		if i > 0 { // else it is the comment
			name, lines, _ := strings.Cut(text, "\n")
			list = append(list, written(t, name, lines, line+1))
		}
		line += strings.Count(text, "\n") + 1
	}
	return list
}

var (
	need     = map[string]int{"opset": 2, "in": 3, "out": 3} // words
	errShort = errors.New("words are missing")
)

// notation reads a line of testdata/fusions.txt.
type notation struct {
	*testing.T
	line int
}

func (n notation) fail(err error) {
	n.Helper()
	n.Fatalf("testdata/fusions.txt:%d: %v", n.line, err)
}

// written makes a model of lines such as "y = Conv x #4,3,1,1 pads=[0,0,0,0]": a #
// begins the shape of a weight, a number is a scalar, uint8:0 one of that type, [1,-1]
// are integers, and - is nothing; "in x 1,4" and "out y 1,4" declare the ends, "opset
// 12" the operators. first is the number of the first line.
func written(t *testing.T, name, text string, first int) onnxtest.Model {
	t.Helper()
	at := notation{t, first - 1}
	b, seed, constants := build.New(name), uint32(1), 0
	fresh := func() string { constants++; return fmt.Sprintf("constant%d", constants) }
	operand := func(word string) string {
		kind, value, typed := strings.Cut(word, ":")
		switch {
		case word == "-":
			return ""
		case typed:
			return b.Raw(fresh(), at.elem(kind), []byte{byte(at.integers(value)[0])})
		case word[0] == '#':
			shape := at.integers(word[1:])
			data := make([]float32, count64(shape))
			for i := range data {
				seed = seed*1664525 + 1013904223
				data[i] = float32(seed>>8)/(1<<24) + 0.1
			}
			return b.Floats(fresh(), data, shape...)
		case word[0] == '[':
			list := at.integers(strings.Trim(word, "[]"))
			return b.Ints(fresh(), list, int64(len(list)))
		}
		if v, err := strconv.ParseFloat(word, 32); err == nil {
			return b.Floats(fresh(), []float32{float32(v)})
		}
		return word
	}
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		at.line++
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || len(words) < need[words[0]]:
			at.fail(errShort)
		case words[0] == "opset":
			b.Import("", at.integers(words[1])[0])
		case words[0] == "in":
			b.Input(words[1], at.end(words), at.integers(words[2])...)
		case words[0] == "out":
			b.Output(words[1], at.end(words), at.integers(words[2])...)
		default:
			outs, rest, _ := strings.Cut(line, "=")
			if words = strings.Fields(rest); len(words) == 0 {
				at.fail(errShort)
			}
			var ins []string
			var attrs []build.Attr
			for _, w := range words[1:] {
				if key, value, ok := strings.Cut(w, "="); ok {
					attrs = append(attrs, build.Attr{Name: key, Value: at.attribute(value)})
				} else {
					ins = append(ins, operand(w))
				}
			}
			b.Node(words[0], ins, strings.Fields(outs), attrs...)
		}
	}
	data, err := b.Bytes()
	if err != nil {
		at.fail(err)
	}
	return onnxtest.Model{Name: name, Data: data}
}

// end returns the element type of an input or output: float32 if none is given.
func (n notation) end(words []string) onnx.Elem {
	n.Helper()
	if len(words) > 3 {
		return n.elem(words[3])
	}
	return onnx.Float32
}

func (n notation) elem(name string) onnx.Elem {
	n.Helper()
	e, ok := onnx.ElemNamed(name)
	if !ok {
		n.fail(fmt.Errorf("no element type %q", name))
	}
	return e
}

func (n notation) integers(text string) []int64 {
	n.Helper()
	var list []int64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			n.fail(err)
		}
		list = append(list, v)
	}
	return list
}

func count64(shape []int64) int64 {
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return n
}

func (n notation) attribute(text string) any {
	n.Helper()
	if text[0] == '[' {
		return n.integers(strings.Trim(text, "[]"))
	}
	if v, err := strconv.Atoi(text); err == nil {
		return v
	}
	if f, err := strconv.ParseFloat(text, 32); err == nil {
		return float32(f)
	}
	return text
}
