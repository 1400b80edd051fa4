package onnxtest

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// Oracle is a shape.Prober that runs nothing: it says that every tensor is float32 of
// shape [3 seed+1], unless Change says otherwise.
type Oracle struct {
	Models [][]byte // that Vectors was asked about
	Change func(seed uint64, vectors [][]int64) ([][]int64, error)
}

func outputs(model []byte) int {
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(model, pb); err != nil {
		panic(err)
	}
	return len(pb.Graph.Output)
}

// Types implements shape.Prober.
func (o *Oracle) Types(model []byte) ([]onnx.Elem, error) {
	return slices.Repeat([]onnx.Elem{onnx.Float32}, outputs(model)), nil
}

// Vectors implements shape.Prober.
func (o *Oracle) Vectors(model []byte, seed uint64) ([][]int64, error) {
	o.Models = append(o.Models, model)
	var list [][]int64
	for range outputs(model) {
		list = append(list, []int64{0, 3, int64(seed) + 1})
	}
	if o.Change != nil {
		return o.Change(seed, list)
	}
	return list, nil
}

// Probed returns Filtered as runs have shown it: found boxes in each run.
func Probed(t testing.TB, found ...int64) *onnx.Model {
	t.Helper()
	m, err := Filtered().Parse()
	require.NoError(t, err)
	unknown := shape.Unknown(m)
	o := &Oracle{Change: func(seed uint64, _ [][]int64) ([][]int64, error) {
		n := found[seed]
		var list [][]int64
		for _, name := range unknown {
			dims := map[string][]int64{
				"selected": {n, 3}, "index": {n}, "picked": {n, 4}, "turned": {n, 3}, "refined": {n, 3}, "places": {2, 3 * n},
			}[name]
			list = append(list, append([]int64{0}, dims...))
		}
		return list, nil
	}}
	m, err = shape.Probe(m, o, 0)
	require.NoError(t, err)
	return m
}

// Seed gives a fuzz test of a model and a number all kinds of models, truncated ones, one
// that says which shapes vary, and what is hardly a model.
func Seed(f *testing.F) {
	for _, m := range All() {
		f.Add(m.Data, byte(0))
		f.Add(m.Data[:len(m.Data)-len(m.Data)/3], byte(1))
	}
	m := Probed(f, 3, 0, 1)
	nodes := map[int]bool{}
	for i, n := range m.Nodes() {
		nodes[i] = n.Live()
	}
	sub, err := m.Sub(nodes, m.Inputs(), m.Outputs(), "")
	require.NoError(f, err)
	data, err := sub.Bytes()
	require.NoError(f, err)
	f.Add(data, byte(2))
	f.Add([]byte{}, byte(0))
	f.Add([]byte("\x08\x08\x3a\x00"), byte(0))
}
