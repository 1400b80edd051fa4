package coder_test

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/coder"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// A codec, as the key codec of a plan's instance names it, codes a tensor and undoes it.
func Example() {
	plain := graph.TokenType{Elem: "float32", Shape: []int64{1, 6}}
	tensor, back := kernel.NewToken(plain, 0), kernel.NewToken(plain, 0)
	copy(kernel.View[float32](tensor), []float32{0, 0, 0.1, 0, 2, 0})
	for _, name := range []string{"none", "fp16", "sparse+fp16"} {
		if err := throughCodec(name, plain, tensor, back); err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output:
	// none: 24 of 24 bytes, [0 0 0.1 0 2 0]
	// fp16: 12 of 24 bytes, [0 0 0.099975586 0 2 0]
	// sparse+fp16: 12 of 24 bytes, [0 0 0.099975586 0 2 0]
}

func throughCodec(name string, plain graph.TokenType, tensor, back *kernel.Token) (err error) {
	c, err := codec.Parse(name)
	if err != nil {
		return err
	}
	wire, err := codec.Wire(name, plain)
	if err != nil {
		return err
	}
	encoder, err := coder.NewEncoder(c, plain, coder.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, encoder.Close()) }()
	decoder, err := coder.NewDecoder(c, plain, coder.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, decoder.Close()) }()
	coded := kernel.NewToken(wire, 0)
	n, err := encoder.Run(coded.Data, tensor.Data)
	if err != nil {
		return err
	}
	if _, err := decoder.Run(back.Data, coded.Data[:n]); err != nil {
		return err
	}
	fmt.Printf("%s: %d of %d bytes, %v\n", name, n, len(tensor.Data), kernel.View[float32](back))
	return nil
}
