package benchmarks

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// memoryFrames are the frames after which memory is looked at.
var memoryFrames = []int64{100, 1000, 10000}

const (
	memoryRest   = 500  // frames after the last look
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
	p, models := compiled(b, app, m, cutAt(b, "classifier", m, cutBytes), memoryFrames[len(memoryFrames)-1]+memoryRest)
	parts := segments(b, p, models)
	tb := startTestbed(b, testbed.Config{Devices: []string{endpoint, server}, Command: agents(b)})
	for b.Loop() {
		looks := duringRun(b, tb, p, models)
		first, last := looks[0], looks[len(looks)-1]
		for i, s := range p.Slices() { // the endpoint's slice and model come first
			known := float64(len(parts[i])) + float64(s.FIFOBytes())
			rest := (last[s.Device].resident() - known) / mega
			growth := (last[s.Device].resident() - first[s.Device].resident()) / mega
			b.ReportMetric(rest, s.Device+"-rest-MB")
			b.ReportMetric(growth, s.Device+"-growth-MB")
			fmt.Printf("%s: memory over model and FIFOs = %.1f MB (target <= %.0f), of which %.1f MB clean pages of files; growth from frame %d to %d = %.2f MB (target 0 within 0.1)\n",
				s.Device, rest, memoryTarget, last[s.Device].clean()/mega, memoryFrames[0], memoryFrames[len(memoryFrames)-1], growth)
			fmt.Print(table(s.Device, looks))
			fmt.Printf("  of these: model %.2f MB, FIFOs %.2f MB\n", float64(len(parts[i]))/mega, float64(s.FIFOBytes())/mega)
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

// duringRun runs p and returns the agents' memory after each of memoryFrames, by device.
func duringRun(b *testing.B, tb *testbed.Testbed, p *plan.Plan, models compile.Models) []map[string]account {
	b.Helper()
	var seen int64
	reached := make(chan struct{}, len(memoryFrames))
	sink := int32(p.Graph.Actor("sink"))
	sub, err := tb.Conn().Subscribe(wire.TraceSubject("*", server), func(msg *nats.Msg) {
		batch, err := wire.DecodeBatch(msg.Data)
		if err != nil {
			return // the driver says so
		}
		for _, r := range batch.Records {
			if r.Kind == wire.Firing && r.Index == sink {
				if seen++; slices.Contains(memoryFrames, seen) {
					reached <- struct{}{}
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
	done := make(chan error, 1)
	go func() {
		_, err := d.Run(b.Context(), p)
		done <- err
	}()
	var looks []map[string]account
	for range memoryFrames {
		select {
		case <-reached:
			looks = append(looks, accounts(b, tb))
		case err = <-done:
			b.Fatalf("the run ended before its last frame: %v", err)
		}
	}
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return looks
}

// accounts returns where the agents' memory is, by device.
func accounts(b *testing.B, tb *testbed.Testbed) map[string]account {
	b.Helper()
	all := map[string]account{}
	for device, s := range statuses(b, tb) {
		all[device] = newAccount(b, s)
	}
	return all
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

