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
	"github.com/stretchr/testify/require"
)

// memoryFrames are the frames after which memory is looked at.
var memoryFrames = []int64{100, 1000, 10000}

const (
	memoryRest   = 500  // frames after the last look
	memoryTarget = 64.0 // MB over model and FIFOs
	growthTarget = 0.1  // MB between any two looks
	mega         = 1e6
)

// BenchmarkMemoryRatio is the memory that two agents, processes of the real program, hold
// early and late in a run, against the bytes of model and FIFOs. An agent holds what is
// resident after it was asked to collect garbage; how far the heap grows between two
// collections, which says nothing about a leak, is told beside it.
func BenchmarkMemoryRatio(b *testing.B) {
	m := model(b, classifier)
	app := planfile.Application{
		Name: "memory",
		Actors: []planfile.ActorSpec{
			{Name: "camera", Kernel: "image-folder", Params: map[string]any{"dataset": pictures},
				Out: []planfile.PortSpec{{Port: "frame", Type: "uint8[96,96,3]"}}},
			{Name: "normalise", Kernel: "normalise", In: []planfile.PortSpec{{Port: "frame"}},
				Out: []planfile.PortSpec{{Port: "image", Type: "float32[1,3,96,96]"}}},
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
		last := len(looks) - 1
		for i, sl := range p.Slices() { // the endpoint's slice and model come first
			device, model, fifos := sl.Device, float64(len(parts[i])), float64(sl.FIFOBytes())
			held := looks[last][device].held
			rest := (held.resident() - model - fifos) / mega
			live := func(l look) float64 { return l.held[goObjects] }
			private := func(l look) float64 { return l.held.private() }
			b.ReportMetric(rest, device+"-rest-MB")
			b.ReportMetric(growth(looks, device, 0, last, live), device+"-live-growth-MB")
			b.ReportMetric(growth(looks, device, 0, last, private), device+"-growth-MB")
			fmt.Printf("%s: memory held over model and FIFOs = %.1f MB (target <= %.0f), of which %.1f MB are clean pages\n",
				device, rest, memoryTarget, held.clean()/mega)
			for from := range last {
				fmt.Printf("  growth from frame %d to %d: live objects %.2f MB, private memory %.2f MB (target 0 within %.1f)\n",
					memoryFrames[from], memoryFrames[last],
					growth(looks, device, from, last, live), growth(looks, device, from, last, private), growthTarget)
			}
			fmt.Print(table(device, looks))
			fmt.Printf("  of these: model %.2f MB, FIFOs %.2f MB\n", model/mega, fifos/mega)
		}
	}
	b.ReportMetric(0, "ns/op")
}

const programName = "edgeprune-bench-agent"

// program builds the real program and returns its path.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), programName)
	out, err := exec.Command("go", "build", "-o", path, "github.com/edgeprune/edgeprune").CombinedOutput()
	require.NoError(b, err, "build the program: %v\n%s", err, out)
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
func duringRun(b *testing.B, tb *testbed.Testbed, p *plan.Plan, models compile.Models) []map[string]look {
	b.Helper()
	var seen int64
	reached := make(chan struct{}, len(memoryFrames))
	sink := int32(p.Graph.Actor("sink"))
	sub, err := tb.Conn().Subscribe(wire.TraceSubject(server, tb.Driver().Name, wire.Any), func(msg *nats.Msg) {
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
	require.NoError(b, err)
	defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
	d := tb.Driver()
	d.Models = models
	done := make(chan error, 1)
	go func() {
		_, err := d.Run(b.Context(), p)
		done <- err
	}()
	var looks []map[string]look
	for range memoryFrames {
		select {
		case <-reached:
			looks = append(looks, map[string]look{endpoint: lookAt(b, tb, endpoint), server: lookAt(b, tb, server)})
		case err = <-done:
			b.Fatalf("the run ended before its last frame: %v", err)
		}
	}
	require.NoError(b, (<-done))
	return looks
}

// lookAt returns the memory of an agent, as it runs and as it is held.
func lookAt(b *testing.B, tb *testbed.Testbed, device string) look {
	b.Helper()
	l := look{running: newAccount(b, status(b, tb, device, false))}
	for range holdAttempts {
		l.held = smaller(l.held, newAccount(b, status(b, tb, device, true)))
	}
	return l
}

// status asks an agent how it is, after a collection of garbage if it is to collect.
func status(b *testing.B, tb *testbed.Testbed, device string, collect bool) wire.AgentStatus {
	b.Helper()
	req, err := json.Marshal(wire.StatusRequest{Collect: collect})
	require.NoError(b, err)
	msg, err := tb.Conn().Request(wire.OrderSubject(tb.Driver().Name, device, wire.Status), req, 10*time.Second)
	require.NoError(b, err)
	var reply wire.Reply
	err = json.Unmarshal(msg.Data, &reply)
	require.NoError(b, err, "status of %s: %s", device, msg.Data)
	require.NotNil(b, reply.Status, "status of %s: %s", device, msg.Data)
	return *reply.Status
}
