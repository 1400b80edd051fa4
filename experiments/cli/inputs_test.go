package cli

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// npy writes an array file of numpy.
func npy(descr, shape string, values any) string {
	head := fmt.Sprintf("{'descr': %s, 'fortran_order': False, 'shape': %s, }\n", descr, shape)
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	b, _ = binary.Append(append(b, head...), binary.LittleEndian, values)
	return string(b)
}

// npz writes an archive of arrays.
func npz(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.Create(members[i] + ".npy")
		require.NoError(t, err)
		_, err = m.Write([]byte(members[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// pb writes a tensor of the ONNX format.
func pb(t *testing.T, name string, e onnx.Elem, values any, shape ...int64) string {
	t.Helper()
	raw, err := binary.Append(nil, binary.LittleEndian, values)
	require.NoError(t, err)
	data, err := proto.Marshal(&onnxpb.TensorProto{
		Name: proto.String(name), DataType: proto.Int32(int32(e)), Dims: shape, RawData: raw,
	})
	require.NoError(t, err)
	return string(data)
}

// Made-up inputs with which a model doesn't run are replaced by others, and what was drawn
// is said.
func TestMadeUpInputs(t *testing.T) {
	for _, tc := range []struct {
		name, says string
		fill       func(b *build.Builder)
	}{
		{"indices", "on zeros", func(b *build.Builder) {
			b.Input("ids", onnx.Int64, 1, 8)
			b.Node("Gather", []string{b.Floats("table", make([]float32, 16), 1, 16), "ids"}, []string{"e"})
			b.Node("Relu", []string{"e"}, []string{"y"})
			b.Output("y", onnx.Float32, 1, 8, 16)
		}},
		{"scales", "on x: random numbers from -1 to 1; sf: ones", func(b *build.Builder) {
			b.Input("x", onnx.Float32, 1, 3, 8, 8)
			b.Input("sf", onnx.Float32, 4)
			b.Node("Relu", []string{"x"}, []string{"r"})
			b.Node("Resize", []string{"r", "", "sf"}, []string{"z"}, build.Attr{Name: "mode", Value: "nearest"})
			b.Node("Relu", []string{"z"}, []string{"y"})
			b.Output("y", onnx.Float32, 1, 3, 8, 8)
		}},
		{"a shape", "on x: random numbers from -1 to 1; to: -1, then ones", func(b *build.Builder) {
			b.Input("x", onnx.Float32, 1, 12)
			b.Input("to", onnx.Int64, 3)
			b.Node("Relu", []string{"x"}, []string{"r"})
			b.Node("Reshape", []string{"r", "to"}, []string{"z"})
			b.Node("Neg", []string{"z"}, []string{"y"})
			b.Output("y", onnx.Float32, 12, 1, 1)
		}},
		{"a shape with elements", "on x: random numbers from -1 to 1; to: ones", func(b *build.Builder) {
			b.Input("x", onnx.Float32, 1, 4)
			b.Input("to", onnx.Int64, 6)
			b.Node("Relu", []string{"x"}, []string{"r"})
			b.Node("Expand", []string{"r", "to"}, []string{"z"})
			b.Node("Neg", []string{"z"}, []string{"y"})
			b.Output("y", onnx.Float32, 1, 1, 1, 1, 1, 4)
		}},
		{"tokens and their mask", "on input_ids, token_type_ids: random numbers, 0 or 1; attention_mask: ones",
			func(b *build.Builder) {
				for _, name := range []string{"input_ids", "attention_mask", "token_type_ids"} {
					b.Input(name, onnx.Int64, 1, 6)
				}
				table := b.Floats("table", []float32{1, 2, 3, 4}, 2, 2)
				b.Node("Gather", []string{table, "input_ids"}, []string{"a"})
				b.Node("Gather", []string{table, "token_type_ids"}, []string{"b"})
				b.Node("Gather", []string{table, "attention_mask"}, []string{"c"})
				b.Node("Sum", []string{"a", "b", "c"}, []string{"s"})
				b.Node("Relu", []string{"s"}, []string{"y"})
				b.Output("y", onnx.Float32, 1, 6, 2)
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := built(t, tc.fill)
			edgeprune(t, "model", "verify", path).says(t, exitOK, tc.says)
			v := verified(t, exitOK, path)
			assert.Equal(t, strings.TrimPrefix(tc.says, "on "), v.Input)
			assert.Equal(t, v.Cuts, v.Verified)
		})
	}
	none := built(t, func(b *build.Builder) { // of no value
		b.Input("k", onnx.Int64, 1)
		b.Node("Gather", []string{b.Floats("table", make([]float32, 1), 1), "k"}, []string{"e"})
		b.Node("Reshape", []string{"e", b.Ints("five", []int64{5}, 1)}, []string{"f"})
		b.Node("Relu", []string{"f"}, []string{"y"})
		b.Output("y", onnx.Float32, 5)
	})
	says := []string{"no values were found with which the model runs", "--input k=FILE", "Gather"}
	edgeprune(t, "model", "verify", none).refused(t, exitInput, says...)
	edgeprune(t, "model", "inspect", none).says(t, exitOK, says...)
}

// A model whose made-up inputs are others than the source of a plan draws is run on these.
func TestRunOnMadeUpInputs(t *testing.T) {
	path := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 1, 3, 8, 8)
		b.Input("sf", onnx.Float32, 4)
		b.Node("Relu", []string{"x"}, []string{"r"})
		b.Node("Resize", []string{"r", "", "sf"}, []string{"z"}, build.Attr{Name: "mode", Value: "nearest"})
		b.Node("Relu", []string{"z"}, []string{"y"})
		b.Output("y", onnx.Float32, 1, 3, 8, 8)
	})
	flags := []string{"--frames", "3", "--slowdown", "1"}
	o := edgeprune(t, append([]string{"run", "--model", path, "--at", "z", "--driver", "deploy"}, flags...)...)
	o.says(t, exitOK, "deploy")
	assert.Contains(t, o.stderr, "its input: x: random numbers from -1 to 1; sf: ones")
	parts := filepath.Join(t.TempDir(), "parts")
	o = edgeprune(t, append([]string{"model", "split", path, "--at", "z", "-o", parts}, flags...)...)
	o.says(t, exitOK, "plan.yaml")
	info, err := os.Stat(filepath.Join(parts, "input.bin"))
	require.NoError(t, err)
	assert.EqualValues(t, 4*(3*8*8+4), info.Size())
	edgeprune(t, "run", filepath.Join(parts, "plan.yaml"), "--driver", "deploy").says(t, exitOK, "deploy")
}

// twoInputs is a model of a picture and a vector of open length.
func twoInputs(t *testing.T) string {
	return built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 1, 3, 8, 8)
		b.Input("v", onnx.Int32, -1)
		b.Node("Relu", []string{"x"}, []string{"r"})
		b.Node("ReduceMax", []string{"r"}, []string{"m"}, build.Attr{Name: "keepdims", Value: 0})
		b.Node("Cast", []string{"v"}, []string{"f"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		b.Node("Add", []string{"f", "m"}, []string{"y"})
		b.Output("y", onnx.Float32, -1)
	})
}

