package agent_test

import (
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadOf encodes a load of a plan on device 0.
func loadOf(t *testing.T, run string, p *plan.Plan, more string) string {
	t.Helper()
	data, err := json.Marshal(p)
	require.NoError(t, err)
	return fmt.Sprintf(`{"run":"%s","device":0,"epoch":1,%s"plan":%s}`, run, more, data)
}

// Frames that are dropped are recorded, so that they may not come as fast as anybody can say.
func TestTooManyCapturesAreRefused(t *testing.T) {
	nc := connected(t)
	for _, tt := range []struct {
		period time.Duration
		shown  string // "": it is taken
	}{{9999, "9.999µs"}, {1, "1ns"}, {0, "0s"}, {-1, "-1ns"}, {10_000, ""}} {
		b := enginetest.NewBuilder("p", 1, 1)
		b.Chain(1, 1, 0, 0)
		w := &b.Plan().Workload
		w.Kind, w.Period, w.Drop, w.Queue = plan.Camera, tt.period, admission.Newest, 1
		want := ""
		if tt.shown != "" {
			want = "device d0: over a limit of the agent: the workload captures a frame every " + tt.shown + " and drops what " +
				"the graph has no time for; an agent captures one every 10µs at most: give a longer period, or a lower rate"
		}
		r := ask(t, nc, wire.Load, loadOf(t, "r", b.Plan(), ""))
		assert.Equal(t, want, r.Error)
		assert.Equal(t, want != "", r.Plan)
	}
}

// Recorded arrivals that no file has are refused.
func TestBadRecordsAreRefused(t *testing.T) {
	nc := connected(t)
	for says, r := range map[string]*arrival.Record{
		"the workload's recorded arrivals are missing":                         nil,
		"the workload: bad record of arrivals: 0 times; expected 1 to 1048576": {},
		"the workload: bad record of arrivals: its times are not sorted, or not from 0 to 2592000 " +
			"s": {TimesNs: []int64{2, 1}},
		"the workload: bad record of arrivals: it begins anew after -1 ns, before its end or much " +
			"later": {TimesNs: []int64{2}, LoopNs: -1},
	} {
		b := enginetest.NewBuilder("p", 1, 1)
		b.Chain(1, 1, 0, 0)
		b.Plan().Workload = plan.Workload{Kind: plan.Recorded, Frames: 1, Record: r}
		assert.Contains(t, ask(t, nc, wire.Load, loadOf(t, "r", b.Plan(), "")).Error, says)
	}
}

// A plan over a limit is refused before memory is taken, with the figure, the limit and the flag.
func TestAbsurdPlansAreRefused(t *testing.T) {
	nc := connected(t)
	small := func(edit func(*plan.Plan)) *plan.Plan {
		b := enginetest.NewBuilder("p", 1, 1)
		b.Chain(1, 1, 0, 0)
		edit(b.Plan())
		return b.Plan()
	}
	unit := func(p *plan.Plan) *plan.Unit { return &p.Platform.Devices[0].Units[0] }
	before := ask(t, nc, wire.Status, `{"collect":true}`).Status.RSSBytes
	for name, tt := range map[string]struct {
		plan *plan.Plan
		more string
		says []string
	}{
		"lanes": {small(func(p *plan.Plan) { unit(p).Lanes = 1_000_000 }), "",
			[]string{"1000000 lanes", "4096", "--max-lanes"}},
		"more lanes": {small(func(p *plan.Plan) { unit(p).Lanes = 1 << 31 }), "",
			[]string{"2147483648 lanes", "--max-lanes"}},
		"all lanes": {small(func(p *plan.Plan) { unit(p).Lanes = math.MaxInt }), "", []string{"--max-lanes"}},
		"threads": {small(func(p *plan.Plan) { unit(p).Threads = 100_000 }), "",
			[]string{"199999 threads", "4096", "--max-threads"}},
		"FIFOs": {small(func(p *plan.Plan) {
			of := graph.TokenType{Elem: "uint8", Shape: []int64{58 << 20}}
			p.Graph.Actors[0].Out[0].Type, p.Graph.Actors[1].In[0].Type, p.Graph.FIFOs[0].Capacity = of, of, 1<<10
		}), "", []string{"bytes of FIFOs", "--max-fifos"}},
		"models": {small(func(*plan.Plan) {}), `"models":{"0":{"sha256":"00","bytes":9000000000000000000}},`,
			[]string{"9000000000000000000 bytes of sub-models", "--max-models"}},
	} {
		r := ask(t, nc, wire.Load, loadOf(t, "r", tt.plan, tt.more))
		for _, s := range append(tt.says, "device d0: over a limit of the agent: the plan needs ", "raise that with") {
			assert.Contains(t, r.Error, s, name)
		}
		assert.True(t, r.Plan, name)
	}
	after := ask(t, nc, wire.Status, `{"collect":true}`).Status.RSSBytes
	assert.Less(t, after, before+(64<<20), "memory was taken")
}

// Every verb answers a malformed request with an error, and the agent lives on.
func TestMalformedRequests(t *testing.T) {
	nc := connected(t)
	for _, v := range wire.Verbs {
		for _, data := range []string{
			"{", "[]", `"x"`, "7", `{"run":7}`, `{"run":{}}`, "\x00\xff", strings.Repeat("[", 20000),
		} {
			r := ask(t, nc, v, data)
			if v != wire.Status || data[0] != '{' || data == "{" {
				assert.NotEmpty(t, r.Error, "%s %.20q", v, data)
			}
		}
		for _, data := range []string{"{}", "null", ""} {
			if r := ask(t, nc, v, data); v != wire.Status {
				assert.NotEmpty(t, r.Error, "%s %q", v, data)
			}
		}
	}
	s := ask(t, nc, wire.Status, "").Status
	require.NotNil(t, s)
	for _, v := range wire.Verbs {
		assert.Positive(t, s.Rejected[string(v)+wire.Malformed], v)
	}
}

// A handler that panics is an error of its request.
func TestPanicsAreErrorsOfRequests(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"bad": func(kernel.Spec) (kernel.Kernel, error) {
		panic("broken")
	}}, "d0")
	nc := testbedtest.Observe(t, tb.URL())
	b := enginetest.NewBuilder("p", 1, 1)
	b.Chain(1, 1, 0, 0)
	b.Plan().Graph.Actors[0].Kernel = "bad"
	r := ask(t, nc, wire.Load, loadOf(t, "r", b.Plan(), ""))
	assert.Contains(t, r.Error, `device d0: agent: a handler panicked on "load": broken`)
	s := ask(t, nc, wire.Status, "").Status
	assert.EqualValues(t, 1, s.Rejected["load that panicked"])
	b.Plan().Graph.Actors[0].Kernel = "count"
	assert.Empty(t, ask(t, nc, wire.Load, loadOf(t, "s", b.Plan(), "")).Error, "a load afterwards")
}

