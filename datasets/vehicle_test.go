package datasets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/datasets/vehicle"
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
	if err != nil {
		t.Fatal(err)
	}
}

func TestVehicleClassifierFiles(t *testing.T) {
	e := &countingEvaluator{}
	dir, err := vehicleStore(t, e).Get(context.Background(), vehicleClassifier)
	if err != nil {
		t.Fatal(err)
	}
	if e.runs != 3 {
		t.Errorf("%d runs of the evaluator, want 3: parts, features, held out", e.runs)
	}
	data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(data, &m); err != nil || m.GetGraph().GetName() != "vehicle_classifier" {
		t.Errorf("model.onnx holds graph %q (%v)", m.GetGraph().GetName(), err)
	}
	var got vehicle.Metrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &got)
	if got.HeldOut != 8 || got.Seed != 1 || got.Difficulty != vehicle.Moderate().String() {
		t.Errorf("metrics.json says %+v", got)
	}
}

func TestVehicleClassifierNeedsEvaluator(t *testing.T) {
	if _, err := vehicleStore(t, nil).Get(context.Background(), vehicleClassifier); !errors.Is(err, errNoEvaluator) {
		t.Errorf("error %v, want %v", err, errNoEvaluator)
	}
}

func TestVehicleRenderings(t *testing.T) {
	dir, err := vehicleStore(t, nil).Get(context.Background(), vehicleRenderings)
	if err != nil {
		t.Fatal(err)
	}
	var labels struct {
		Names      []string
		Labels     []int
		Difficulty string
		Seed       uint64
	}
	readJSON(t, filepath.Join(dir, "labels.json"), &labels)
	if len(labels.Labels) != 200 || fmt.Sprint(labels.Names) != "[bus car truck van]" ||
		labels.Seed != 1 || labels.Difficulty != vehicle.Moderate().String() {
		t.Errorf("labels.json says %+v", labels)
	}
	for _, i := range []int{0, 5, 199} {
		f, err := os.Open(filepath.Join(dir, fmt.Sprintf("img_%04d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		want, label := vehicle.Render(vehicle.HeldOutSeed(1), i, vehicle.Moderate())
		if labels.Labels[i] != label {
			t.Errorf("picture %d has label %d, want %d", i, labels.Labels[i], label)
		}
		for _, at := range [][2]int{{0, 0}, {48, 60}, {95, 95}} {
			if got.At(at[0], at[1]) != want.At(at[0], at[1]) {
				t.Errorf("picture %d at %v is %v, want %v", i, at, got.At(at[0], at[1]), want.At(at[0], at[1]))
			}
		}
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if err := renderVehicles(done, vehicle.DefaultConfig(), t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled rendering returned %v", err)
	}
}

// The classifier in the cache must be good enough for experiments.
func TestVehicleClassifierAccuracy(t *testing.T) {
	root, err := DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, vehicleClassifier)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v; run: edgeprune datasets get", err)
	}
	var m vehicle.Metrics
	readJSON(t, filepath.Join(dir, "metrics.json"), &m)
	if m.Accuracy < 0.95 || m.HeldOut < 1000 || m.Difficulty != vehicle.Moderate().String() {
		t.Errorf("%.3f right of %d held-out pictures of difficulty %s; want 0.95 of 1000 or more of %s",
			m.Accuracy, m.HeldOut, m.Difficulty, vehicle.Moderate())
	}
}
