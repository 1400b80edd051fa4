package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/datasets/vehicle"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// countingEvaluator answers with outputs of the declared size whose values
// depend on the input only.
type countingEvaluator struct{ runs int }

func (e *countingEvaluator) Run(model []byte, input []float32, _ []int64) ([][]float32, error) {
	e.runs++
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(model, &m); err != nil {
		return nil, err
	}
	size := int64(1)
	for _, d := range m.GetGraph().GetOutput()[0].GetType().GetTensorType().GetShape().GetDim() {
		size *= d.GetDimValue()
	}
	out := make([]float32, size)
	for i := range out {
		out[i] = input[i%len(input)]
	}
	return [][]float32{out}, nil
}

func vehicleStore(t *testing.T, e Evaluator) *Store {
	c := vehicle.DefaultConfig()
	c.Pictures, c.HeldOut, c.Epochs, c.Batch = 8, 8, 1, 4
	nothing := recipe{name: "onnxruntime", version: "1",
		build: func(context.Context, *Store, string) error { return nil }}
	return &Store{Dir: t.TempDir(), Evaluator: e, recipes: append([]recipe{nothing}, vehicleRecipesFor(c)...)}
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	require.NoError(t, err)
}

func TestVehicleClassifierFiles(t *testing.T) {
	e := &countingEvaluator{}
	dir, err := vehicleStore(t, e).Get(context.Background(), vehicleClassifier)
	require.NoError(t, err)
	assert.Equal(t, 3, e.runs, "%d runs of the evaluator, want 3: parts, features, held out", e.runs)
	data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	require.NoError(t, err)
	var m onnxpb.ModelProto
	err = proto.Unmarshal(data, &m)
	require.NoError(t, err, "model.onnx holds graph")
	assert.Equal(t, "vehicle_classifier", m.GetGraph().GetName(), "model.onnx holds graph")
	var got vehicle.Metrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &got)
	assert.Equal(t, 8, got.HeldOut, "metrics.json says")
	assert.EqualValues(t, 1, got.Seed, "metrics.json says")
	assert.Equal(t, vehicle.Moderate().String(), got.Difficulty, "metrics.json says")
}

func TestVehicleClassifierNeedsEvaluator(t *testing.T) {
	_, err := vehicleStore(t, nil).Get(context.Background(), vehicleClassifier)
	assert.ErrorIs(t, err, errNoEvaluator)
}

func TestVehicleRenderings(t *testing.T) {
	dir, err := vehicleStore(t, nil).Get(context.Background(), vehicleRenderings)
	require.NoError(t, err)
	var labels struct {
		Names      []string
		Labels     []int
		Difficulty string
		Seed       uint64
	}
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	require.Len(t, labels.Labels, 200, "labels.json says")
	assert.Equal(t, "[bus car truck van]", fmt.Sprint(labels.Names), "labels.json says")
	assert.EqualValues(t, 1, labels.Seed, "labels.json says")
	assert.Equal(t, vehicle.Moderate().String(), labels.Difficulty, "labels.json says")
	for _, i := range []int{0, 5, 199} {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("img_%04d.png", i)))
		require.NoError(t, err)
		got, err := png.Decode(f)
		f.Close()
		require.NoError(t, err)
		want, label := vehicle.Render(vehicle.HeldOutSeed(1), i, vehicle.Moderate())
		assert.Equal(t, label, labels.Labels[i], "picture %d has label", i)
		for _, at := range [][2]int{{0, 0}, {48, 60}, {95, 95}} {
			assert.Equal(t, want.At(at[0], at[1]), got.At(at[0], at[1]), "picture %d at %v", i, at)
		}
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, renderVehicles(done, vehicle.DefaultConfig(), t.TempDir()), context.Canceled, "cancelled rendering")
}

// The classifier in the cache must be good enough for experiments.
func TestVehicleClassifierAccuracy(t *testing.T) {
	root, err := DefaultDir()
	require.NoError(t, err)
	dir := filepath.Join(root, vehicleClassifier)
	_, err = os.Stat(dir)
	require.NoError(t, err, "%v; run: edgeprune datasets get", err)
	var m vehicle.Metrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &m)
	assert.GreaterOrEqual(t, m.Accuracy, 0.95,
		"%.3f right of %d held-out pictures of difficulty %s; want 0.95 of 1000 or more", m.Accuracy, m.HeldOut, m.Difficulty)
	assert.GreaterOrEqual(t, m.HeldOut, 1000,
		"%.3f right of %d held-out pictures of difficulty %s; want 0.95 of 1000 or more", m.Accuracy, m.HeldOut, m.Difficulty)
	assert.Equal(t, vehicle.Moderate().String(), m.Difficulty,
		"%.3f right of %d held-out pictures of difficulty %s; want 0.95 of 1000 or more", m.Accuracy, m.HeldOut, m.Difficulty)
}
