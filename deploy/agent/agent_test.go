package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testbedtest.Main(m, nil) }

// connected starts one agent, d0.
func connected(t *testing.T) *nats.Conn {
	t.Helper()
	return testbedtest.Observe(t, testbedtest.Start(t, testbed.Config{
		Devices: []string{"d0"}, InProcess: true, Agent: agent.Config{Version: "v1"},
	}).URL())
}

func ask(t *testing.T, nc *nats.Conn, v wire.Verb, data string) wire.Reply {
	t.Helper()
	return askOf(t, nc, "d0", v, data)
}

func askOf(t *testing.T, nc *nats.Conn, device string, v wire.Verb, data string) wire.Reply {
	t.Helper()
	if v == wire.Load || v == wire.Claim {
		data = versioned(data)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	msg, err := transport.Request(ctx, nc, wire.OrderSubject("c", device, v), []byte(data))
	require.NoError(t, err)
	var r wire.Reply
	require.NoError(t, json.Unmarshal(msg, &r))
	return r
}

// versioned adds the version of the wire format to a request.
func versioned(data string) string {
	if rest, ok := strings.CutPrefix(data, `{"`); ok {
		return fmt.Sprintf(`{"wire":%d,"%s`, wire.Format, rest)
	}
	return data
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
		assert.ErrorIs(t, agent.Run(t.Context(), tt.cfg), tt.want, tt.cfg.Device)
	}
}

func TestUntilEOF(t *testing.T) {
	r, w := io.Pipe()
	ctx := agent.UntilEOF(context.Background(), r)
	_, err := w.Write([]byte("still here"))
	require.NoError(t, err, "ended while its parent lives")
	require.NoError(t, ctx.Err(), "ended while its parent lives")
	w.Close()
	<-ctx.Done()
}

func TestAgentIsAMicroService(t *testing.T) {
	nc := connected(t)
	subject, err := micro.ControlSubject(micro.InfoVerb, wire.Service, "")
	require.NoError(t, err)
	msg, err := nc.Request(subject, nil, 10*time.Second)
	require.NoError(t, err)
	var info micro.Info
	require.NoError(t, json.Unmarshal(msg.Data, &info))
	assert.Equal(t, "edgeprune-agent", info.Name, "info")
	assert.Equal(t, "d0", info.Metadata[wire.Device], "info")
	for key, want := range map[string]string{
		"role": "agent", "version": "v1", "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH,
		"wire": fmt.Sprint(wire.Format), "onnxruntime": ort.Version(), "providers": strings.Join(ort.Providers(), ","),
	} {
		assert.Equal(t, want, info.Metadata[key], key)
	}
	assert.Len(t, info.Endpoints, len(wire.Verbs), "info")
	for _, e := range info.Endpoints {
		assert.Equal(t, "edgeprune.order.*.d0."+e.Name, e.Subject, "endpoint %s at", e.Name)
	}
}

func TestStatus(t *testing.T) {
	nc := connected(t)
	s := ask(t, nc, wire.Status, "").Status
	require.NotNil(t, s, "status")
	assert.Equal(t, "d0", s.Device, "status")
	assert.Equal(t, "v1", s.Version, "status")
	assert.Positive(t, s.PID, "status")
	assert.Positive(t, s.RSSBytes, "status")
	assert.NotEmpty(t, s.GoVersion, "status")
	assert.Empty(t, s.Run, "status")
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
	require.NoError(t, err)
	edited := func(edit func(*plan.Plan)) string {
		b := enginetest.NewBuilder("p", 1, 1, 1)
		b.Chain(1, 1, 0, 1)
		edit(b.Plan())
		data, err := json.Marshal(b.Plan())
		require.NoError(t, err)
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
		{wire.Load, `{"run":"r","device":0,"plan":` + string(p) + `,"models":{"0":{"sha256":"abc"}}}`,
			`device d0: sub-model: "abc" is no SHA-256`},
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
		r := ask(t, nc, tt.verb, tt.data)
		assert.Contains(t, r.Error, tt.text, "%s %.40s: got %q, want one that says", tt.verb, tt.data, r.Error)
	}
}

// onDevice returns a plan, as JSON, of a source and a sink, perhaps of another kernel, on a
// device.
func onDevice(t *testing.T, device string, sink ...string) string {
	t.Helper()
	b := enginetest.NewBuilder("p", 1, 1)
	b.Chain(1, 1, 0, 0)
	if len(sink) > 0 {
		b.Plan().Graph.Actors[1].Kernel = sink[0]
	}
	b.Plan().Platform.Devices[0].Name = device
	p, err := json.Marshal(b.Plan())
	require.NoError(t, err)
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
	require.Empty(t, first.Error, "load")
	require.NotEmpty(t, first.Incarnation, "load")
	require.Equal(t, first, load("20"), "load again")
	assert.Contains(t, load("10").Error, "epoch 20", "an older load")
	for range 2 {
		assert.Empty(t, ask(t, nc, wire.Start, `{"run":"r"}`).Error, "start")
	}
	var replies []wire.Reply
	for range 2 {
		r := ask(t, nc, wire.Finish, `{"run":"r"}`)
		require.Empty(t, r.Error, "finish")
		require.NotNil(t, r.Status, "finish")
		r.Status = nil
		replies = append(replies, r)
	}
	require.Equal(t, replies[0], replies[1])
	assert.True(t, ask(t, nc, wire.Stop, `{"run":"r"}`).NotLoaded, "stop after that")
}

