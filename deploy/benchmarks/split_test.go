package benchmarks

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The large model: a chain of products with square matrices, 3.02 GB.
const (
	splitLayers = 45
	splitWidth  = 4096
	splitRounds = 4
	splitMemory = 1.2 // of the model's size
	splitSpeed  = 0.5 // of cp's
)

// BenchmarkSplitRatio is the peak memory and the speed of `edgeprune model split` on a
// model of 3 GB with external data, against its size and cp.
func BenchmarkSplitRatio(b *testing.B) {
	program := program(b)
	dir := b.TempDir()
	model := filepath.Join(dir, "model")
	size, err := largeModel(model, splitLayers, splitWidth)
	require.NoError(b, err)
	out := filepath.Join(dir, "out")
	split := []string{program, "model", "split", filepath.Join(model, "model.onnx"), "--at",
		fmt.Sprint("layer", splitLayers/2), "-o", out}
	rounds := [][][]string{{{"cp", "-r", model, out}, split}, {split, {"cp", "-r", model, out}}}
	var speed []float64
	peak := 0.0
	for b.Loop() {
		for round := range splitRounds {
			seconds := map[string]float64{}
			for _, args := range rounds[round%2] {
				s, rss, err := timed(args)
				require.NoError(b, err)
				require.NoError(b, os.RemoveAll(out))
				seconds[args[0]] = s
				if args[0] == program {
					peak = max(peak, rss)
				}
			}
			speed = append(speed, seconds["cp"]/seconds[program])
			b.Logf("cp %.2f s, split %.2f s", seconds["cp"], seconds[program])
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(peak/float64(size), "memory/size")
	b.ReportMetric(quantile.Median(speed), "speed/cp")
	fmt.Printf(
		"split of %.2f GB: peak memory / model = %.4f, which is %.1f MB (target <= %.1f); speed / cp = %.2f, of %d rounds "+
			"(target >= %.1f)\n",
		float64(size)/1e9, peak/float64(size), peak/mega, splitMemory, quantile.Median(speed), len(speed), splitSpeed)
}

// timed runs a command once all writing is done, and returns its time in seconds and its
// peak memory in bytes.
func timed(args []string) (seconds, rss float64, err error) {
	syscall.Sync()
	cmd := exec.Command(args[0], args[1:]...)
	start := clock.Now()
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%v: %w\n%s", args, err, text)
	}
	seconds = float64(clock.Now()-start) / 1e9
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, errors.New("the system doesn't tell a child's memory")
	}
	return seconds, float64(usage.Maxrss) * 1024, nil
}

// largeModel writes a model with external data into a new folder and returns its bytes.
func largeModel(dir string, layers int, width int64) (size int64, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return 0, err
	}
	const weights = "weights.bin"
	m, x := build.New("large"), "x"
	m.Input(x, onnx.Float32, 1, width)
	for i := range layers {
		w, y := fmt.Sprint("w", i), fmt.Sprint("layer", i)
		m.External(w, onnx.Float32, weights, 4*width*width*int64(i), width, width)
		if i < layers-1 {
			m.Value(y, onnx.Float32, 1, width)
		} else {
			m.Output(y, onnx.Float32, 1, width)
		}
		x = m.Node("MatMul", []string{x, w}, []string{y})
	}
	data, err := m.Bytes()
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "model.onnx"), data, 0o644); err != nil {
		return 0, err
	}
	f, err := os.Create(filepath.Join(dir, weights))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, row := rand.New(rand.NewPCG(1, 1)), make([]byte, 4*width)
	for i := 0; i < len(row); i += 8 {
		binary.LittleEndian.PutUint64(row[i:], r.Uint64()&0x3fffffff3fffffff) // finite numbers
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range int64(layers) * width {
		binary.LittleEndian.PutUint32(row, uint32(i)) // no row is another's
		if _, err := w.Write(row); err != nil {
			return 0, err
		}
	}
	return int64(len(data)) + 4*width*width*int64(layers), w.Flush()
}

func TestLargeModel(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "model")
	size, err := largeModel(dir, 3, 8)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	require.NoError(t, err)
	weights, err := os.ReadFile(filepath.Join(dir, "weights.bin"))
	require.NoError(t, err)
	want := int64(len(data) + len(weights))
	assert.Equal(t, want, size, "%d bytes, the files have %d, of them weights", size, want)
	assert.Len(t, weights, 3*4*64, "%d bytes, the files have %d, of them weights", size, want)
	m, err := onnx.ParseFiles(data, onnxtest.Files{"weights.bin": weights})
	require.NoError(t, err)
	cuts, err := cut.Single(m)
	require.NoError(t, err, "%d cuts, %v; want 4", len(cuts), err)
	assert.Len(t, cuts, 4, "%d cuts, %v; want 4", len(cuts), err)
	for i := range 3 {
		a, b := weights[i*32:(i+1)*32], weights[(i+1)*32:(i+2)*32]
		assert.NotEqual(t, b, a, "rows %d and %d are the same", i, i+1)
	}
}
