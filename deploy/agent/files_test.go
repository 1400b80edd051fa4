package agent_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An agent's kernels read what its user lets them, whatever a plan names, and nothing is told
// of the rest: neither what it holds nor whether it is there.
func TestKernelsReadDataFoldersOnly(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, d := range []string{"data", "data/pictures", "secret"} {
		require.NoError(t, os.Mkdir(at(d), 0o700))
	}
	for _, f := range []string{"data/four", "secret/four", "secret/a.png"} {
		require.NoError(t, os.WriteFile(at(f), []byte("1234"), 0o600))
	}
	require.NoError(t, os.Symlink(at("secret/four"), at("data/link")))
	require.NoError(t, os.Symlink(at("secret/a.png"), at("data/pictures/a.png")))
	require.NoError(t, syscall.Mkfifo(at("data/pipe"), 0o600))
	allowed, err := files.Below(at("data"))
	require.NoError(t, err)
	cfg := testbed.Config{Devices: []string{"d0"}, InProcess: true, Agent: agent.Config{
		Kernels: builtin.Registry(), Files: allowed,
		Data: func(name string) (string, error) { return filepath.Join(dir, name), nil },
	}}
	nc := testbedtest.Observe(t, testbedtest.Start(t, cfg).URL())
	runs := 0
	load := func(kernel, param, value string) wire.Reply {
		b := enginetest.NewBuilder("p", 1, 1)
		source := b.Chain(1, 1, 0, 0)[0]
		p := b.Plan()
		of := graph.TokenType{Elem: "uint8", Shape: []int64{4}}
		if kernel != "tensor" {
			of.Shape = []int64{1, 1, 3}
		}
		a := &p.Graph.Actors[source]
		a.Kernel, a.Params, a.Out[0].Type = kernel, map[string]any{param: value}, of
		p.Graph.Actors[p.Graph.FIFOs[0].To].In[0].Type = of
		data, err := json.Marshal(p)
		require.NoError(t, err)
		runs++
		run := "r" + strconv.Itoa(runs)
		return ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"plan":`+string(data)+`}`)
	}
	assert.Empty(t, load("tensor", "file", at("data/four")).Error)
	outside := "no such file below the folders that may be read here, which the agent's user gives with --data"
	for _, tt := range []struct{ kernel, param, path, says string }{
		{"tensor", "file", at("secret/four"), outside},
		{"tensor", "file", at("secret/none"), outside},
		{"tensor", "file", at("data/link"), outside},
		{"tensor", "file", at("data/../secret/four"), outside},
		{"tensor", "file", "/proc/self/environ", outside},
		{"tensor", "file", "/dev/zero", outside},
		{"tensor", "file", at("data/pipe"), "it is not a regular file"},
		{"tensor", "file", at("data/none"), "file does not exist"},
		{"video", "file", at("secret/four"), outside},
		{"video", "file", at("data/link"), outside},
		{"video", "file", "http://127.0.0.1/", outside},
		{"video", "file", "/dev/zero", outside},
		{"image-folder", "folder", at("secret"), outside},
		{"image-folder", "folder", at("data/pictures"), outside},
		{"image-folder", "dataset", "secret", outside},
	} {
		r := load(tt.kernel, tt.param, tt.path)
		assert.Contains(t, r.Error, tt.says, "%s %s", tt.kernel, tt.path)
		assert.NotContains(t, r.Error, "4 bytes", "%s %s", tt.kernel, tt.path)
	}
}