func TestNamesOfRunsAndTheStateFolder(t *testing.T) {
	nc := connected(t)
	p := onDevice(t, "d0")
	for run, text := range map[string]string{
		"../../etc/passwd": `device d0: bad name: run "../../etc/passwd"; expected letters from A to Z, digits, '-' ` +
			"and '_' only",
		"a.b": `device d0: bad name: run "a.b"; expected letters from A to Z, digits, '-' and '_' only`,
		">":   `device d0: bad name: run ">"; expected letters from A to Z, digits, '-' and '_' only`,
		"*":   `device d0: bad name: run "*"; expected letters from A to Z, digits, '-' and '_' only`,
		"":    "device d0: bad name: the run has none; expected letters, digits, '-' and '_'",
	} {
		r := ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"recover":true,"plan":`+p+`}`)
		assert.Equal(t, text, r.Error)
	}
	msg, err := nc.Request(wire.OrderSubject("ä", "d0", wire.Load), []byte(versioned(`{"run":"r"}`)), 10*time.Second)
	require.NoError(t, err)
	assert.Contains(t, string(msg.Data), `bad name: coordinator \"ä\"`)
	require.NotEmpty(t, ask(t, nc, wire.Status, "").Status, "it lives")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	cfg := agent.Config{Device: "d1", URL: nc.ConnectedUrl(), Wait: time.Second,
		Options: []nats.Option{testbedtest.Observer()}}
	go func() { done <- agent.Run(ctx, cfg) }()
	subject := wire.OrderSubject("c", "d1", wire.Load)
	load := []byte(versioned(`{"run":"r","device":0,"recover":true,"plan":` + onDevice(t, "d1") + `}`))
	for {
		msg, err := nc.Request(subject, load, time.Second)
		if errors.Is(err, nats.ErrNoResponders) {
			continue
		}
		require.NoError(t, err, "an agent without a folder")
		assert.Contains(t, string(msg.Data), "no folder", "an agent without a folder")
		break
	}
	cancel()
	assert.NoError(t, (<-done))
}

func TestLoadReplacesAndFinishUnloads(t *testing.T) {
	nc := connected(t)
	p := onDevice(t, "d0")
	for _, run := range []string{"one", "two"} {
		require.Empty(t, ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"plan":`+p+`}`).Error)
	}
	assert.Equal(t, "two", ask(t, nc, wire.Status, "").Status.Run, "loaded")
	assert.Contains(t, ask(t, nc, wire.Stop, `{"run":"two","actor":9}`).Error, "not in this slice",
		"stop of an actor that is not there")
	r := ask(t, nc, wire.Finish, `{"run":"two"}`)
	assert.Empty(t, r.Error, "finish")
	require.NotNil(t, r.Status, "finish")
	assert.Equal(t, "two", r.Status.Run, "finish")
	assert.EqualValues(t, 0, r.Batches, "finish")
	assert.Empty(t, ask(t, nc, wire.Status, "").Status.Run, "still loaded")
}

// A run that is over may be asked about when the load of the next one has failed.
func TestFinishAfterAnotherLoadFailed(t *testing.T) {
	nc := connected(t)
	load := func(run, p string) string {
		return ask(t, nc, wire.Load, `{"run":"`+run+`","device":0,"plan":`+p+`}`).Error
	}
	require.Empty(t, load("one", onDevice(t, "d0")))
	require.Empty(t, ask(t, nc, wire.Finish, `{"run":"one"}`).Error)
	require.NotEmpty(t, load("two", onDevice(t, "another")))
	r := ask(t, nc, wire.Finish, `{"run":"one","received":true}`)
	assert.Empty(t, r.Error)
	assert.NotNil(t, r.Status)
}

// What the micro service API answers fits the smallest messages that are supported, also
// for the longest name of a device and after an error.
func TestServiceAnswersFit(t *testing.T) {
	device := strings.Repeat("d", 64)
	b := testbedtest.NewBroker(t, server.Options{MaxPayload: wire.LeastPayload})
	mode := "pmode:" + strings.Repeat("7", 15)
	b.Start(agent.Config{Device: device, Version: strings.Repeat("v", 200), Root: fstest.MapFS{
		"var/lib/nvpmodel/status": &fstest.MapFile{Data: []byte(mode)},
		"etc/nvpmodel.conf": &fstest.MapFile{
			Data: []byte("< POWER_MODEL ID=" + mode[6:] + " NAME=" + strings.Repeat("\x1b", 200) + " >"),
		},
	}})
	nc := b.Coordinate(device).Conn
	many := enginetest.NewBuilder("many units", 9, 1, 1)
	many.Chain(1, 1, 0)
	units := &many.Plan().Platform.Devices[0].Units
	for i := range 100 {
		unit := (*units)[0]
		unit.Name = fmt.Sprint(strings.Repeat("u", 100), i)
		*units = append(*units, unit)
	}
	many.Plan().Platform.Devices[0].Name = device
	require.Empty(t, askOf(t, nc, device, wire.Load, loadOf(t, "r", many.Plan(), "")).Error)
	for _, v := range wire.Verbs {
		_, err := transport.Request(t.Context(), nc, wire.OrderSubject("c", device, v), []byte("["))
		require.NoError(t, err)
	}
	for _, verb := range []micro.Verb{micro.PingVerb, micro.InfoVerb, micro.StatsVerb} {
		subject, err := micro.ControlSubject(verb, wire.Service, "")
		require.NoError(t, err)
		answer, err := nc.Request(subject, nil, time.Second)
		require.NoError(t, err, verb)
		assert.Less(t, len(answer.Data), wire.LeastPayload, "%s", verb)
		assert.NotContains(t, string(answer.Data), "\\u001b", "%s", verb)
	}
}
