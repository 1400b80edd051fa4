package node

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type record = wire.Record

// fire is a kernel made of its Fire alone.
type fire func(*kernel.Firing) error

func (f fire) Fire(x *kernel.Firing) error { return f(x) }
func (fire) Close() error                  { return nil }

// all makes every actor's kernel from one function.
func all(f func(actor int, x *kernel.Firing) error) Make {
	return func(actor int, _ func(trace.Result)) (kernel.Kernel, error) {
		return fire(func(x *kernel.Firing) error { return f(actor, x) }), nil
	}
}

func nothing(int, *kernel.Firing) error { return nil }

// fakeOutbox collects what a node sends.
type fakeOutbox struct {
	mu    sync.Mutex
	said  []string
	hello boundary.Hello // the last one
}

func (p *fakeOutbox) Send(t boundary.TokenID, _ int64) { p.add("send %d of %d", t.Seq, t.FIFO) }
func (p *fakeOutbox) Ack(t boundary.TokenID, _ int64)  { p.add("ack %d of %d", t.Seq, t.FIFO) }

func (p *fakeOutbox) Greet(_ int, h *boundary.Hello, _ bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hello = *h
	return nil
}

// theirs is the epoch of a node's peer.
const theirs = 7

// meet has a node and its peer know each other; the peer's positions are given.
func (p *fakeOutbox) meet(t *testing.T, n *Node, positions ...boundary.Position) {
	t.Helper()
	require.NoError(t, n.Reconnected(0))
	p.mu.Lock()
	h := boundary.Hello{From: theirs, To: p.hello.From, Re: p.hello.Ask, FIFOs: positions}
	p.mu.Unlock()
	require.NoError(t, n.Greeted(0, &h))
}

// ours returns a message of the peer to a node that has been started once.
func ours(fifo int, seq uint64) boundary.TokenID {
	return boundary.TokenID{FIFO: fifo, Seq: seq, Prev: seq, From: theirs, To: 1}
}

// arrive has a token arrive.
func arrive(t *testing.T, n *Node, fifo int, seq uint64, data ...byte) {
	t.Helper()
	m := ours(fifo, seq)
	require.True(t, n.Place(m, 0, data), "token %d is not taken: %v", seq, n.Err())
	require.NoError(t, n.Arrived(m, len(data)), "token %d is not taken: %v", seq, n.Err())
}

func (p *fakeOutbox) add(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, fmt.Sprintf(format, args...))
}

// wait waits until n things were said.
func (p *fakeOutbox) wait(t *testing.T, n int) []string {
	t.Helper()
	for range 5000 {
		p.mu.Lock()
		said := p.said
		p.mu.Unlock()
		if len(said) >= n {
			return said
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("waited in vain for %d messages", n)
	return nil
}

func newNode(t *testing.T, p *plan.Plan, device int, mk Make, out *fakeOutbox) *Node {
	t.Helper()
	n, err := New(p, device, mk, out, Options{})
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, n.Close())
	})
	if len(n.slice.Peers()) > 0 {
		out.meet(t, n, boundary.Position{FIFO: 0, Known: true})
	}
	return n
}

