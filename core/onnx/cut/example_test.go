package cut_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
)

// A network of two convolutions is cut into the actors of a chain.
func ExampleChain() {
	b := build.New("classifier")
	b.Input("image", onnx.Float32, 1, 3, 32, 32)
	b.Floats("w0", make([]float32, 8*3*3*3), 8, 3, 3, 3)
	b.Floats("w1", make([]float32, 4*8*3*3), 4, 8, 3, 3)
	b.Value("conv0", onnx.Float32, 1, 8, 30, 30)
	b.Node("Conv", []string{"image", "w0"}, []string{"conv0"})
	b.Value("relu0", onnx.Float32, 1, 8, 30, 30)
	b.Node("Relu", []string{"conv0"}, []string{"relu0"})
	b.Node("Conv", []string{"relu0", "w1"}, []string{"scores"})
	b.Output("scores", onnx.Float32, 1, 4, 28, 28)
	data, err := b.Bytes()
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := onnx.Parse(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	cuts, err := cut.Chain(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cuts {
		fmt.Printf("%d %s: %d bytes, %d of %d MACs on the endpoint\n", c.Index, c.Name, c.Bytes(), c.HeadMACs, work.MACs(m))
	}
	// Output:
	// 0 image: 12288 bytes, 0 of 420192 MACs on the endpoint
	// 1 relu0: 28800 bytes, 194400 of 420192 MACs on the endpoint
	// 2 scores: 12544 bytes, 420192 of 420192 MACs on the endpoint
}

// The part of a model between two cuts is a model of its own.
func ExampleExtract() {
	b := build.New("sum")
	b.Input("x", onnx.Float32, 4)
	b.Floats("w", make([]float32, 16), 4, 4)
	b.Value("h", onnx.Float32, 4)
	b.Node("MatMul", []string{"x", "w"}, []string{"h"})
	b.Node("Softmax", []string{"h"}, []string{"y"})
	b.Output("y", onnx.Float32, 4)
	data, _ := b.Bytes()
	m, _ := onnx.Parse(data)
	cuts, _ := cut.InOrder(m)
	tail, err := cut.Extract(m, cuts[1], cuts[2])
	if err != nil {
		fmt.Println(err)
		return
	}
	t, _ := onnx.Parse(tail)
	fmt.Println(t.Inputs(), t.Outputs(), t.Ops(), work.Params(t))
	// Output: [h float32[4]] [y float32[4]] [{Softmax 1}] 0
}

// Every cut of a model, with what it sends.
func ExampleAll() {
	m, err := onnxtest.External().Parse()
	if err != nil {
		fmt.Println(err)
		return
	}
	cuts, complete, err := cut.All(m, cut.Limits{Tensors: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cuts {
		fmt.Printf("%s: %d bytes, breaks %v, instead %q\n", c.Name, c.Bytes(), c.Broken, c.Instead)
	}
	fmt.Println(complete)
	// Output:
	// x: 64 bytes, breaks [], instead ""
	// a: 64 bytes, breaks [], instead ""
	// b: 64 bytes, breaks [], instead ""
	// c: 64 bytes, breaks [MatMul+Add], instead "d"
	// d: 64 bytes, breaks [], instead ""
	// y: 64 bytes, breaks [], instead ""
	// true
}

// The branches of a model go to different devices.
func ExampleParts() {
	m, err := onnxtest.If().Parse()
	if err != nil {
		fmt.Println(err)
		return
	}
	of := make([]int, len(m.Nodes()))
	for i, n := range m.Nodes() {
		if n.Op() == "If" || n.Op() == "Sigmoid" {
			of[i] = 1
		}
	}
	parts, err := cut.Parts(m, of)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range parts {
		fmt.Println(tensorNames(p.Inputs), "->", tensorNames(p.Outputs), p.Needs)
	}
	// Output:
	// x -> a b chosen.positive []
	// a b chosen.positive -> y [0]
}
