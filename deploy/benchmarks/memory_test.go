package benchmarks

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	memoryFrames = 1000
	memoryEarly  = 100
	memoryTarget = 64.0 // MB over model and FIFOs
	mega         = 1e6
)

// BenchmarkMemoryRatio is the resident memory of two agents, processes of the real
// program, early and late in a run, against the bytes of model and FIFOs.
func BenchmarkMemoryRatio(b *testing.B) {
	m := model(b, classifier)
	app := planfile.Application{
		Name: "memory",
		Actors: []planfile.ActorSpec{
			{Name: "camera", Kernel: "image-folder", Params: map[string]any{"dataset": pictures}, Out: []planfile.PortSpec{{Port: "frame", Type: "uint8[96,96,3]"}}},
			{Name: "normalise", Kernel: "normalise", In: []planfile.PortSpec{{Port: "frame"}}, Out: []planfile.PortSpec{{Port: "image", Type: "float32[1,3,96,96]"}}},
			{Name: "classifier", Model: classifier},
			{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{{Port: "result"}}},
		},
		FIFOs: []planfile.FIFOSpec{
			{From: "camera.frame", To: "normalise.frame"},
			{From: "normalise.image", To: "classifier.image"},
			{From: "classifier.logits", To: "sink.result"},
		},
	}
	p, models := compiled(b, app, m, cutAt(b, "classifier", m, cutBytes), memoryFrames)
	parts := segments(b, p, models)
	tb := startTestbed(b, testbed.Config{Devices: []string{endpoint, server}, Command: agents(b)})
	for b.Loop() {
		idle := statuses(b, tb)
		early, late := duringRun(b, tb, p, models)
		for i, s := range p.Slices() { // the endpoint's slice and model come first
			known := float64(len(parts[i])) + float64(s.FIFOBytes())
			rest := (float64(late[s.Device].RSSBytes) - known) / mega
			growth := float64(late[s.Device].RSSBytes-early[s.Device].RSSBytes) / mega
			b.ReportMetric(rest, s.Device+"-rest-MB")
			b.ReportMetric(growth, s.Device+"-growth-MB")
			library, program := mapped(b, late[s.Device].PID, "libonnxruntime")/mega, mapped(b, late[s.Device].PID, programName)/mega
			fmt.Printf("%s: memory over model and FIFOs = %.1f MB (target <= %.0f), %.1f MB without the pages of the program's and ONNX Runtime's files; growth from frame %d to %d = %.1f MB (target 0)\n",
				s.Device, rest, memoryTarget, rest-program-library, memoryEarly, memoryFrames, growth)
			b.Logf("%s: resident %.1f MB idle, %.1f MB after %d frames, %.1f MB after %d; model %.1f MB, FIFOs %.1f MB, the program's file %.1f MB, ONNX Runtime's library %.1f MB",
				s.Device, float64(idle[s.Device].RSSBytes)/mega, float64(early[s.Device].RSSBytes)/mega, memoryEarly,
				float64(late[s.Device].RSSBytes)/mega, memoryFrames, float64(len(parts[i]))/mega, float64(s.FIFOBytes())/mega,
				program, library)
		}
	}
	b.ReportMetric(0, "ns/op")
}

const programName = "edgeprune-bench-agent"

// program builds the real program and returns its path.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), programName)
	if out, err := exec.Command("go", "build", "-o", path, "github.com/edgeprune/edgeprune").CombinedOutput(); err != nil {
		b.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// agents makes the commands of the real program's agents.
func agents(b *testing.B) func(device, url, state string) *exec.Cmd {
	b.Helper()
	path := program(b)
	return func(device, url, state string) *exec.Cmd {
		return exec.Command(path, "agent", "--name", device, "--nats", url, "--state", state, "--watch-stdin")
	}
}

// duringRun runs p and returns the agents' statuses after the early frames, and at
// the end.
func duringRun(b *testing.B, tb *testbed.Testbed, p *plan.Plan, models compile.Models) (early, late map[string]wire.AgentStatus) {
	b.Helper()
	var seen int64
	reached := make(chan struct{})
	sink := int32(p.Graph.Actor("sink"))
	sub, err := tb.Conn().Subscribe(wire.TraceSubject("*", server), func(msg *nats.Msg) {
		batch, err := wire.DecodeBatch(msg.Data)
		if err != nil {
			return // the driver says so
		}
		for _, r := range batch.Records {
			if r.Kind == wire.Firing && r.Index == sink {
				if seen++; seen == memoryEarly {
					close(reached)
				}
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
	d := tb.Driver()
	d.Models = models
	d.Finished = func(all []wire.AgentStatus) { late = byDevice(all) }
	done := make(chan error, 1)
	go func() {
		_, err := d.Run(b.Context(), p)
		done <- err
	}()
	select {
	case <-reached:
		early = statuses(b, tb)
		err = <-done
	case err = <-done:
		err = fmt.Errorf("the run ended before frame %d: %w", memoryEarly, err)
	}
	if err != nil {
		b.Fatal(err)
	}
	return early, late
}

// statuses asks both agents how they are.
func statuses(b *testing.B, tb *testbed.Testbed) map[string]wire.AgentStatus {
	b.Helper()
	var all []wire.AgentStatus
	for _, device := range []string{endpoint, server} {
		msg, err := tb.Conn().Request(wire.AgentSubject(device, wire.Status), nil, 10*time.Second)
		if err != nil {
			b.Fatal(err)
		}
		var reply wire.Reply
		if err := json.Unmarshal(msg.Data, &reply); err != nil || reply.Status == nil {
			b.Fatalf("status of %s: %s, %v", device, msg.Data, err)
		}
		all = append(all, *reply.Status)
	}
	return byDevice(all)
}

func byDevice(all []wire.AgentStatus) map[string]wire.AgentStatus {
	m := make(map[string]wire.AgentStatus)
	for _, s := range all {
		m[s.Device] = s
	}
	return m
}

// mapped returns the resident bytes of a process that belong to the file whose name
// holds name.
func mapped(b *testing.B, pid int, name string) float64 {
	b.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var kib float64
	inside := false
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		switch {
		case len(fields) > 1 && strings.Contains(fields[0], "-"):
			inside = strings.Contains(fields[len(fields)-1], name)
		case inside && fields[0] == "Rss:":
			var n float64
			if _, err := fmt.Sscan(fields[1], &n); err != nil {
				b.Fatal(err)
			}
			kib += n
		}
	}
	return kib * 1024
}
