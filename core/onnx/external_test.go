package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestExternalDataIsChecked(t *testing.T) {
	set := func(k, v string) func(*onnxpb.ModelProto) {
		return func(m *onnxpb.ModelProto) {
			for _, e := range m.Graph.Initializer[0].ExternalData {
				if e.GetKey() == k {
					e.Value = proto.String(v)
				}
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*onnxpb.ModelProto)
		want   string
	}{
		{"parent directory", set("location", "../weights.bin"), `"../weights.bin" leads out`},
		{"hidden parent", set("location", "more/../../weights.bin"), "leads out"},
		{"absolute", set("location", "/etc/passwd"), "leads out"},
		{"backslash", set("location", `..\weights.bin`), "leads out"},
		{"empty", set("location", ""), "leads out"},
		{"no such file", set("location", "lost.bin"), `no file "lost.bin"`},
		{"offset beyond the end", set("offset", "4096"), "bytes 4096 to 5120 of weights.bin, which has 1024"},
		{"offset that overflows", set("offset", fmt.Sprint(int64(math.MaxInt64))), "which has 1024"},
		{"negative offset", set("offset", "-4"), "bytes -4"},
		{"offset that is no number", set("offset", "four"), "offset"},
		{"other length", set("length", "1000"), "1000 bytes in weights.bin"},
		{"huge shape", func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].Dims = []int64{1000, 1000, 1000} },
			"wants 4000000000"},
		{"impossible shape", func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].Dims = []int64{math.MaxInt64, 8} },
			"of shape"},
		{"no file named", func(m *onnxpb.ModelProto) { m.Graph.Initializer[0].ExternalData = nil }, "no file is named"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			model := onnxtest.External()
			_, err := onnx.ParseFiles(onnxtest.Edit(t, model.Data, tt.change), model.Files)
			require.ErrorIs(t, err, onnx.ErrExternalRange, "error %v, want one of ErrExternalRange about %q and \"shared\"", err,
				tt.want)
			require.ErrorIs(t, err, onnx.ErrInvalidModel, "error %v, want one of ErrExternalRange about %q and \"shared\"", err,
				tt.want)
			assert.Contains(t, err.Error(), tt.want, "error %v, want one of ErrExternalRange about %q and \"shared\"", err,
				tt.want)
			assert.Contains(t, err.Error(), `"shared"`, "error %v, want one of ErrExternalRange about %q and \"shared\"", err,
				tt.want)
		})
	}
	_, err := onnx.Parse(onnxtest.External().Data)
	assert.ErrorIs(t, err, onnx.ErrExternalData, "without files")
}

func TestWeightsGoToAnotherFileOnce(t *testing.T) {
	m, err := onnxtest.External().Parse()
	require.NoError(t, err)
	cuts, _, err := cut.All(m, cut.Limits{})
	require.NoError(t, err)
	s, err := cut.Between(m, cuts[0], cuts[len(cuts)-1], "part.bin")
	require.NoError(t, err)
	var model, data bytes.Buffer
	require.NoError(t, errors.Join(s.WriteModel(&model), s.WriteData(&data)))
	a, b := s.Size()
	assert.Equal(t, int64(model.Len()), a, "sizes %d and %d, written %d and %d; want 2 weights of 1024 bytes", a, b,
		model.Len(), data.Len())
	assert.Equal(t, int64(data.Len()), b, "sizes %d and %d, written %d and %d; want 2 weights of 1024 bytes", a, b,
		model.Len(), data.Len())
	assert.EqualValues(t, 2*1024, b, "sizes %d and %d, written %d and %d; want 2 weights of 1024 bytes", a, b, model.Len(),
		data.Len())
	again, err := onnx.ParseFiles(model.Bytes(), onnxtest.Files{"part.bin": data.Bytes()})
	require.NoError(t, err)
	both, err := cut.Extract(again, cuts[0], cuts[len(cuts)-1])
	require.NoError(t, err)
	want, err := cut.Extract(m, cuts[0], cuts[len(cuts)-1])
	require.NoError(t, err, "written to two files and read again the model differs")
	assert.Equal(t, want, both, "written to two files and read again the model differs")
	_, err = cut.Between(m, cuts[0], cuts[1], "../part.bin")
	assert.Error(t, err, "a data file outside of the directory was accepted")
}

// zeros are files of any length that hold nothing else.
type zeros map[string]int64

func (z zeros) Size(name string) (int64, error) { return z[name], nil }

