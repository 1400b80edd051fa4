package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connected starts one agent, d0.
func connected(t *testing.T) *nats.Conn {
	t.Helper()
	tb, err := testbed.Start(t.Context(), testbed.Config{
		Devices: []string{"d0"}, InProcess: true, Agent: agent.Config{Version: "v1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tb.Close)
	return tb.Conn()
}

func ask(t *testing.T, nc *nats.Conn, v wire.Verb, data string) wire.Reply {
	t.Helper()
	msg, err := nc.Request(wire.AgentSubject("d0", v), []byte(data), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var r wire.Reply
	if err := json.Unmarshal(msg.Data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRunRefuses(t *testing.T) {
	for _, tt := range []struct {
		cfg  agent.Config
		want error
	}{
		{agent.Config{URL: "nats://127.0.0.1:1"}, agent.ErrConfig},
		{agent.Config{Device: "a>", URL: "nats://127.0.0.1:1"}, agent.ErrConfig},
		{agent.Config{Device: "a", URL: "nats://127.0.0.1:1"}, agent.ErrConnect},
		{agent.Config{Device: "a", URL: "nats://127.0.0.1:1", Wait: 300 * time.Millisecond}, agent.ErrConnect},
	} {
		if err := agent.Run(t.Context(), tt.cfg); !errors.Is(err, tt.want) {
			t.Errorf("%q: got %v, want %v", tt.cfg.Device, err, tt.want)
		}
	}
}

func TestUntilEOF(t *testing.T) {
	r, w := io.Pipe()
	ctx := agent.UntilEOF(context.Background(), r)
	if _, err := w.Write([]byte("still here")); err != nil || ctx.Err() != nil {
		t.Fatalf("ended while its parent lives: %v, %v", err, ctx.Err())
	}
	w.Close()
	<-ctx.Done()
}

func TestAgentIsAMicroService(t *testing.T) {
	nc := connected(t)
	subject, err := micro.ControlSubject(micro.InfoVerb, wire.Service, "")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := nc.Request(subject, nil, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var info micro.Info
	if err := json.Unmarshal(msg.Data, &info); err != nil {
		t.Fatal(err)
	}
	if info.Name != "edgeprune-agent" || info.Metadata[wire.Device] != "d0" || len(info.Endpoints) != len(wire.Verbs) {
		t.Errorf("info %+v", info)
	}
	for _, e := range info.Endpoints {
		if e.Subject != "edgeprune.agent.d0."+e.Name {
			t.Errorf("endpoint %s at %s", e.Name, e.Subject)
		}
	}
}

func TestStatus(t *testing.T) {
	nc := connected(t)
	s := ask(t, nc, wire.Status, "").Status
	if s == nil || s.Device != "d0" || s.Version != "v1" || s.PID <= 0 || s.RSSBytes <= 0 || s.GoVersion == "" || s.Run != "" {
		t.Errorf("status %+v", s)
	}
}

// An agent that is asked to collect holds no garbage when it reads its memory.
func TestStatusAfterCollection(t *testing.T) {
	nc := connected(t)
	const garbageBytes = 64 << 20
	garbage := make([]byte, garbageBytes)
	for i := range garbage {
		garbage[i] = 1
	}
	runtime.KeepAlive(garbage)
	held := ask(t, nc, wire.Status, `{"collect":true}`).Status
	require.NotNil(t, held)
	require.Positive(t, held.RSSBytes)
	require.Less(t, held.Go.ObjectBytes+held.Go.FreeBytes, int64(garbageBytes))
}

func TestRequestsThatCanNotBeServed(t *testing.T) {
	nc := connected(t)
	b := enginetest.NewBuilder("p", 1, 1, 1)
	b.Chain(1, 1, 0, 1)
	p, err := json.Marshal(b.Plan())
	if err != nil {
		t.Fatal(err)
	}
	edited := func(edit func(*plan.Plan)) string {
		b := enginetest.NewBuilder("p", 1, 1, 1)
		b.Chain(1, 1, 0, 1)
		edit(b.Plan())
		data, err := json.Marshal(b.Plan())
		if err != nil {
			t.Fatal(err)
		}
		return `{"run":"r","device":0,"plan":` + string(data) + `}`
	}
	for _, tt := range []struct {
		verb       wire.Verb
		data, text string
	}{
		{wire.Load, "{", "unexpected end"},
		{wire.Load, `{"run":"r","plan":[]}`, "device d0: plan"},
		{wire.Load, `{"run":"r","device":7,"plan":` + string(p) + `}`, "device 7 is not d0"},
		{wire.Load, `{"run":"r","device":-1,"plan":` + string(p) + `}`, "device -1 is not d0"},
		{wire.Load, `{"run":"r","device":1,"plan":` + string(p) + `}`, "device 1 is not d0"},
		{wire.Load, `{"run":"r","device":0,"plan":` + string(p) + `,"models":{"0":"abc"}}`, "device d0: actor count0: sub-model abc"},
		{wire.Load, edited(func(p *plan.Plan) { p.Graph = nil }), "no graph"},
		{wire.Load, edited(func(p *plan.Plan) { p.Routes = nil }), "routes"},
		{wire.Load, edited(func(p *plan.Plan) { p.Routes[0] = 1 }), "link 1"},
		{wire.Load, edited(func(p *plan.Plan) { p.Work[1].Device = 2 }), "sink1"},
		{wire.Load, edited(func(p *plan.Plan) { p.Work[1].Unit = -1 }), "unit -1"},
		{wire.Load, edited(func(p *plan.Plan) { p.Fallbacks = []plan.Takeover{{Device: 0, Peer: 2}} }), "from device 2"},
		{wire.Load, edited(func(p *plan.Plan) { p.Fallbacks = []plan.Takeover{{Device: 0, Peer: 1, Unit: 4}} }), "unit 4"},
		{wire.Load, edited(func(p *plan.Plan) { p.Graph.FIFOs[0].To = 7 }), "device d0"},
		{wire.Start, `{"run":"r"}`, "not loaded"},
		{wire.Stop, `{"run":"r"}`, "not loaded"},
		{wire.Drain, `{"run":"r"}`, "not loaded"},
		{wire.Finish, `{"run":"r"}`, "not loaded"},
		{wire.Finish, `[]`, "cannot unmarshal"},
		{wire.Status, `[]`, "cannot unmarshal"},
	} {
		if r := ask(t, nc, tt.verb, tt.data); !strings.Contains(r.Error, tt.text) {
			t.Errorf("%s %.40s: got %q, want one that says %q", tt.verb, tt.data, r.Error, tt.text)
		}
	}
}

// onDevice returns a plan, as JSON, of a source and a sink on a device.
func onDevice(t *testing.T, device string) string {
	t.Helper()
	b := enginetest.NewBuilder("p", 1, 1)
	b.Chain(1, 1, 0, 0)
	b.Plan().Platform.Devices[0].Name = device
	p, err := json.Marshal(b.Plan())
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// Requests may be repeated: who gets no answer can't know what came of them.
func TestRequestsMayBeRepeated(t *testing.T) {
	nc := connected(t)
	p := onDevice(t, "d0")
	load := func(epoch string) wire.Reply {
		return ask(t, nc, wire.Load, `{"run":"r","device":0,"epoch":`+epoch+`,"recover":true,"plan":`+p+`}`)
	}
	first := load("20")
	if first.Error != "" || first.Incarnation == "" {
		t.Fatalf("load: %+v", first)
	}
	require.Equal(t, first, load("20"), "load again")
	if old := load("10"); !strings.Contains(old.Error, "epoch 20") {
		t.Errorf("an older load: %+v", old)
	}
	for range 2 {
		if r := ask(t, nc, wire.Start, `{"run":"r"}`); r.Error != "" {
			t.Errorf("start: %s", r.Error)
		}
	}
	var replies []wire.Reply
	for range 2 {
		r := ask(t, nc, wire.Finish, `{"run":"r"}`)
		if r.Error != "" || r.Status == nil {
			t.Fatalf("finish: %+v", r)
		}
		r.Status = nil
		replies = append(replies, r)
	}
	require.Equal(t, replies[0], replies[1])
	if r := ask(t, nc, wire.Stop, `{"run":"r"}`); !r.NotLoaded {
		t.Errorf("stop after that: %+v", r)
	}
}

func TestStateFolder(t *testing.T) {
	nc := connected(t)
	p := onDevice(t, "d0")
	for _, run := range []string{"../../etc/passwd", "a.b", ""} {
		if r := ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"recover":true,"plan":`+p+`}`); !strings.Contains(r.Error, "can't name a file") {
			t.Errorf("run %q: %q", run, r.Error)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- agent.Run(ctx, agent.Config{Device: "d1", URL: nc.ConnectedUrl(), Wait: time.Second}) }()
	subject := wire.AgentSubject("d1", wire.Load)
	load := []byte(`{"run":"r","device":0,"recover":true,"plan":` + onDevice(t, "d1") + `}`)
	for {
		msg, err := nc.Request(subject, load, time.Second)
		if errors.Is(err, nats.ErrNoResponders) {
			continue
		}
		if err != nil || !strings.Contains(string(msg.Data), "no folder") {
			t.Errorf("an agent without a folder: %v, %s", err, msg.Data)
		}
		break
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestLoadReplacesAndFinishUnloads(t *testing.T) {
	nc := connected(t)
	p := onDevice(t, "d0")
	for _, run := range []string{"one", "two"} {
		if r := ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"plan":`+p+`}`); r.Error != "" {
			t.Fatal(r.Error)
		}
	}
	if s := ask(t, nc, wire.Status, "").Status; s.Run != "two" {
		t.Errorf("loaded: %q", s.Run)
	}
	if r := ask(t, nc, wire.Stop, `{"run":"two","actor":9}`); !strings.Contains(r.Error, "not in this slice") {
		t.Errorf("stop of an actor that is not there: %q", r.Error)
	}
	if r := ask(t, nc, wire.Finish, `{"run":"two"}`); r.Error != "" || r.Status == nil || r.Status.Run != "two" || r.Batches != 0 {
		t.Errorf("finish: %+v", r)
	}
	if s := ask(t, nc, wire.Status, "").Status; s.Run != "" {
		t.Errorf("still loaded: %q", s.Run)
	}
}
