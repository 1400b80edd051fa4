package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parted is a plan whose first part of the classifier ends behind a tensor.
func parted(t *testing.T, makes string, last string) string {
	t.Helper()
	text := `plan: parted
application:
  name: parted
  actors:
    - {name: source, kernel: tensor, out: [{port: image, type: "float32[1,3,96,96]"}]}
    - {name: net, model: vehicle-classifier, parts: [{name: first, makes: [MAKES]}, {name: second}]}
    - {name: sink, kernel: sink, in: [{port: in}]}
  fifos:
    - {from: source.image, to: net.image}
    - {from: net.logits, to: sink.in}
platform:
  devices:
    - {name: box, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wired, between: [box, server]}
instances:
  - mapping:
      - {unit: box.cpu, through: LAST}
      - {unit: server.cpu}
workload: {kind: single-stream, frames: 3}
`
	return write(t, filepath.Join(t.TempDir(), "parted.yaml"),
		strings.NewReplacer("MAKES", makes, "LAST", last).Replace(text))
}

func TestCheckWarnsOfBrokenFusions(t *testing.T) {
	warning := "warning: net[first] -> net[second] at dense3 parts Gemm+Relu, which ONNX Runtime computes as one: " +
		"both sides together are slower than the whole; better let cross l3\n"
	edgeprune(t, "check", parted(t, "dense3", "net/first")).says(t, exitOK, warning)
	var got struct {
		Borders []compile.Border `json:"broken_fusions"`
	}
	o := edgeprune(t, "check", "--json", parted(t, "dense3", "net/first"))
	err := json.Unmarshal([]byte(o.stdout), &got)
	require.NoError(t, err)
	require.Len(t, got.Borders, 1)
	assert.Equal(t, "l3", got.Borders[0].Instead[0])
	for _, whole := range []string{
		parted(t, "l3", "net/first"), parted(t, "dense3", "net/second"), parted(t, "dense3", "source"),
	} {
		o := edgeprune(t, "check", whole)
		assert.Equal(t, exitOK, o.code, "exit code %d: %s%s", o.code, o.stdout, o.stderr)
		assert.NotContains(t, o.stdout, "warning", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}

func TestSplitWarnsOfBrokenFusions(t *testing.T) {
	warning := "warning: the cut at dense3 parts Gemm+Relu, which ONNX Runtime computes as one: both sides together are " +
		"slower than the whole; better cut at l3\n"
	split := func(at string, more ...string) output {
		return edgeprune(
			t, append([]string{"model", "split", "vehicle-classifier", "--at", at, "-o", filepath.Join(t.TempDir(), "parts")},
				more...)...,
		)
	}
	split("1,dense3").says(t, exitOK, warning)
	o := split("l3")
	assert.Equal(t, exitOK, o.code, "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	assert.NotContains(t, o.stdout, "warning", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	var parts []modelcmd.Part
	o = split("1,dense3", "--json")
	err := json.Unmarshal([]byte(o.stdout), &parts)
	require.NoError(t, err)
	require.Len(t, parts, 3)
	assert.Nil(t, parts[1].Broken)
	assert.Equal(t, "Gemm+Relu", parts[2].Broken[0])
	assert.Equal(t, "l3", parts[2].Instead)
	o = edgeprune(t, "run", "--model", "vehicle-classifier", "--at", "dense3", "--frames", "3", "--slowdown", "1",
		"--driver", "deploy")
	assert.Equal(t, exitOK, o.code, "exit code %d: %s", o.code, o.stdout)
	assert.Contains(t, o.stderr, warning, "exit code %d: %s", o.code, o.stdout)
}
