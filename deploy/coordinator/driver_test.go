package coordinator_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// small returns a plan of three actors over two devices.
func small(frames int64) *plan.Plan { return chain("small", frames, tensor(8), plan.Link{}) }

// with gives actor a another kernel.
func with(p *plan.Plan, a int, kernel string) *plan.Plan {
	p.Graph.Actors[a].Kernel = kernel
	return p
}

func slow(kernel.Spec) (kernel.Kernel, error) {
	return kerneltest.Func(func(f *kernel.Firing) error {
		time.Sleep(2 * time.Millisecond)
		for _, port := range f.Out {
			kerneltest.Fill(port[0], f.Frame)
		}
		return nil
	}), nil
}

func TestTraceAndResults(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	d := tb.Driver()
	var statuses []wire.AgentStatus
	d.Finished = func(s []wire.AgentStatus) { statuses = s }
	p := small(25)
	p.Seed = 9
	p.Work[2].Instance = "i"
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, "small", tr.Plan, "trace")
	assert.Equal(t, "deploy", tr.Driver, "trace")
	assert.EqualValues(t, 9, tr.Seed, "trace")
	require.False(t, tr.Emulated, "trace")
	assert.Empty(t, tr.Partial, "trace")
	assert.True(t, slices.IsSortedFunc(tr.Events, func(a, b trace.Event) int { return int(a.End - b.End) }),
		"events are not sorted by end")
	require.Len(t, tr.Results, 25, "%d results", len(tr.Results))
	for i, r := range tr.Results {
		assert.Equal(t, "i", r.Instance, "result")
		assert.Equal(t, int64(i), r.Frame, "result")
		assert.Equal(t, []float32{float32(i)}, r.Values, "result")
	}
	require.Len(t, statuses, 2, "statuses")
	assert.Equal(t, "d0", statuses[0].Device, "statuses")
	assert.Positive(t, statuses[1].RSSBytes, "statuses")
	assert.Equal(t, clock.Machine().ID(), statuses[1].Clock, "statuses")
}

func TestEmulatedRunsAreMarked(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	p := small(2)
	p.Platform.Devices[1].Units[0].Slowdown = 2
	tr, err := tb.Driver().Run(t.Context(), p)
	require.NoError(t, err, "emulated")
	require.True(t, tr.Emulated, "emulated")
	for _, e := range tr.Events {
		if e.Kind == trace.Firing && e.Device == "d1" {
			assert.GreaterOrEqual(t, e.End-e.Start, 2*e.Kernel, "%s, frame %d: kernel %d ns, firing %d ns", e.Name, e.Frame,
				e.Kernel, e.End-e.Start)
		}
	}
}

func TestEnoughEndsARunEarly(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	d := tb.Driver()
	asked := 0
	d.Enough = func(_ *plan.Plan, tr *trace.Trace) bool {
		asked++
		return asked == 2
	}
	p := with(small(100000), 0, "slow")
	p.Workload.Precision, p.Workload.MinFrames, p.Workload.Warmup = 0.01, 5, 3
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	n := len(tr.Results)
	assert.Equal(t, 2, asked, "asked %d times, %d results", asked, n)
	assert.GreaterOrEqual(t, n, 8, "asked %d times, %d results", asked, n)
	assert.NotEqual(t, 100000, n, "asked %d times, %d results", asked, n)
}

// What kernels have to say comes with the answers to loading and finishing, also if loading
// takes so long that it is asked for again.
func TestNotesReachTheUser(t *testing.T) {
	says := func(s kernel.Spec) (kernel.Kernel, error) {
		time.Sleep(1500 * time.Millisecond)
		s.Notef("%d files are skipped", 2)
		return kerneltest.Func(func(f *kernel.Firing) error {
			if f.Frame > 2 {
				s.Notef("the film is short")
			}
			kerneltest.Fill(f.Out[0][0], f.Frame)
			return nil
		}), nil
	}
	d := testbedtest.Local(t, map[string]kernel.New{"says": says}, "d0", "d1").Driver()
	var notes []string
	d.Note = func(text string) { notes = append(notes, text) } // of one device only
	_, err := d.Run(t.Context(), with(small(5), 0, "says"))
	require.NoError(t, err)
	assert.Equal(t, []string{"actor count0: 2 files are skipped", "actor count0: the film is short"}, notes)
}

