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
		{"wrong type", "\nseed: 1", "\nseed: one",
			`experiment.yaml:5:7: expected a whole number from 0 on such as 10, found the text "one"`},
		{"unknown codec", "[none, fp16, int8]", "[none, zip]", `experiment.yaml:53:16: unknown codec "zip"`},
		{"syntax", "codecs: [none", "codecs: [[none", "experiment.yaml:"},
		{"another name", "experiment: vehicle-classification", "experiment: ships",
			`experiment.yaml:1:13: experiment is named "ships"`},
		{"no server", "units: [{name: cpu, lanes: 1, threads: 1}]", "units: []", "experiment.yaml:"},
		{"empty", good, "", "experiment.yaml:1:1: it is empty; expected a YAML document"},
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

// A flag whose value can't be read says what can, with an example.
func TestBadValues(t *testing.T) {
	for _, tt := range []struct{ flag, value, says string }{
		{"--bandwidth", "100Mbot", "expected bytes or bits per second, such as 12.5MB/s, 12.5MiB/s, 100Mbit/s or 12500000"},
		{"--bandwidth", "fast", "such as 12.5MB/s"},
		{"--latency", "5", "expected a duration with its unit, such as 5ms, 5s or 5us"},
		{"--latency", "soon", "expected a duration such as 5ms"},
		{"--patience", "10", "such as 10ms, 10s or 10us"},
		{"--frames", "1e3", "expected a whole number such as 10"},
		{"--slowdown", "4x", "expected a number such as 4"},
	} {
		o := edgeprune(t, "run", "--model", "absent", "--at", "x", tt.flag, tt.value)
		o.refused(t, exitInput, fmt.Sprintf("invalid value %q for flag -%s: ", tt.value, tt.flag[2:]), tt.says)
	}
}

// Whatever is said of a file as a whole is said before it is fetched or run.
func TestHostilePlans(t *testing.T) {
	for _, tt := range map[string]struct{ text, says string }{
		"deep":      {strings.Repeat("- ", 200_000), ":1:201: more than 100 lists and mappings lie within each other"},
		"flow":      {strings.Repeat("[", 200_000), ":1:101: more than 100 lists and mappings"},
		"large":     {strings.Repeat("# nothing\n", 500_000), ":1:1: it has more than 4194304 bytes"},
		"utf-16":    {"\xff\xfep\x00l\x00", ":1:1: it is written in UTF-16 (little endian); save it in UTF-8"},
		"latin-1":   {"plan: caf\xe9\n", ":1:10: byte 0xE9 is not UTF-8"},
		"empty":     {"", ":1:1: it is empty"},
		"documents": {"plan: a\n---\nplan: b\n", ":3:5: a second document begins here"},
		"tabs":      {"application:\n\tname: a\n", ":2:1: a tab begins the line"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), tt.text)
		for _, args := range [][]string{{"run", path, "--driver", "sim"}, {"check", path}} {
			edgeprune(t, args...).refused(t, exitInput, "plan.yaml"+tt.says)
		}
	}
}

// A plan may have a byte order mark and lines as on Windows.
func TestPlanFromWindows(t *testing.T) {
	text := "\ufeff" + strings.ReplaceAll(read(t, filepath.Join("testdata", "plan.yaml")), "\n", "\r\n")
	path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), text)
	o := edgeprune(t, "check", path)
	assert.Equal(t, 0, o.code, o.stderr)
}
