package benchmarks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/require"
)

// BenchmarkSize is the time and the peak memory of the program on models of many nodes and
// on plans of many actors, of several shapes: both should grow as these do.
func BenchmarkSize(b *testing.B) {
	program := program(b)
	dir := b.TempDir()
	measure := func(what string, size int, args ...string) {
		b.Run(what, func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				_, rss, err := timed(append([]string{program}, args...))
				require.NoError(b, err)
				peak = max(peak, rss)
			}
			b.ReportMetric(peak/mega, "peak-MB")
			b.ReportMetric(float64(size)/mega, "file-MB")
		})
	}
	for _, nodes := range []int{5000, 20000, 80000} {
		for _, m := range onnxtest.Large(nodes) {
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.onnx", m.Name, nodes))
			require.NoError(b, os.WriteFile(path, m.Data, 0o644))
			for name, args := range map[string][]string{
				"inspect --no-run": {"model", "inspect", "--no-run", path}, "inspect": {"model", "inspect", path},
				"cuts": {"model", "cuts", path}, "verify --heads 1": {"model", "verify", "--heads", "1", path},
			} {
				measure(fmt.Sprintf("%s/%s/nodes=%d", name, m.Name, nodes), len(m.Data), args...)
			}
		}
	}
	for _, actors := range []int{300, 1000, 2500, 10000} {
		for _, l := range plantest.LargePlans() {
			data := l.YAML(actors)
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", l.Name, actors))
			require.NoError(b, os.WriteFile(path, data, 0o644))
			measure(fmt.Sprintf("check/%s/actors=%d", l.Name, actors), len(data), "check", path)
		}
	}
}