func cut(frames int64) *plan.Plan {
	b := enginetest.NewBuilder("cut", frames, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	return b.Plan()
}

func TestProducerSendsWithinCredit(t *testing.T) {
	out := &fakeOutbox{}
	n := newNode(t, cut(3), 0, all(nothing), out)
	require.NoError(t, n.Start(clock.Now()))
	out.wait(t, 2)
	assert.Equal(t, "count0 waits for room in count0.out0->pass1.in0", strings.Join(n.Waits(), "\n"), "waits")
	require.True(t, n.Acked(ours(0, 1)))
	said := strings.Join(out.wait(t, 3), ", ")
	assert.Equal(t, "send 0 of 0, send 1 of 0, send 2 of 0", said, "said")
}

func TestConsumerAcknowledgesWhatItConsumed(t *testing.T) {
	out := &fakeOutbox{}
	var got []byte
	n := newNode(t, cut(2), 1, all(func(actor int, x *kernel.Firing) error {
		if actor == 1 {
			got = append(got, x.In[0][0].Data[0])
		}
		return nil
	}), out)
	require.NoError(t, n.Start(clock.Now()))
	for seq := range uint64(2) {
		arrive(t, n, 0, seq, byte(7+seq), 0, 0, 0, 0, 0, 0, 0)
	}
	said := strings.Join(out.wait(t, 2), ", ")
	assert.Equal(t, "ack 1 of 0, ack 2 of 0", said, "said")
	assert.Equal(t, []byte{7, 8}, got)
}

func TestSlotsAreAlignedAndFixed(t *testing.T) {
	p := cut(1)
	for i := range p.Graph.Actors {
		for _, ports := range [][]graph.Port{p.Graph.Actors[i].In, p.Graph.Actors[i].Out} {
			for j := range ports {
				ports[j].Type.Shape = []int64{100}
			}
		}
	}
	n := newNode(t, p, 0, all(nothing), &fakeOutbox{})
	for seq := range uint64(4) {
		s := n.Slot(0, seq)
		assert.Same(t, n.Slot(0, seq+2), s, "token %d is not in slot", seq)
		assert.Equal(t, int(seq%2), s.Slot, "token %d is not in slot", seq)
		assert.EqualValues(t, 0, uintptr(unsafe.Pointer(&s.Data[0]))%ort.Alignment,
			"slot %d: %d bytes of capacity %d, %d in use, at %p", seq%2, len(s.Data), cap(s.Data), s.Len, &s.Data[0])
		require.Len(t, s.Data, 100, "slot %d: %d bytes of capacity %d, %d in use, at %p", seq%2, len(s.Data), cap(s.Data),
			s.Len, &s.Data[0])
		assert.Equal(t, 100, cap(s.Data), "slot %d: %d bytes of capacity %d, %d in use, at %p", seq%2, len(s.Data),
			cap(s.Data), s.Len, &s.Data[0])
		assert.Equal(t, 100, s.Len, "slot %d: %d bytes of capacity %d, %d in use, at %p", seq%2, len(s.Data), cap(s.Data),
			s.Len, &s.Data[0])
		assert.Same(t, &s.Buffer[wire.Headroom], &s.Data[0], "the token's memory is not its buffer's")
	}
}

func TestRingGivesTokensSideBySide(t *testing.T) {
	b := enginetest.NewBuilder("rates", 4, 1)
	b.Chain(3, 7, 0, 0)
	var slots [][]int
	done := make(chan struct{})
	n := newNode(t, b.Plan(), 0, all(func(actor int, x *kernel.Firing) error {
		if actor == 1 {
			var s []int
			for _, tok := range x.In[0] {
				s = append(s, tok.Slot)
			}
			if slots = append(slots, s); len(slots) == 4 {
				close(done)
			}
		}
		return nil
	}), &fakeOutbox{})
	require.NoError(t, n.Start(clock.Now()))
	<-done
	assert.Equal(t, "[[0 1 2] [3 4 5] [6 0 1] [2 3 4]]", fmt.Sprint(slots), "slots")
}

func TestFailuresNameDeviceAndActor(t *testing.T) {
	broken := errors.New("broken")
	opaque := graph.TokenType{Elem: graph.Opaque, Shape: []int64{8}}
	for _, tt := range []struct {
		name  string
		token *graph.TokenType
		fire  func(*kernel.Firing) error
		want  error
	}{
		{"error", nil, func(*kernel.Firing) error { return broken }, broken},
		{"panic", nil, func(*kernel.Firing) error { panic("oh") }, kernel.ErrPanic},
		{"short tensor", nil, func(x *kernel.Firing) error { x.Out[0][0].Len = 3; return nil }, kernel.ErrOutput},
		{"long bytes", &opaque, func(x *kernel.Firing) error { x.Out[0][0].Len = 9; return nil }, kernel.ErrOutput},
		{"negative bytes", &opaque, func(x *kernel.Firing) error { x.Out[0][0].Len = -1; return nil }, kernel.ErrOutput},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := cut(1)
			if tt.token != nil {
				p.Graph.Actors[0].Out[0].Type, p.Graph.Actors[1].In[0].Type = *tt.token, *tt.token
			}
			n := newNode(t, p, 0, all(func(_ int, x *kernel.Firing) error { return tt.fire(x) }), &fakeOutbox{})
			require.NoError(t, n.Start(clock.Now()))
			<-n.Done()
			err := n.Err()
			require.ErrorIs(t, err, tt.want, "got %v, want %v of device d0, actor count0", err, tt.want)
			assert.Contains(t, err.Error(), "device d0: actor count0: firing 0", "got %v, want %v of device d0, actor count0",
				err, tt.want)
			assert.False(t, n.Acked(ours(0, 0)), "afterwards")
		})
	}
}

