package model

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds hold also for a model that isn't run, and errors about them name the file.
func TestBoundsWithoutARun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "filtered.onnx")
	require.NoError(t, os.WriteFile(path, onnxtest.Filtered().Data, 0o644))
	open := func(tensor string, most ...int64) (*Model, error) {
		return Open(path, Options{Bounds: map[string][]int64{tensor: most}})
	}
	m, err := open("h", 20, 4)
	require.NoError(t, err)
	s, ok := m.Span("h")
	require.True(t, ok, "h")
	assert.Equal(t, []int64{20, 4}, s.Most, "h")
	for tensor, want := range map[string]error{"none": shape.ErrNoDim, "refined": onnx.ErrNoShape} {
		_, err := open(tensor, 3, 3)
		require.ErrorIs(t, err, want, tensor)
		assert.True(t, strings.HasPrefix(err.Error(), path+": "), tensor)
	}
}

// A look at a model that would take too much memory takes little.
func TestPeek(t *testing.T) {
	producer, nodes := Peek(onnxtest.Residual().Data)
	parsed, err := onnxtest.Residual().Parse()
	require.NoError(t, err)
	assert.Equal(t, parsed.Producer(), producer)
	assert.Len(t, parsed.Nodes(), nodes)

	const many = 5 << 20
	graph := protowire.AppendBytes([]byte{0x12, 1, 'p', 0x3a}, bytes.Repeat([]byte{0x0a, 0}, many))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	producer, nodes = Peek(graph)
	runtime.ReadMemStats(&after)
	assert.Equal(t, "p", producer)
	assert.Equal(t, many, nodes)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	for _, other := range []string{"\x12\x09p", "\x12\x01p\x3a\x02\x0a\x09", "\x12\x01\xff", "text"} {
		producer, nodes = Peek([]byte(other))
		assert.Empty(t, producer, "%q", other)
		assert.Zero(t, nodes, "%q", other)
	}
}

// A model is found behind links of which one says where it leads from the root, and one
// doesn't, from the folder that it is in.
func TestLinksOfBothKinds(t *testing.T) {
	g, dir := onnxtest.External(), t.TempDir()
	for name, data := range map[string][]byte{
		"blobs/m": g.Data, "blobs/w": g.Files["weights.bin"], "blobs/v": g.Files["more/weights.bin"],
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "r", "more"), 0o755))
	for at, to := range map[string]string{
		"r/model.onnx": filepath.Join(dir, "blobs", "m"), "r/weights.bin": "../blobs/w",
		"r/more/weights.bin": "../../blobs/v",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, at)))
	}
	t.Chdir(dir)
	_, err := Open("r/model.onnx", Options{})
	require.NoError(t, err)
}

func TestFolderCopies(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{"in/weights.bin": "0123456789", "secret": "outside"} {
		path = filepath.Join(dir, path)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644))
		require.NoError(t, err)
	}
	in := filepath.Join(dir, "in")
	require.NoError(t, os.Symlink("../secret", filepath.Join(in, "link")))
	f := Folder(in)
	var b bytes.Buffer
	err := f.Copy(&b, "weights.bin", 3, 4)
	require.NoError(t, err, "copied %q, %v; want 3456", b.String(), err)
	assert.Equal(t, "3456", b.String(), "copied %q, %v; want 3456", b.String(), err)
	path := filepath.Join(dir, "out")
	err = create(path, func(w io.Writer) error {
		return errors.Join(f.Copy(w, "weights.bin", 8, 2), f.Copy(w, "weights.bin", 0, 2))
	})
	require.NoError(t, err)
	got, err := os.ReadFile(path)
	require.NoError(t, err, "from file to file: %q, %v; want 8901", got, err)
	assert.Equal(t, "8901", string(got), "from file to file: %q, %v; want 8901", got, err)
	assert.ErrorIs(t, f.Copy(io.Discard, "weights.bin", 8, 3), io.ErrUnexpectedEOF, "beyond the end")
	for _, name := range []string{"link", "../secret", "none"} {
		assert.Error(t, f.Copy(io.Discard, name, 0, 1), "%s was copied", name)
	}
}