func TestInputFiles(t *testing.T) {
	two, dir := twoInputs(t), t.TempDir()
	one := built(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, 1, 3, 8, 8)
		chain(b, []int64{1, 3, 8, 8}, "Relu", "Neg")
	})
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 9, 7))))
	floats := make([]float32, 192)
	for i := range floats {
		floats[i] = float32(i)
	}
	x := npy("'<f4'", "(1, 3, 8, 8)", floats)
	for name, content := range map[string]string{
		"x.npy": x, "v.npy": npy("'<i4'", "(5,)", []int32{1, 2, 3, 4, 5}), "p.png": picture.String(), "p": picture.String(),
		"h.heic": "\x00\x00\x00\x18ftypheic" + strings.Repeat("x", 50),
		"x.bin":  x[len(x)-768:], "x.pb": pb(t, "x", onnx.Float32, floats, 1, 3, 8, 8),
		"wide.npy": npy("'<f8'", "(1, 3, 8, 8)", make([]float64, 192)), "tenth.npy": npy("'<f8'", "()", 0.1),
		"bool.npy": npy("'|b1'", "(1, 3, 8, 8)", make([]bool, 192)), "flat.npy": npy("'<f4'", "(192,)", floats),
		"last.npy": npy("'<f4'", "(1, 8, 8, 3)", floats), "u2.npy": npy("'<u2'", "(2,)", []uint16{7, 8}),
		"both.npz":    npz(t, "v", npy("'<i4'", "(2,)", []int32{1, 2}), "x", x, "other", x),
		"unnamed.npz": npz(t, "arr_0", x, "arr_1", npy("'<i4'", "(3,)", []int32{1, 2, 3})),
		"single.npz":  npz(t, "whatever", x), "x=v.npy": x,
	} {
		write(t, filepath.Join(dir, name), content)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, tc := range []struct {
		name, model string
		args        []string
		says        []string
	}{
		{"the only input", one, []string{"--input", file("x.npy")}, []string{"on " + file("x.npy")}},
		{"by name", one, []string{"--input", "x=" + file("x.bin")}, []string{"on " + file("x.bin")}},
		{"a picture", one, []string{"--input", file("p.png")}, []string{"on " + file("p.png")}},
		{"a picture by its content", one, []string{"--input", file("p"), "--picture", "mean=0", "--picture", "scale=255"},
			[]string{"on " + file("p")}},
		{"float64", one, []string{"--input", file("wide.npy")}, []string{"wide.npy (converted from float64)"}},
		{"bool", one, []string{"--input", file("bool.npy")}, []string{"bool.npy (converted from bool)"}},
		{"reshaped", one, []string{"--input", file("flat.npy"), "--reshape"}, []string{"(reshaped from [192])"}},
		{"a member that is alone", one, []string{"--input", file("single.npz")}, []string{"single.npz"}},
		{"an equals sign in the file's name", one, []string{"--input", "x=" + file("x=v.npy")}, []string{"x=v.npy"}},
		{"both", two, []string{"--input", "v=" + file("v.npy"), "--input", "x=" + file("x.npy")},
			[]string{"x: " + file("x.npy") + "; v: " + file("v.npy"), "5 of 5 elements"}},
		{"one of two", two, []string{"--input", "v=" + file("u2.npy")},
			[]string{"x: random numbers from -1 to 1; v: " + file("u2.npy") + " (converted from uint16)", "2 of 2 elements"}},
		{"the other of two", two, []string{"--input", "x=" + file("x.npy"), "--dim", "n=4"},
			[]string{"v: random numbers, 0 or 1", "4 of 4 elements"}},
		{"members of the inputs' names", two, []string{"--input", file("both.npz")}, []string{"both.npz", "2 of 2 elements"}},
		{"members without names", two, []string{"--input", file("unnamed.npz")}, []string{"3 of 3 elements"}},
		{"a member by the input's name", two, []string{"--input", "v=" + file("both.npz"), "--input", file("x.pb")},
			[]string{"x: " + file("x.pb") + "; v: " + file("both.npz")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			edgeprune(t, append([]string{"model", "verify", tc.model}, tc.args...)...).says(t, exitOK, tc.says...)
		})
	}
	edgeprune(t, "model", "inspect", two, "--input", "v="+file("v.npy")).says(t, exitOK, "v int32[5]",
		"come from running the model on x: random numbers from -1 to 1; v: "+file("v.npy"))
	for _, tc := range []struct {
		name, model string
		args        []string
		says        []string
	}{
		{"channels last", one, []string{"--input", file("last.npy")},
			[]string{"holds float32[1,8,8,3], the input takes float32[1,3,8,8]", "--reshape"}},
		{"flat", one, []string{"--input", file("flat.npy")}, []string{"holds float32[192]", "--reshape"}},
		{"another size", one, []string{"--input", file("v.npy")}, []string{"holds int32[5], the input takes"}},
		{"no such input", two, []string{"--input", "w=" + file("v.npy")},
			[]string{`has no input "w"; its inputs are x float32[1,3,8,8], v int32[-1]`}},
		{"twice", two, []string{"--input", "v=" + file("v.npy"), "--input", "v=" + file("u2.npy")},
			[]string{"input v is given twice"}},
		{"twice by an archive", two, []string{"--input", "v=" + file("v.npy"), "--input", file("both.npz")},
			[]string{"input v is given twice"}},
		{"for which", two, []string{"--input", file("v.npy")}, []string{"say which input it is for, as NAME=FILE"}},
		{"no such member", two, []string{"--input", file("single.npz")}, []string{"it holds whatever; name an array after"}},
		{"no whole numbers", two, []string{"--input", "v=" + file("tenth.npy")}, []string{"v"}},
		{"a raw file of another length", one, []string{"--input", two}, []string{"bytes, x float32[1,3,8,8] takes 768"}},
		{"another size than --dim", two, []string{"--input", "v=" + file("v.npy"), "--dim", "n=4"},
			[]string{"holds int32[5], the input takes int32[4]"}},
		{"a picture that can't be read", one, []string{"--input", file("h.heic")}, []string{"it is HEIC; convert it"}},
		{"a picture for a vector", two, []string{"--input", "v=" + file("p.png"), "--dim", "n=4"}, []string{"v int32[4]"}},
		{"a wrong option", one, []string{"--input", file("p.png"), "--picture", "size=3"}, []string{"--picture: ", "size"}},
		{"no file", one, []string{"--input", file("none.npy")}, []string{"none.npy"}},
		{"a folder that holds none", one, []string{"--input", dir}, []string{"input_0.pb"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, command := range [][]string{{"model", "verify", tc.model}, {"run", "--at", "a", "--model", tc.model}} {
				edgeprune(t, append(command, tc.args...)...).refused(t, exitInput, tc.says...)
			}
		})
	}
}

