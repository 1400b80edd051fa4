// Generate writes the models of core/onnx/onnxtest to a folder, each in one of its
// own, for `just verify-models`. It may not be part of the program.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
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
