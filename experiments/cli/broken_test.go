package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
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
	return write(t, filepath.Join(t.TempDir(), "parted.yaml"), strings.NewReplacer("MAKES", makes, "LAST", last).Replace(text))
}

func TestCheckWarnsOfBrokenFusions(t *testing.T) {
	warning := "warning: net[first] -> net[second] at dense3 parts Gemm+Relu, which ONNX Runtime computes as one: " +
		"both sides together are slower than the whole; better let cross l3\n"
	edgeprune(t, "check", parted(t, "dense3", "net/first")).says(t, exitOK, warning)
	var got struct {
		Borders []compile.Border `json:"broken_fusions"`
	}
	o := edgeprune(t, "check", "--json", parted(t, "dense3", "net/first"))
	if err := json.Unmarshal([]byte(o.stdout), &got); err != nil || len(got.Borders) != 1 || got.Borders[0].Instead[0] != "l3" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, whole := range []string{parted(t, "l3", "net/first"), parted(t, "dense3", "net/second"), parted(t, "dense3", "source")} {
		if o := edgeprune(t, "check", whole); o.code != exitOK || strings.Contains(o.stdout, "warning") {
			t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
		}
	}
}

func TestSplitWarnsOfBrokenFusions(t *testing.T) {
	warning := "warning: the cut at dense3 parts Gemm+Relu, which ONNX Runtime computes as one: both sides together are slower than the whole; better cut at l3\n"
	split := func(at string, more ...string) output {
		return edgeprune(t, append([]string{"model", "split", "vehicle-classifier", "--at", at, "-o", filepath.Join(t.TempDir(), "parts")}, more...)...)
	}
	split("1,dense3").says(t, exitOK, warning)
	if o := split("l3"); o.code != exitOK || strings.Contains(o.stdout, "warning") {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	var parts []modelcmd.Part
	o := split("1,dense3", "--json")
	if err := json.Unmarshal([]byte(o.stdout), &parts); err != nil || len(parts) != 3 || parts[1].Broken != nil || parts[2].Broken[0] != "Gemm+Relu" || parts[2].Instead != "l3" {
		t.Errorf("%+v, %v", parts, err)
	}
	o = edgeprune(t, "run", "--model", "vehicle-classifier", "--at", "dense3", "--frames", "3", "--slowdown", "1", "--driver", "deploy")
	if o.code != exitOK || !strings.Contains(o.stderr, warning) {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}