func TestNewRefuses(t *testing.T) {
	broken := errors.New("broken")
	dynamic := cut(1)
	dynamic.Graph.Actors[0].Out[0].LRL = 0
	empty := cut(1)
	empty.Platform.Devices = append(empty.Platform.Devices, plan.Device{Name: "d2"})
	fails := func(int, func(trace.Result)) (kernel.Kernel, error) { return nil, broken }
	for _, tt := range []struct {
		name   string
		plan   *plan.Plan
		device int
		mk     Make
		want   error
	}{
		{"a device without actors", empty, 2, all(nothing), ErrNoActors},
		{"variable rates of nobody's choice", dynamic, 0, all(nothing), engine.ErrSlice},
		{"a kernel that can't be made", cut(1), 0, fails, broken},
	} {
		_, err := New(tt.plan, tt.device, tt.mk, nil, Options{})
		require.ErrorIs(t, err, tt.want, "%s: got %v, want %v with its device", tt.name, err, tt.want)
		assert.Contains(t, err.Error(), "device d", "%s: got %v, want %v with its device", tt.name, err, tt.want)
	}
}

func TestEngineErrorsEndTheNode(t *testing.T) {
	n := newNode(t, cut(3), 1, all(nothing), &fakeOutbox{})
	for seq := range uint64(2) {
		arrive(t, n, 0, seq, 1)
	}
	require.False(t, n.Place(ours(0, 2), 0, nil))
	require.NoError(t, n.Err(), "a message never ends a run")
	require.NoError(t, n.Start(clock.Now()))
	assert.ErrorIs(t, n.Start(clock.Now()), engine.ErrStarted)
	assert.ErrorIs(t, n.Err(), engine.ErrStarted)
	assert.ErrorIs(t, n.Start(clock.Now()), engine.ErrStarted, "start afterwards")
	_, err := n.Stop(0)
	assert.ErrorIs(t, err, engine.ErrUnknown, "stop of another device's actor")
}

func TestStopTellsHowManyFiringsHaveBegun(t *testing.T) {
	out := &fakeOutbox{}
	n := newNode(t, cut(100), 0, all(nothing), out)
	require.NoError(t, n.Start(clock.Now()))
	out.wait(t, 2)
	begun, err := n.Stop(0)
	require.NoError(t, err, "%d firings, %v; want 2", begun, err)
	require.EqualValues(t, 2, begun, "%d firings, %v; want 2", begun, err)
	require.True(t, n.Acked(ours(0, 2)))
	w := n.Waits()
	assert.Empty(t, w, "after the stop: waits %v, said", w)
	assert.Len(t, out.said, 2, "after the stop: waits %v, said", w)
}

func TestSlowdownStretchesFirings(t *testing.T) {
	p := cut(1)
	p.Platform.Devices[0].Units[0].Slowdown = 3
	out := &fakeOutbox{}
	// What is stretched is the processor's time: the kernel works for 2 ms of it.
	n := newNode(t, p, 0, all(func(int, *kernel.Firing) error {
		for until := clock.ThreadCPU() + int64(2*time.Millisecond); clock.ThreadCPU() < until; {
		}
		return nil
	}), out)
	require.Empty(t, n.Take().Records, "records before the start")
	require.NoError(t, n.Start(clock.Now()))
	out.wait(t, 1)
	b := n.Take()
	for len(b.Records) == 0 { // the record follows what the firing sent
		b = n.Take()
	}
	r := b.Records[0]
	assert.GreaterOrEqual(t, r.Value, int64(2*time.Millisecond), "kernel %d ns, firing from %d", r.Value, r.Start)
	assert.GreaterOrEqual(t, r.End-r.Start, 3*r.Value, "kernel %d ns, firing from %d", r.Value, r.Start)
	assert.GreaterOrEqual(t, r.Start, int64(0), "kernel %d ns, firing from %d", r.Value, r.Start)
}

func TestResultsAreTakenOnce(t *testing.T) {
	b := enginetest.NewBuilder("results", 3, 1)
	b.Chain(1, 1, 0, 0)
	done := make(chan struct{})
	n := newNode(t, b.Plan(), 0, func(actor int, record func(trace.Result)) (kernel.Kernel, error) {
		return fire(func(x *kernel.Firing) error {
			if actor == 1 {
				record(trace.Result{Frame: x.Frame, Values: []float32{1, float32(x.Frame)}})
				if x.Frame == 2 {
					close(done)
				}
			}
			return nil
		}), nil
	}, &fakeOutbox{})
	require.NoError(t, n.Start(clock.Now()))
	<-done
	got := n.Take()
	require.Len(t, got.Results, 3, "results %v, values", got.Results)
	assert.Equal(t, (wire.Result{Actor: 1, N: 2, Frame: 2}), got.Results[2], "results %v, values", got.Results)
	assert.Equal(t, "[1 0 1 1 1 2]", fmt.Sprint(got.Values), "results %v, values", got.Results)
	got = n.Take()
	assert.Equal(t, 0, len(got.Results)+len(got.Values), "taken twice")
}
