package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every name that a file gives wrongly is refused with the one that was meant: keys, kernels,
// actors, ports, devices, units, links, codecs, kinds.
func TestSuggestionsInFiles(t *testing.T) {
	plan := read(t, small)
	experiment := read(t, filepath.Join("..", "vehicle-classification", input.ExperimentFile))
	study := read(t, filepath.Join("..", "studies", "best-cut", "study.yaml"))
	for _, tt := range []struct{ file, from, to, meant string }{
		{"plan", "workload:", "worklaod:", "workload"},
		{"plan", "frames: 12", "frame: 12", "frames"},
		{"plan", "kernel: pass", "kernel: pas", "pass"},
		{"plan", "to: copy.in", "to: cpy.in", "copy"},
		{"plan", "from: copy.out", "from: copy.uot", "out"},
		{"plan", "between: [box, server]", "between: [box, sever]", "server"},
		{"plan", "unit: server.cpu", "unit: server.cpi", "server.cpu"},
		{"plan", "through: source", "through: soruce", "source"},
		{"plan", "role: endpoint", "role: endpiont", "endpoint"},
		{"plan", "single-stream", "singel-stream", "single-stream"},
		{"plan", "seed: 5", "seed: 5\nfaults: [{link: wird, at: 1s, for: 1s}]", "wired"},
		{"plan", "seed: 5", "seed: 5\nfaults: [{device: bx, at: 1s, for: 1s}]", "box"},
		{"plan", "latency: 1ms", "latency: 1ms, jitter: {kind: gama, mean: 1ms}", "gamma"},
		{"plan", "latency: 1ms", "latency: 1ms, duplex: hlf", "half"},
		{"plan", "slowdown: 2", "slowdown: 2, cost: medain", "median"},
		{"plan", "slowdown: 2", "slowdown: 2, costs: {copi: mean}", "copy"},
		{"plan", "workload: {kind: single-stream, frames: 12, warmup: 2}",
			"workload: {kind: camera, period: 1s, frames: 12, drop: odlest}", "oldest"},
		{"plan", "  - mapping:", "  - codec: int9\n    mapping:", "int8"},
		{"experiment", "codecs: [none, fp16, int8]", "codecs: [none, pf16, int8]", "fp16"},
		{"experiment", "together: {link: wired", "together: {link: wird", "wired"},
		{"experiment", "through: classifier/flat", "through: classifier/flta", "classifier/flat"},
		{"experiment", "kind: classification", "kind: clasification", "classification"},
		{"experiment", "dataset: vehicle-renderings}", "dataset: vehicle-rendering}", "vehicle-renderings"},
		{"experiment", "model: vehicle-classifier", "model: vehicle-clasifier", "vehicle-classifier"},
		{"experiment", "endpoints:", "endpoint:", "endpoints"},
		{"study", "- {key: codec,", "- {key: codc, name: codec,", "codec"},
		{"study", "of: latency_p50, over", "of: latncy_p50, over", "latency_p50"},
		{"study", "over: bandwidth}", "over: bandwith}", "bandwidth"},
		{"study", "of: slow.cpu", "of: slwo.cpu", "slow"},
		{"study", "  link: wired", "  link: wird", "wired"},
		{"study", "scale: log}", "scale: lgo}", "log"},
		{"study", "figures:", "figurs:", "figures"},
	} {
		text := map[string]string{"plan": plan, "experiment": experiment, "study": study}[tt.file]
		require.Contains(t, text, tt.from)
		text = strings.Replace(text, tt.from, tt.to, 1)
		dir := t.TempDir()
		var o output
		switch tt.file {
		case "plan":
			o = edgeprune(t, "run", write(t, filepath.Join(dir, "plan.yaml"), text), "--driver", "sim")
		case "experiment":
			write(t, filepath.Join(dir, "all", "vehicle-classification", input.ExperimentFile), text)
			o = edgeprune(t, "reproduce", "--experiments", filepath.Join(dir, "all"), "--results", dir)
		case "study":
			project, err := filepath.Abs("..")
			require.NoError(t, err)
			text = strings.ReplaceAll(text, "../..", project)
			text = strings.ReplaceAll(text, "../profiles", filepath.Join(project, "studies", "profiles"))
			o = edgeprune(t, "study", "check", write(t, filepath.Join(dir, "study.yaml"), text))
		}
		assert.Equal(t, exitInput, o.code, "%s: %s", tt.to, o.stderr)
		assert.Contains(t, o.stderr, `did you mean "`+tt.meant+`"?`, tt.to)
	}
}

// So is one of a kernel's parameters, and one in the file of a testbed.
func TestSuggestionsElsewhere(t *testing.T) {
	dir := t.TempDir()
	plan := strings.Replace(read(t, small), "kernel: sink", "kernel: sink, params: {recrd: summary}", 1)
	o := edgeprune(t, "run", write(t, filepath.Join(dir, "plan.yaml"), plan))
	assert.Equal(t, exitInput, o.code)
	assert.Contains(t, o.stderr, `did you mean "record"?`)
	edgeprune(t, "testbed", "init", filepath.Join(dir, "lab"), "--server", "hub=127.0.0.1", "--device", "box").
		says(t, exitOK)
	var file string
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "lab"), func(path string, _ os.DirEntry, err error) error {
		if filepath.Base(path) == "testbed.yaml" && strings.Contains(path, "coordinator") {
			file = path
		}
		return err
	}))
	require.NotEmpty(t, file)
	write(t, file, strings.Replace(read(t, file), "role: coordinator", "role: cordinator", 1))
	edgeprune(t, "testbed", "status", "--testbed", file).refused(t, exitInput, `did you mean "coordinator"?`)
	edgeprune(t, "datasets", "get", "face-clp").refused(t, exitInput, `did you mean "face-clip"?`)
	edgeprune(t, "model", "split", "vehicle-classifier", "--at", "l33", "-o", filepath.Join(dir, "p")).
		refused(t, exitInput, "l3")
	edgeprune(t, "run", "--model", "vehicle-classifier", "--at", "l3", "--picture", "ordr=rgb").
		refused(t, exitInput, `did you mean "order"?`)
}