// A flood of junk of 1 MB messages is dropped: what waits of a FIFO is at most what its credits
// allow twice, here two tokens of 8 bytes, and 1024 headers.
func TestFloodOfJunk(t *testing.T) {
	const messages, size, boundBytes = 2000, 1 << 20, 256 << 20
	entered, release := make(chan struct{}, 1), make(chan struct{})
	blocks := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(*kernel.Firing) error {
			entered <- struct{}{}
			<-release
			return nil
		}), nil
	}
	registry, err := kerneltest.Registry(map[string]kernel.New{"blocks": blocks})
	require.NoError(t, err)
	nc := testbedtest.Observe(t, testbedtest.Start(t, testbed.Config{Devices: []string{"d0"}, InProcess: true,
		Agent: agent.Config{Kernels: registry, Lease: time.Hour}}).URL()) // nobody renews it
	b := enginetest.NewBuilder("p", 9, 1, 1)
	b.Chain(1, 2, 1, 0)
	b.Plan().Graph.Actors[1].Kernel = "blocks"
	require.Empty(t, ask(t, nc, wire.Load, loadOf(t, "r", b.Plan(), "")).Error)
	defer close(release)
	junk := make([]byte, size)
	var most uint64
	var s *wire.AgentStatus
	counted := func(n uint64) {
		t.Helper()
		require.Eventually(t, func() bool {
			s = ask(t, nc, wire.Status, "").Status
			return s.Rejected["data malformed"]+s.Rejected["data over bound"] >= n
		}, time.Minute, 10*time.Millisecond, "every one is counted")
	}
	for i := range messages {
		require.NoError(t, nc.Publish(wire.DataSubject("d1", "d0", "r", 0), junk))
		if i%20 == 0 { // the server would end the connection of an agent that falls far behind
			counted(uint64(max(i-20, 0)))
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
	counted(messages)
	assert.EqualValues(t, messages, s.Rejected["data malformed"]+s.Rejected["data over bound"])
	assert.Empty(t, s.Failed, "it never ends a run")
	assert.Equal(t, "r", s.Run)
	assert.Less(t, most, uint64(boundBytes), "of the whole process, its NATS server and the sender among it")
}