func TestFailuresReachTheUser(t *testing.T) {
	fails := func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			if f.Frame == 3 {
				panic("no more film")
			}
			kerneltest.Fill(f.Out[0][0], f.Frame)
			return nil
		}), nil
	}
	lacks := func(s kernel.Spec) (kernel.Kernel, error) {
		_, err := s.Data("photographs")
		return nil, err
	}
	strict := func(kernel.Spec) (kernel.Kernel, error) {
		return nil, kernel.Spec{Params: map[string]any{"seeed": 3}}.Parameters().Done()
	}
	tb := testbedtest.Local(t, map[string]kernel.New{"fails": fails, "lacks": lacks, "strict": strict}, "d0", "d1")
	model := small(1)
	model.Work[1].Model = "net"
	lossy := small(1)
	lossy.Platform.Links[0].Loss.Rate = 0.01
	traced := small(1)
	traced.Platform.Links[0].Trace = "wifi.csv"
	nobody := small(1)
	nobody.Platform.Devices[1].Name, nobody.Platform.Links[0].Between[1] = "jetson", "jetson"
	for _, tt := range []struct {
		name string
		plan *plan.Plan
		want error
		text []string
	}{
		{"a kernel that panics", with(small(10), 0, "fails"), coordinator.ErrAgent,
			[]string{"device d0", "count0", "firing 3", "no more film"}},
		{"an unknown kernel", with(small(10), 1, "magic"), coordinator.ErrAgent,
			[]string{"device d1", "pass1", "magic", "count, fails"}},
		{"a kernel that takes no such parameter", with(small(10), 0, "strict"), coordinator.ErrPlan,
			[]string{"device d0", "count0", "bad parameter", "plan is to be corrected"}},
		{"a data set that is not there", with(small(10), 0, "lacks"), coordinator.ErrAgent,
			[]string{"device d0", "count0", "photographs"}},
		{"a model that is not there", model, compile.ErrNoModel, []string{"device d1", "pass1"}},
		{"a link that loses tokens", lossy, coordinator.ErrUnsupported, []string{"simulated only", "l01"}},
		{"a trace that was not read", traced, profile.ErrMissing, []string{"link l01: its trace wifi.csv was not read"}},
		{"a device without agent", nobody, coordinator.ErrNoAgent, []string{"jetson", "edgeprune agent --name jetson"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tb.Driver().Run(t.Context(), tt.plan)
			require.ErrorIs(t, err, tt.want)
			for _, s := range tt.text {
				assert.Contains(t, err.Error(), s, "%q does not say", err)
			}
		})
	}
	tr, err := tb.Driver().Run(t.Context(), small(5))
	require.NoError(t, err, "a run after the failures")
	assert.Len(t, tr.Results, 5, "a run after the failures")
}

// blocks is a kernel whose firings wait until release is closed.
func blocks(release <-chan struct{}, started chan<- struct{}) kernel.New {
	return func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(f *kernel.Firing) error {
			if f.Frame == 5 {
				close(started)
				<-release
			}
			return nil
		}), nil
	}
}

func TestStalledRunNamesWhoWaits(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{})
	tb := testbedtest.Local(t, map[string]kernel.New{"blocks": blocks(release, started)}, "d0", "d1")
	d := tb.Driver()
	d.Stall = 700 * time.Millisecond
	tr, err := d.Run(t.Context(), with(small(50), 2, "blocks"))
	close(release)
	require.ErrorIs(t, err, coordinator.ErrStalled)
	for _, s := range []string{"d1: sink2 is in firing 5", "d0: count0 waits for room in count0.out0->pass1.in0"} {
		assert.Contains(t, err.Error(), s, "%q does not say", err)
	}
	assert.NotEmpty(t, tr.Partial, "partial %q, %d events", tr.Partial, len(tr.Events))
	assert.NotEmpty(t, tr.Events, "partial %q, %d events", tr.Partial, len(tr.Events))
}

func TestCancelEndsARun(t *testing.T) {
	release, started := make(chan struct{}), make(chan struct{})
	close(release)
	tb := testbedtest.Local(t, map[string]kernel.New{"blocks": blocks(release, started), "slow": slow}, "d0", "d1")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	tr, err := tb.Driver().Run(ctx, with(with(small(1e6), 0, "slow"), 2, "blocks"))
	require.ErrorIs(t, err, context.Canceled, "got %v, partial", err)
	require.NotEmpty(t, tr.Partial, "got %v, partial", err)
	tr, err = tb.Driver().Run(t.Context(), small(3))
	require.NoError(t, err, "a run afterwards")
	assert.Len(t, tr.Results, 3, "a run afterwards")
}

