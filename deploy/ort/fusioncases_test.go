package ort

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// fusionCases reads the models of testdata/fusions.txt.
func fusionCases(t *testing.T) []onnxtest.Model {
	t.Helper()
	data, err := os.ReadFile("testdata/fusions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []onnxtest.Model
	for _, text := range strings.Split(string(data), "\nmodel ")[1:] {
		name, lines, _ := strings.Cut(text, "\n")
		list = append(list, written(name, lines))
	}
	return list
}

// written makes a model of lines such as "y = Conv x #4,3,1,1 pads=[0,0,0,0]": a #
// begins the shape of a weight, a number is a scalar, uint8:0 one of that type, [1,-1]
// are integers, and - is nothing; "in x 1,4" and "out y 1,4" declare the ends, "opset
// 12" the operators.
func written(name, text string) onnxtest.Model {
	b, seed, constants := onnx.NewBuilder(name), uint32(1), 0
	fresh := func() string { constants++; return fmt.Sprintf("constant%d", constants) }
	operand := func(word string) string {
		kind, value, typed := strings.Cut(word, ":")
		switch {
		case word == "-":
			return ""
		case typed:
			n, _ := strconv.Atoi(value)
			return b.Raw(fresh(), map[string]onnx.Elem{"uint8": onnx.Uint8, "int8": onnx.Int8}[kind], []byte{byte(n)})
		case word[0] == '#':
			shape := integers(word[1:])
			data := make([]float32, count64(shape))
			for i := range data {
				seed = seed*1664525 + 1013904223
				data[i] = float32(seed>>8)/(1<<24) + 0.1
			}
			return b.Floats(fresh(), data, shape...)
		case word[0] == '[':
			list := integers(strings.Trim(word, "[]"))
			return b.Ints(fresh(), list, int64(len(list)))
		}
		if v, err := strconv.ParseFloat(word, 32); err == nil {
			return b.Floats(fresh(), []float32{float32(v)})
		}
		return word
	}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.Fields(line)
		switch {
		case words[0] == "opset":
			b.Import("", integers(words[1])[0])
		case words[0] == "in":
			b.Input(words[1], elem(words), integers(words[2])...)
		case words[0] == "out":
			b.Output(words[1], elem(words), integers(words[2])...)
		default:
			outs, rest, _ := strings.Cut(line, "=")
			words = strings.Fields(rest)
			var ins []string
			var attrs []onnx.Attr
			for _, w := range words[1:] {
				if key, value, ok := strings.Cut(w, "="); ok {
					attrs = append(attrs, onnx.Attr{Name: key, Value: attribute(value)})
				} else {
					ins = append(ins, operand(w))
				}
			}
			b.Node(words[0], ins, strings.Fields(outs), attrs...)
		}
	}
	data, err := b.Bytes()
	if err != nil {
		panic(err)
	}
	return onnxtest.Model{Name: name, Data: data}
}

func elem(words []string) onnx.Elem {
	if len(words) > 3 {
		return map[string]onnx.Elem{"int64": onnx.Int64, "uint8": onnx.Uint8, "int32": onnx.Int32}[words[3]]
	}
	return onnx.Float32
}

func integers(text string) []int64 {
	var list []int64
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			panic(err)
		}
		list = append(list, n)
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

func attribute(text string) any {
	if text[0] == '[' {
		return integers(strings.Trim(text, "[]"))
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(text, 32); err == nil {
		return float32(f)
	}
	return text
}