// Strings can't be made up; that is said, with how to give them, and the cuts are listed.
func TestStringInput(t *testing.T) {
	path := built(t, func(b *build.Builder) {
		b.Input("s", onnx.String, 1, 2)
		b.Node("Cast", []string{"s"}, []string{"l"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		b.Node("Relu", []string{"l"}, []string{"r"})
		b.Node("Neg", []string{"r"}, []string{"y"})
		b.Output("y", onnx.Float32, 1, 2)
	})
	missing := "input s string[1,2] can't be made up: give it by --input s=FILE, a text file with one string a line"
	edgeprune(t, "model", "inspect", path).says(t, exitOK, missing, "r ")
	edgeprune(t, "model", "inspect", path, "--no-run").says(t, exitOK, "r ")
	edgeprune(t, "model", "cuts", path).says(t, exitOK, missing)
	edgeprune(t, "model", "verify", path).says(t, exitNothing, "not comparable        "+missing)
	edgeprune(t, "run", "--model", path, "--at", "r").refused(t, exitInput, missing)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"words.txt": "1.5\n-2\n", "words.npy": npy("'<U3'", "(1, 2)", []int32{'1', '.', '5', '-', '2', 0}),
	} {
		given := write(t, filepath.Join(dir, name), content)
		v := verified(t, exitOK, path, "--input", given)
		assert.Equal(t, given, v.Input)
		assert.Equal(t, v.Cuts, v.Verified)
		assert.EqualValues(t, 2, v.Compared)
		edgeprune(t, "model", "inspect", path, "--input", given).says(t, exitOK, "8 B")
	}
	short := write(t, filepath.Join(dir, "short.txt"), "1.5")
	edgeprune(t, "model", "verify", path, "--input", short).refused(t, exitInput, "holds 1 lines, s string[1,2] takes 2")
}

// Test data that lie beside a model are found, and their outputs compared too.
func TestTestData(t *testing.T) {
	dir := t.TempDir()
	b := build.New("net")
	b.Input("x", onnx.Float32, 1, -1)
	b.Node("Relu", []string{"x"}, []string{"r"})
	b.Node("Neg", []string{"r"}, []string{"y"})
	b.Output("y", onnx.Float32, 1, -1)
	data, err := b.Bytes()
	require.NoError(t, err)
	path := write(t, filepath.Join(dir, "model.onnx"), string(data))
	set := func(n string, in, out []float32) string {
		folder := filepath.Join(dir, "test_data_set_"+n)
		write(t, filepath.Join(folder, "input_0.pb"), pb(t, "", onnx.Float32, in, 1, int64(len(in))))
		write(t, filepath.Join(folder, "output_0.pb"), pb(t, "", onnx.Float32, out, 1, int64(len(out))))
		return folder
	}
	set("0", []float32{1, 2, -3}, []float32{-1, -2, 0})
	tenth := set("10", []float32{5}, []float32{-5.001})
	set("2", []float32{4, 4}, []float32{-4, -4})
	v := verified(t, exitOK, path)
	assert.Equal(t, "its test data, test_data_set_0", v.Input)
	assert.EqualValues(t, 3, v.Compared, "the size of the open dimension")
	var sets []string
	for _, e := range v.TestData {
		sets = append(sets, e.Set)
		assert.Positive(t, e.Compared)
		assert.False(t, e.Differs())
	}
	assert.Equal(t, []string{"test_data_set_0", "test_data_set_2", "test_data_set_10"}, sets)
	edgeprune(t, "model", "verify", path, "--input", tenth).says(t, exitOK, "on "+tenth, "1 of 1 elements",
		"test_data_set_10      1 elements of the outputs are as expected, within 0.0002")
	set("3", []float32{4, 4}, []float32{-4, -5})
	o := edgeprune(t, "model", "verify", path)
	o.says(t, exitRun, "test_data_set_3       output y differs by 0.2 from what is expected")
	assert.Contains(t, o.stderr, "output y differs by 0.2 from what test_data_set_3 expects")
	set("3", []float32{4, 4}, []float32{-4})
	edgeprune(t, "model", "verify", path).says(t, exitOK, "output y is float32[1,2], float32[1,1] is expected")
}

// A model may have no inputs: its test data then hold what is expected alone.
func TestTestDataWithoutInputs(t *testing.T) {
	b := build.New("constant")
	b.Floats("w", []float32{1, -2, 3}, 3)
	b.Node("Relu", []string{"w"}, []string{"r"})
	b.Node("Neg", []string{"r"}, []string{"y"})
	b.Output("y", onnx.Float32, 3)
	data, err := b.Bytes()
	require.NoError(t, err)
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, "model.onnx"), string(data))
	write(t, filepath.Join(dir, "test_data_set_0", "output_0.pb"), pb(t, "", onnx.Float32, []float32{-1, 0, -3}, 3))
	edgeprune(t, "model", "verify", path).says(t, exitNothing, "on nothing, for it has no inputs",
		"test_data_set_0       3 elements of the outputs are as expected")
}
