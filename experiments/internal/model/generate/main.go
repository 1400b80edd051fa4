// Generate writes the models of core/onnx/onnxtest to a folder, each in one of its
// own, for `just verify-models`. It may not be part of the program.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"google.golang.org/protobuf/proto"
)

func main() {
	if err := generate(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "generate: %v\n", err)
		os.Exit(1)
	}
}

func generate(args []string) error {
	if len(args) != 1 {
		return errors.New("expected one folder to write to")
	}
	for _, m := range onnxtest.All() {
		files := map[string][]byte{"model.onnx": m.Data}
		for name, data := range m.Files {
			files[filepath.FromSlash(name)] = data
		}
		if err := testData(m, files); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		for name, data := range files {
			path := filepath.Join(args[0], m.Name, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// size of dimensions that a model leaves open.
const size = 8

// testData adds inputs of a fixed size to a model with open dimensions.
func testData(g onnxtest.Model, files map[string][]byte) error {
	m, err := g.Parse()
	if err != nil || len(shape.Dims(m)) == 0 {
		return err
	}
	for i, t := range m.Inputs() {
		pb := &onnxpb.TensorProto{Name: proto.String(t.Name), DataType: proto.Int32(int32(t.Elem))}
		n := int64(1)
		for _, d := range t.Shape {
			if d < 0 {
				d = size
			}
			pb.Dims = append(pb.Dims, d)
			n *= d
		}
		for k := range n { // of both signs
			pb.FloatData = append(pb.FloatData, float32(k%7)-3)
		}
		data, err := proto.Marshal(pb)
		if err != nil {
			return err
		}
		files[filepath.Join("test_data_set_0", fmt.Sprintf("input_%d.pb", i))] = data
	}
	return nil
}
