package tensorfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// array writes an array file: descr and shape as numpy writes them.
func array(descr string, fortran bool, shape string, values ...any) []byte {
	order := "False"
	if fortran {
		order = "True"
	}
	head := fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
	head += "\n"
	b := append([]byte(magic+"\x01\x00"), byte(len(head)), byte(len(head)>>8))
	b = append(b, head...)
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

func TestNPY(t *testing.T) {
	for _, tc := range []struct {
		name   string
		file   []byte
		elem   onnx.Elem
		shape  []int64
		values []float64
	}{
		{"bool", array("'|b1'", false, "(3,)", []byte{1, 0, 1}), onnx.Bool, []int64{3}, []float64{1, 0, 1}},
		{"int8", array("'|i1'", false, "(2,)", []int8{-1, 5}), onnx.Int8, []int64{2}, []float64{-1, 5}},
		{"uint8", array("'|u1'", false, "(1, 2)", []byte{200, 5}), onnx.Uint8, []int64{1, 2}, []float64{200, 5}},
		{"int16", array("'<i2'", false, "(1,)", int16(-300)), onnx.Int16, []int64{1}, []float64{-300}},
		{"uint16", array("'<u2'", false, "(1,)", uint16(65535)), onnx.Uint16, []int64{1}, []float64{65535}},
		{"int32", array("'<i4'", false, "(1,)", int32(-7)), onnx.Int32, []int64{1}, []float64{-7}},
		{"uint32", array("'<u4'", false, "(1,)", uint32(7)), onnx.Uint32, []int64{1}, []float64{7}},
		{"int64", array("'<i8'", false, "()", int64(9)), onnx.Int64, []int64{}, []float64{9}},
		{"uint64", array("'<u8'", false, "(1,)", uint64(9)), onnx.Uint64, []int64{1}, []float64{9}},
		{"float16", array("'<f2'", false, "(2,)", uint16(0x3c00), uint16(0xc000)), onnx.Float16, []int64{2},
			[]float64{1, -2}},
		{"float32", array("'<f4'", false, "(2,)", []float32{1, -2}), onnx.Float32, []int64{2}, []float64{1, -2}},
		{"float64", array("'<f8'", false, "(1,)", 0.5), onnx.Float64, []int64{1}, []float64{0.5}},
		{"big end first", array("'>i2'", false, "(2,)", []byte{1, 0, 0, 2}), onnx.Int16, []int64{2}, []float64{256, 2}},
		{"columns", array("'<i4'", true, "(2, 3)", []int32{1, 4, 2, 5, 3, 6}), onnx.Int32, []int64{2, 3},
			[]float64{1, 2, 3, 4, 5, 6}},
		{"no elements", array("'<f4'", false, "(1, 0, 8)"), onnx.Float32, []int64{1, 0, 8}, nil},
		{"Python 2", array("'<i4'", false, "(2L,)", []int32{1, 2}), onnx.Int32, []int64{2}, []float64{1, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := npy(tc.file)
			require.NoError(t, err)
			assert.Equal(t, tc.elem, got.Elem)
			assert.Equal(t, tc.shape, got.Shape)
			var values []float64
			for at := 0; at < len(got.Data); at += int(got.Elem.Size()) {
				values = append(values, numbers[got.Elem](got.Data[at:]))
			}
			assert.Equal(t, tc.values, values)
		})
	}
	for name, file := range map[string][]byte{
		"bytes":       array("'|S3'", false, "(2,)", []byte("abcd\x00\x00")),
		"code points": array("'<U3'", false, "(2,)", []int32{'a', 'b', 'c', 'd', 0, 0}),
	} {
		got, err := npy(file)
		require.NoError(t, err, name)
		assert.Equal(t, []string{"abc", "d"}, got.Strings, name)
	}
	long := append([]byte(magic+"\x02\x00"), array("'|u1'", false, "(1,)", byte(7))[8:]...)
	long = append(long[:10:10], append([]byte{0, 0}, long[10:]...)...)
	got, err := npy(long)
	require.NoError(t, err, "format 2")
	assert.Equal(t, []byte{7}, got.Data)
}

func TestBadNPY(t *testing.T) {
	deep := bytes.Repeat([]byte("("), 1000)
	for name, tc := range map[string]struct {
		file []byte
		says string
	}{
		"not one":          {[]byte("this is some text"), "not an array of numpy"},
		"cut in the head":  {array("'<f4'", false, "(1,)")[:20], "cut short"},
		"cut in the data":  {array("'<f4'", false, "(2,)", float32(1)), "is the file whole"},
		"more than stated": {array("'<f4'", false, "(1,)", []float32{1, 2}), "is the file whole"},
		"structured": {array("[('x', '<f4'), ('y', '<i4')]", false, "(1,)", []byte{0, 0, 0, 0, 0, 0, 0, 0}),
			"a structured type with fields x, y"},
		"objects":        {array("'|O'", false, "(1,)", []byte{1}), "Python objects"},
		"complex":        {array("'<c8'", false, "(1,)", []float32{1, 2}), "complex numbers"},
		"dates":          {array("'<M8[ns]'", false, "(1,)", int64(1)), "dates"},
		"void":           {array("'|V2'", false, "(1,)", []byte{1, 2}), "bfloat16"},
		"long floats":    {array("'<f16'", false, "(1,)", make([]byte, 16)), "float64"},
		"negative":       {array("'<f4'", false, "(-1,)"), "a size -1"},
		"overflow":       {array("'<f4'", false, "(4611686018427387904, 4)"), "is the file whole"},
		"endless string": {array("'<U99999999999'", false, "(1,)"), "which numpy doesn't have"},
		"no shape":       {array("'<f4'", false, "7"), "no order or shape"},
		"nested":         {array("'<f4'", false, string(deep)), "nested deeper"},
		"format 9":       {append([]byte(magic+"\x09\x00"), make([]byte, 8)...), "format 9"},
	} {
		_, err := npy(tc.file)
		require.ErrorIs(t, err, ErrFile, name)
		assert.Contains(t, err.Error(), tc.says, name)
	}
}

// archive writes arrays by name.
func archive(t *testing.T, arrays map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range arrays {
		m, err := w.Create(name)
		require.NoError(t, err)
		_, err = m.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// An archive with two members of one name is refused before either is read.
func TestRepeatedMembers(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for range 2 {
		m, err := w.Create("a.npy")
		require.NoError(t, err)
		_, err = m.Write([]byte("no array"))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	_, err := members(b.Bytes(), func(string) bool { return true })
	require.ErrorIs(t, err, ErrFile)
	assert.Contains(t, err.Error(), "two members a.npy")
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	one := array("'<f4'", false, "(1,)", float32(2))
	file := func(name string, data []byte) *File {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o644))
		f, err := Open(path)
		require.NoError(t, err)
		return f
	}
	all := func(string) bool { return true }
	npz := archive(t, map[string][]byte{"a.npy": one, "b.npy": one, "note.txt": []byte("x")})
	for name, tc := range map[string]struct {
		data []byte
		kind Kind
	}{
		"a.npy": {one, NPY}, "misnamed.bin": {one, NPY}, "b.npz": {npz, NPZ}, "e.pb": {nil, PB}, "f": {[]byte("abcd"), Raw},
	} {
		assert.Equal(t, tc.kind, file(name, tc.data).Kind, name)
	}
	list, err := file("b.npz", npz).Tensors(func(name string) bool { return name == "b" })
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "b", list[0].Name)
	assert.Equal(t, []int64{1}, list[0].Shape)
	for name, data := range map[string][]byte{
		"cut.npz": npz[:len(npz)-30], "text.npy": []byte("x"), "f": []byte("abcd"), "bad.pb": []byte("\xff"),
		"bad.npz": archive(t, map[string][]byte{"a.npy": one[:15]}),
	} {
		f := file(name, data)
		_, err := f.Tensors(all)
		require.ErrorIs(t, err, ErrFile, name)
		assert.Contains(t, err.Error(), f.Path)
	}
	for _, path := range []string{dir, filepath.Join(dir, "none")} {
		_, err := Open(path)
		assert.ErrorIs(t, err, ErrFile, path)
	}
	vector := onnx.TensorInfo{Name: "x", Elem: onnx.Float32, Shape: []int64{2}}
	got, err := file("raw", make([]byte, 8)).Elements(vector)
	require.NoError(t, err)
	assert.Len(t, got.Data, 8)
	_, err = file("raw", make([]byte, 9)).Elements(vector)
	require.ErrorIs(t, err, ErrFit)
	assert.Contains(t, err.Error(), "holds 9 bytes")
	words := onnx.TensorInfo{Name: "s", Elem: onnx.String, Shape: []int64{2, 1}}
	got, err = file("words.txt", []byte("one\r\ntwo words\n")).Elements(words)
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two words"}, got.Strings)
	_, err = file("words.txt", []byte("one\n")).Elements(words)
	require.ErrorIs(t, err, ErrFit)
	assert.Contains(t, err.Error(), "holds 1 lines")
}

// No header, however wrong, makes the reader fail otherwise than by its errors, or give
// elements that don't fill the shape.
func FuzzNPY(f *testing.F) {
	f.Add(array("'<f4'", false, "(2, 1)", []float32{1, 2}))
	f.Add(array("'>i2'", true, "(1, 2)", []int16{1, 2}))
	f.Add(array("'<U1'", false, "(1,)", int32('a')))
	f.Add(array("[('x', '<f4')]", false, "(1,)", float32(1)))
	f.Add(array("'<f4'", false, "((((((((((1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := npy(data)
		if err != nil {
			require.ErrorIs(t, err, ErrFile)
			return
		}
		if got.Elem == onnx.String {
			assert.Len(t, got.Strings, int(got.Elements()))
			return
		}
		assert.Equal(t, got.Bytes(), int64(len(got.Data)))
	})
}
