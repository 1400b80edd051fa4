package orttest

import (
	"errors"
	"maps"
	"os"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

func TestOperators(t *testing.T) {
	b := build.New("net")
	b.Import("com.microsoft", 1)
	b.Input("x", onnx.Float32, 1)
	b.Node("Neg", []string{"x"}, []string{"a"})
	b.Node("Neg", []string{"a"}, []string{"b"})
	b.Node("com.microsoft.Gelu", []string{"b"}, []string{"y"})
	b.Output("y", onnx.Float32, 1)
	model, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	at := ""
	count, err := Operators(func(path string) error { at = path; return os.WriteFile(path, model, 0o600) })
	if err != nil || !maps.Equal(count, map[string]int{"Neg": 2, "Gelu": 1}) {
		t.Errorf("%v, %v", count, err)
	}
	if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", at, err)
	}
	fails := errors.New("fails")
	for _, tt := range []struct {
		show func(string) error
		want error
	}{
		{func(string) error { return fails }, fails},
		{func(string) error { return nil }, os.ErrNotExist},
		{func(path string) error { return os.WriteFile(path, []byte("no model"), 0o600) }, nil},
	} {
		if _, err := Operators(tt.show); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("got %v, want %v", err, tt.want)
		}
	}
}

func TestAdded(t *testing.T) {
	before := map[string]int{"Conv": 3, "Add": 1, "Relu": 2}
	if got := Added(before, map[string]int{"Conv": 3, "ReorderOutput": 1, "Add": 3}); got != "2 Add, 1 ReorderOutput" {
		t.Errorf("got %q", got)
	}
	if got := Added(before, before); got != "" {
		t.Errorf("got %q of the same", got)
	}
}