func TestHostileMessages(t *testing.T) {
	tb := testbedtest.Local(t, map[string]kernel.New{"slow": slow}, "d0", "d1")
	nc := testbedtest.Observe(t, tb.URL())
	message := func(h wire.Header, payload int) []byte {
		b := make([]byte, wire.HeaderBytes+payload)
		h.Encode(b)
		return b
	}
	tokens := func(run string) string { return wire.DataSubject("d0", "d1", run, 0) }
	acks := func(run string) string { return wire.AckSubject("d1", "d0", run, 0) }
	var from, to uint64 // epochs of the run, which a stranger can't know
	for _, tt := range []struct {
		name    string
		subject func(run string) string
		kind    string // that it is counted as; "": it is not
		msg     func(string) []byte
	}{
		{"garbage", tokens, "data malformed", func(string) []byte { return []byte("garbage") }},
		{"another incarnation's token", tokens, "", func(string) []byte {
			return message(wire.Header{Kind: wire.Data, TokenID: boundary.TokenID{From: 1, Seq: 9, Prev: 9}, Total: 8,
				Length: 8}, 8)
		}},
		{"a token too large", tokens, "data malformed", func(string) []byte {
			return message(wire.Header{Kind: wire.Data,
				TokenID: boundary.TokenID{From: from, To: to, Seq: 1 << 40, Prev: 1 << 40}, Total: 9, Length: 9}, 9)
		}},
		{"a token too small", tokens, "data malformed", func(string) []byte {
			return message(wire.Header{Kind: wire.Data,
				TokenID: boundary.TokenID{From: from, To: to, Seq: 1 << 40, Prev: 1 << 40}, Total: 7, Length: 7}, 7)
		}},
		{"a token from the future", tokens, "", func(string) []byte {
			return message(wire.Header{Kind: wire.Data,
				TokenID: boundary.TokenID{From: from, To: to, Seq: 1 << 40, Prev: 1 << 40}, Total: 8, Length: 8}, 8)
		}},
		{"a token that was there", tokens, "", func(string) []byte {
			return message(wire.Header{Kind: wire.Data, TokenID: boundary.TokenID{From: from, To: to, Seq: 0}, Total: 8,
				Length: 8}, 8)
		}},
		{"another FIFO's token", tokens, "data malformed", func(string) []byte {
			return message(wire.Header{Kind: wire.Data, TokenID: boundary.TokenID{From: from, To: to, FIFO: 1}, Total: 8,
				Length: 8}, 8)
		}},
		{"an acknowledgement of what was not sent", acks, "ack refused",
			func(string) []byte {
				return message(wire.Header{Kind: wire.Ack,
					TokenID: boundary.TokenID{From: to, To: from, Seq: 1 << 50, Prev: 1 << 50}}, 0)
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sub, err := nc.SubscribeSync(wire.DataSubject(wire.Any, wire.Any, wire.Any, 0))
			require.NoError(t, err)
			go func() {
				for range 4 { // so that token 0 was there
					if msg, err := sub.NextMsg(10 * time.Second); err == nil {
						run := strings.Split(msg.Subject, ".")[4]
						_ = sub.AutoUnsubscribe(4)
						if h, _, err := wire.Decode(msg.Data, 8); err == nil && h.Seq == 3 {
							from, to = h.From, h.To
							_ = nc.Publish(tt.subject(run), tt.msg(run))
						}
					}
				}
			}()
			d := tb.Driver()
			said := notes(d)
			tr, err := d.Run(t.Context(), with(small(100), 0, "slow"))
			require.NoError(t, err, "it was not dropped")
			require.Len(t, tr.Results, 100)
			if tt.kind != "" {
				assert.Contains(t, said(), tt.kind)
			}
		})
	}
}

var _ enginetest.Driver = (*coordinator.Driver)(nil)

// notes keeps what a driver tells the user, and returns what gives it, in lines.
func notes(d *coordinator.Driver) func() string {
	var mu sync.Mutex
	said := ""
	d.Note = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		said += text + "\n"
	}
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

// A link that was measured is taken as it is, whatever bandwidth, latency and medium stand beside.
func TestMeasuredLinksAreNotShaped(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	p := chain("measured", 5, tensor(8), plan.Link{Latency: time.Hour, BandwidthBytesPerSec: 1})
	l := &p.Platform.Links[0]
	l.Profile, l.Medium = "lab.json", "air"
	p.Platform.Media = []plan.Medium{{Name: "air", CapacityBytesPerSec: 1}}
	d := tb.Driver()
	said := notes(d)
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	assert.False(t, tr.Emulated)
	assert.Contains(t, said(),
		"link "+l.Name+" has a profile, so a deployment takes it as it is: its medium air is not emulated\n")
	for _, e := range tr.Events {
		assert.Zero(t, e.Nominal)
	}
	assert.Equal(t, time.Hour, p.Platform.Links[0].Latency, "the plan itself is not changed")
}
