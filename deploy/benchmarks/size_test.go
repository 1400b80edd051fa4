package benchmarks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/require"
)

// BenchmarkSize is the time and the peak memory of the program on models of many nodes and
// on plans of many actors, of several shapes: both should grow as these do.
func BenchmarkSize(b *testing.B) {
	program, dir := program(b), b.TempDir()
	// A child writes the files: what this process took at most would count as its children's.
	write := exec.Command(os.Args[0])
	write.Env = append(os.Environ(), childLarge+"="+dir)
	out, err := write.CombinedOutput()
	require.NoError(b, err, "%s", out)
	files, err := os.ReadDir(dir)
	require.NoError(b, err)
	for _, command := range []string{
		"check", "model inspect --no-run", "model inspect", "model cuts", "model verify --heads 1",
	} {
		args := strings.Fields(command)
		for _, f := range files {
			if (args[0] == "check") != (filepath.Ext(f.Name()) == ".yaml") {
				continue
			}
			b.Run(command+"/"+f.Name(), func(b *testing.B) {
				info, err := f.Info()
				require.NoError(b, err)
				peak := 0.0
				for b.Loop() {
					_, rss, err := timed(append(append([]string{program}, args...), filepath.Join(dir, f.Name())))
					require.NoError(b, err)
					peak = max(peak, rss)
				}
				b.ReportMetric(peak/mega, "peak-MB")
				b.ReportMetric(float64(info.Size())/mega, "file-MB")
			})
		}
	}
}

// writeLarge writes the models and plans, named by shape and size, to a folder.
func writeLarge(dir string) error {
	for _, nodes := range []int{5000, 20000, 80000} {
		for _, m := range onnxtest.Large(nodes) {
			path := filepath.Join(dir, fmt.Sprintf("%s-%05d.onnx", m.Name, nodes))
			if err := os.WriteFile(path, m.Data, 0o644); err != nil {
				return err
			}
		}
	}
	for _, actors := range []int{300, 1000, 2500, 10000} {
		for _, l := range plantest.LargePlans() {
			path := filepath.Join(dir, fmt.Sprintf("%s-%05d.yaml", l.Name, actors))
			if err := os.WriteFile(path, l.YAML(actors), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