func (z zeros) ReadAt(_ string, p []byte, _ int64) error {
	clear(p)
	return nil
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// A model of 3 GB is divided within a few megabytes of memory.
func TestLargeModelTakesLittleMemory(t *testing.T) {
	const layers, side = 12, 8192 // 256 MiB each
	b := build.New("large")
	b.Input("x", onnx.Float32, 1, side)
	x := "x"
	for i := range layers {
		out := fmt.Sprintf("y%d", i)
		b.External(out+".w", onnx.Float32, "weights.bin", int64(i)*side*side*4, side, side)
		b.Value(out, onnx.Float32, 1, side)
		x = b.Node("MatMul", []string{x, out + ".w"}, []string{out})
	}
	b.Output(x, onnx.Float32, 1, side)
	model, err := b.Bytes()
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := onnx.ParseFiles(model, zeros{"weights.bin": layers * side * side * 4})
	require.NoError(t, err)
	cuts, err := cut.InOrder(m)
	require.NoError(t, err)
	written := counter(0)
	for _, part := range [][2]cut.Cut{{cuts[0], cuts[2]}, {cuts[2], cuts[layers]}} {
		s, err := cut.Between(m, part[0], part[1], "part.bin")
		require.NoError(t, err)
		require.NoError(t, errors.Join(s.WriteModel(io.Discard), s.WriteData(&written)))
	}
	runtime.ReadMemStats(&after)
	assert.EqualValues(t, layers*side*side*4, written, "%d bytes of weights were written", written)
	took := after.TotalAlloc - before.TotalAlloc
	assert.LessOrEqual(t, took, uint64(16<<20), "%d bytes were allocated", took)
	_, err = cut.Between(m, cuts[0], cuts[layers], "")
	assert.ErrorIs(t, err, onnx.ErrTooLarge, "3 GB in one file")
}

// copier is files that copy, and can't be read.
type copier struct{ onnxtest.Files }

func (c copier) ReadAt(string, []byte, int64) error { return errors.New("read") }

func (c copier) Copy(w io.Writer, name string, offset, length int64) error {
	data := make([]byte, length)
	if err := c.Files.ReadAt(name, data, offset); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

func TestFilesThatCopyAreNotRead(t *testing.T) {
	g := onnxtest.External()
	write := func(files onnx.Files) []byte {
		m, err := onnx.ParseFiles(g.Data, files)
		require.NoError(t, err)
		s, err := cut.Between(m, cut.Cut{Tensors: m.Inputs()}, cut.Cut{Tensors: m.Outputs()}, "data")
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, s.WriteData(&b))
		return b.Bytes()
	}
	got, want := write(copier{g.Files}), write(g.Files)
	assert.Equal(t, want, got, "%d bytes copied, which differ from %d read", len(got), len(want))
	lost := onnxtest.Files{"weights.bin": g.Files["weights.bin"], "more/weights.bin": g.Files["more/weights.bin"]}
	m, err := onnx.ParseFiles(g.Data, copier{lost})
	require.NoError(t, err)
	s, err := cut.Between(m, cut.Cut{Tensors: m.Inputs()}, cut.Cut{Tensors: m.Outputs()}, "data")
	require.NoError(t, err)
	delete(lost, "weights.bin")
	err = s.WriteData(io.Discard)
	require.Error(t, err, "with a file gone")
	assert.Contains(t, err.Error(), "copy 1024 bytes of weights.bin at byte 0", "with a file gone")
}

func TestConstantsMayBeExternal(t *testing.T) {
	model := onnxtest.External()
	data := onnxtest.Edit(t, model.Data, func(m *onnxpb.ModelProto) {
		w := m.Graph.Initializer[0]
		m.Graph.Initializer = m.Graph.Initializer[1:]
		c := &onnxpb.NodeProto{OpType: proto.String("Constant"), Output: []string{"shared"},
			Attribute: []*onnxpb.AttributeProto{
				{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: w},
			}}
		m.Graph.Node = append([]*onnxpb.NodeProto{c}, m.Graph.Node...)
	})
	m, err := onnx.ParseFiles(data, model.Files)
	require.NoError(t, err)
	whole, err := onnxtest.External().Parse()
	require.NoError(t, err)
	assert.Equal(t, work.Params(whole), work.Params(m), "%d parameters", work.Params(m))
	cuts, err := cut.Single(m)
	require.NoError(t, err)
	part, err := cut.Extract(m, cuts[0], cuts[1])
	require.NoError(t, err, "the part lacks the constant's data")
	assert.True(t, bytes.Contains(part, model.Files["weights.bin"]), "the part lacks the constant's data")
}
