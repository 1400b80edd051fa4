package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// An experiment.yaml that is wrong is refused before anything is fetched, run
// or written, with the place in the file.
func TestBadExperiments(t *testing.T) {
	good := read(t, filepath.Join("..", "vehicle-classification", "experiment.yaml"))
	for _, tt := range []struct{ name, old, new, says string }{
		{"unknown key", "\nseed: 1", "\nsede: 1", `experiment.yaml:5:1: unknown field "sede"`},
		{"wrong type", "\nseed: 1", "\nseed: one", "experiment.yaml:5:7: expected a whole number, found a text"},
		{"unknown codec", "[none, fp16, int8]", "[none, zip]", `experiment.yaml:53:16: unknown codec "zip"`},
		{"syntax", "codecs: [none", "codecs: [[none", "experiment.yaml:"},
		{"another name", "experiment: vehicle-classification", "experiment: ships",
			`experiment.yaml:1:13: experiment is named "ships"`},
		{"no server", "units: [{name: cpu, lanes: 1, threads: 1}]", "units: []", "experiment.yaml:"},
		{"empty", good, "", "expected one YAML document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(good, tt.old), "%q isn't there once", tt.old)
			dir := filepath.Join(t.TempDir(), "vehicle-classification")
			write(t, filepath.Join(dir, "experiment.yaml"), strings.Replace(good, tt.old, tt.new, 1))
			results, cache := filepath.Join(t.TempDir(), "results"), filepath.Join(t.TempDir(), "cache")
			for _, args := range [][]string{{"run", dir, "--results", results}, {"profile", dir}} {
				o := edgeprune(t, append([]string{"--cache", cache}, args...)...)
				o.refused(t, exitInput, tt.says, dir)
				n := strings.Count(o.stderr, "\n")
				assert.Equal(t, 1, n, "%d lines:\n%s", n, o.stderr)
			}
			absent(t, results)
			absent(t, cache)
		})
	}
}

func TestBadPlans(t *testing.T) {
	good := read(t, filepath.Join("testdata", "plan.yaml"))
	for _, tt := range []struct{ name, old, new, says string }{
		{"unknown key", "\nseed: 5", "\nsede: 5", `plan.yaml:22:1: unknown field "sede"`},
		{"wrong type", "frames: 12", "frames: [12]", "plan.yaml:21:"},
		{"no such unit", "{unit: server.cpu}", "{unit: server.gpu}", "plan.yaml:20:"},
		{"a missing actor", "to: sink.in", "to: drain.in", "plan.yaml:10:"},
		{"a cycle", "{from: source.out, to: copy.in}", "{from: copy.out, to: copy.in}", "plan.yaml:"},
		{"no link", "between: [box, server]", "between: [box, box]", "plan.yaml:16:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(good, tt.old), "%q isn't there once", tt.old)
			path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), strings.Replace(good, tt.old, tt.new, 1))
			o := edgeprune(t, "run", path, "--driver", "sim")
			o.refused(t, exitInput, tt.says, filepath.Dir(path))
		})
	}
}

// A model file that isn't one is the user's to correct.
func TestBadModels(t *testing.T) {
	dir := t.TempDir()
	whole := read(t, modelcmd.File(dataset(t, "vehicle-classifier")))
	good := read(t, filepath.Join("testdata", "plan.yaml"))
	for name, content := range map[string]string{
		"truncated": whole[:len(whole)/2], "text": "this is not a model", "empty": "", "absent": "",
	} {
		t.Run(name, func(t *testing.T) {
			model := filepath.Join(dir, name+".onnx")
			if name != "absent" {
				write(t, model, content)
			}
			text := strings.Replace(good, `{name: copy, kernel: pass, in: [{port: in}], out: [{port: out, type: "uint8[64]"}]}`,
				fmt.Sprintf("{name: copy, model: %s}", model), 1)
			o := edgeprune(t, "run", write(t, filepath.Join(dir, name+".yaml"), text), "--driver", "sim")
			o.refused(t, exitInput, model)
		})
	}
}

func TestBusyPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	port := fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	o := edgeprune(t, "up", filepath.Join("testdata", "plan.yaml"), "--port", port)
	o.refused(t, exitRun, "port "+port+" can't be used", "give another one, or 0 for any")
}

func TestNoServer(t *testing.T) {
	loadLibrary(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	url := "nats://" + l.Addr().String()
	l.Close()
	o := edgeprune(t, "run", filepath.Join("testdata", "plan.yaml"), "--driver", "deploy", "--nats", url)
	o.refused(t, exitInput, "no NATS server at "+url, "edgeprune up")
}

// Results that can't be written, as on a full disk, end the run before it
// begins, and leave nothing behind.
func TestResultsThatCanNotBeWritten(t *testing.T) {
	dataset(t, "vehicle-renderings")
	results := write(t, filepath.Join(t.TempDir(), "results"), "a file")
	o := edgeprune(t, "run", filepath.Join("..", "vehicle-classification"), "--driver", "sim", "--results", results)
	o.refused(t, exitRun, results)
	assert.Empty(t, o.stdout, "left %q and printed", read(t, results))
	assert.Equal(t, "a file", read(t, results), "left %q and printed", read(t, results))
}
