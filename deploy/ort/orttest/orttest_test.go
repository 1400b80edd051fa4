package orttest

import (
	"errors"
	"os"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	require.NoError(t, err)
	at := ""
	count, err := Operators(func(path string) error { at = path; return os.WriteFile(path, model, 0o600) })
	require.NoError(t, err)
	assert.Equal(t, map[string]int{"Neg": 2, "Gelu": 1}, count)
	_, err = os.Stat(at)
	assert.ErrorIs(t, err, os.ErrNotExist, "%s is left", at)
	fails := errors.New("fails")
	for _, tt := range []struct {
		show func(string) error
		want error
	}{
		{func(string) error { return fails }, fails},
		{func(string) error { return nil }, os.ErrNotExist},
		{func(path string) error { return os.WriteFile(path, []byte("no model"), 0o600) }, nil},
	} {
		_, err := Operators(tt.show)
		require.Error(t, err)
		if tt.want != nil {
			assert.ErrorIs(t, err, tt.want)
		}
	}
}

func TestAdded(t *testing.T) {
	before := map[string]int{"Conv": 3, "Add": 1, "Relu": 2}
	got := Added(before, map[string]int{"Conv": 3, "ReorderOutput": 1, "Add": 3})
	assert.Equal(t, "2 Add, 1 ReorderOutput", got)
	got = Added(before, before)
	assert.Empty(t, got, "got %q of the same", got)
}
