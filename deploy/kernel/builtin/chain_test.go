package builtin

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// detector returns the kernel "onnx" with the whole face detector of an input
// size, boxes at out port 0 and classes at 1.
func detector(t testing.TB, size, anchors int) *bench {
	t.Helper()
	loadLibrary(t)
	model, err := os.ReadFile(filepath.Join(dataset(t, fmt.Sprintf("ssd-mobilenet-v1-%d", size)), "model.onnx"))
	require.NoError(t, err)
	s, err := ort.NewSession(model, ort.Options{})
	require.NoError(t, err)
	defer s.Close()
	outputs := make([]string, 2)
	for _, o := range s.Outputs() {
		if o.Shape[2] == 4 {
			outputs[0] = o.Name
		} else {
			outputs[1] = o.Name
		}
	}
	require.Equal(t, onnx.Float32, s.Inputs()[0].Elem, "detector's input")
	return newBench(t, "onnx", kernel.Spec{
		Model: model, Inputs: []string{s.Inputs()[0].Name}, Outputs: outputs, Unit: plan.Unit{Threads: 1},
		In:  ports(t, fmt.Sprintf("float32[1,3,%d,%d]", size, size)),
		Out: ports(t, fmt.Sprintf("float32[1,%d,4]", anchors), fmt.Sprintf("float32[1,%d,3]", anchors))})
}

// join makes the kernels' tokens one chain, out to in.
func join(chain ...*bench) {
	for i := 1; i < len(chain); i++ {
		chain[i].f.In = chain[i-1].f.Out
	}
}

// A photograph that has to be resized: the scores are those that the model's
// makers' code gives.
func TestPhotograph(t *testing.T) {
	const h, w = 1280, 1920
	file, err := os.ReadFile(sample(t, "sample1.jpg"))
	require.NoError(t, err)
	photo, err := picture.Decode(file, picture.Options{})
	require.NoError(t, err)
	require.Equal(t, [2]int{w, h}, [2]int{photo.Width, photo.Height})
	scale := newBench(t, "normalise",
		kernel.Spec{In: ports(t, fmt.Sprintf("uint8[%d,%d,3]", h, w)), Out: ports(t, "float32[1,3,512,512]")})
	find := newBench(t, "ssd-decode",
		kernel.Spec{In: ports(t, "float32[1,5118,4]", "float32[1,5118,3]"), Out: ports(t, "float32[50,5]"),
			Params: map[string]any{"input_size": 512}})
	best := newBench(t, "nms", kernel.Spec{In: ports(t, "float32[50,5]"), Out: ports(t, "float32[50,5]")})
	chain := []*bench{scale, detector(t, 512, 5118), find, best}
	join(chain...)
	copy(scale.in(0).Data, photo.Pix)
	for _, b := range chain {
		b.fire(t)
	}
	rows := best.out(0).Float32()
	for i, want := range []float64{.9959, .9895, .9878, 0} {
		got := float64(rows[5*i])
		assert.LessOrEqual(t, math.Abs(got-want), .004, "score %d is %.5f, want %.5f within 0.004", i, got, want)
	}
}

// The clip's people keep their numbers from frame to frame.
func TestClipIsTracked(t *testing.T) {
	var results []trace.Result
	chain := []*bench{
		newBench(t, "image-folder", kernel.Spec{
			Out: ports(t, "uint8[300,300,3]"), Params: map[string]any{"folder": dataset(t, "face-clip")},
		}),
		newBench(t, "normalise", kernel.Spec{In: ports(t, "uint8[300,300,3]"), Out: ports(t, "float32[1,3,300,300]")}),
		detector(t, 300, 1917),
		newBench(
			t,
			"ssd-decode",
			kernel.Spec{In: ports(t, "float32[1,1917,4]", "float32[1,1917,3]"), Out: ports(t, "float32[20,5]"),
				Params: map[string]any{"input_size": 300, "threshold": .4}},
		),
		newBench(t, "nms", kernel.Spec{In: ports(t, "float32[20,5]"), Out: ports(t, "float32[20,5]")}),
		newBench(t, "tracker", kernel.Spec{In: ports(t, "float32[20,5]"), Out: ports(t, "float32[20,6]")}),
		newBench(t, "sink", kernel.Spec{In: ports(t, "float32[20,6]"),
			Record: func(r trace.Result) { results = append(results, r) }}),
	}
	join(chain...)
	const frames = 10
	for range frames {
		for _, b := range chain {
			b.fire(t)
		}
	}
	seen := map[float32]int{}
	for n, r := range results {
		require.Equal(t, int64(n), r.Frame, "result %d: frame %d, %d values", n, r.Frame, len(r.Values))
		require.Equal(t, 0, len(r.Values)%6, "result %d: frame %d, %d values", n, r.Frame, len(r.Values))
		for i := 0; i < len(r.Values); i += 6 {
			seen[r.Values[i]]++
			x1, x2 := r.Values[i+2], r.Values[i+4]
			assert.GreaterOrEqual(t, x1, float32(0), "frame %d: box from %v", n, x1)
			assert.LessOrEqual(t, x2, float32(300), "frame %d: box from %v", n, x1)
			assert.Less(t, x1, x2, "frame %d: box from %v", n, x1)
		}
	}
	steady := 0
	for _, n := range seen {
		if n >= frames-1 {
			steady++
		}
	}
	require.Len(t, results, frames, "%d results, frames by id %v; want at least 3 people followed all the time",
		len(results), seen)
	assert.GreaterOrEqual(t, steady, 3, "%d results, frames by id %v; want at least 3 people followed all the time",
		len(results), seen)
}
