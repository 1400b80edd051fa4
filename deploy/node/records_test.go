package node

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/journal"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memoryKeeper is a Keeper in memory, which saves when it is told to.
type memoryKeeper struct {
	mu      sync.Mutex
	records map[int]*journal.Actor
	forgot  map[int]int64
}

func newMemoryKeeper() *memoryKeeper {
	return &memoryKeeper{records: map[int]*journal.Actor{}, forgot: map[int]int64{}}
}

func (s *memoryKeeper) Append(actor int, firing int64, parts ...journal.Part) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.records[actor]
	if a == nil {
		a = &journal.Actor{}
		s.records[actor] = a
	}
	if firing < a.Firings() {
		return nil
	}
	r := journal.Record{Firing: firing}
	for _, p := range parts {
		p.Data = slices.Clone(p.Data)
		r.Parts = append(r.Parts, p)
	}
	a.Records = append(a.Records, r)
	return nil
}

func (s *memoryKeeper) Forget(actor int, firing int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgot[actor] = firing
}

// wait waits until an actor has n firings saved.
func (s *memoryKeeper) wait(n *Node, actor int, firings int64) {
	for n.Err() == nil {
		s.mu.Lock()
		have := s.records[actor].Firings()
		s.mu.Unlock()
		if have >= firings {
			return
		}
		runtime.Gosched()
	}
}

// adder adds what comes in to its state, and writes that.
type adder struct{ total byte }

func (k *adder) Fire(f *kernel.Firing) error {
	k.total += f.In[0][0].Data[0]
	f.Out[0][0].Data[0] = k.total
	return nil
}
func (*adder) Close() error                 { return nil }
func (k *adder) Snapshot(dst []byte) []byte { return append(dst, k.total) }
func (k *adder) Restore(snapshot []byte) error {
	if len(snapshot) > 1 {
		return kernel.ErrSnapshot
	}
	k.total = 0
	if len(snapshot) == 1 {
		k.total = snapshot[0]
	}
	return nil
}

// looped is a plan whose second device holds an actor with state, a sink, and delay
// tokens from that to the first device.
func looped() *plan.Plan {
	b := enginetest.NewBuilder("looped", 100, 1, 1)
	source, state, sink := b.Actor("count", 0), b.Actor("adder", 1), b.Actor("sink", 1)
	b.FIFO(source, state, 1, 0, 4)
	b.FIFO(state, sink, 1, 0, 2)
	b.FIFO(sink, source, 1, 2, 6)
	p := b.Plan()
	p.Graph.Actors[state].Stateful, p.Work[sink].Sink = true, true
	return p
}

// second returns the second device of that plan; the sink records what comes in, and
// sends it on.
func second(t *testing.T, o Options) (*Node, *fakeOutbox) {
	t.Helper()
	out := &fakeOutbox{}
	n, err := New(looped(), 1, func(actor int, record func(trace.Result)) (kernel.Kernel, error) {
		if actor == 1 {
			return &adder{}, nil
		}
		return fire(func(f *kernel.Firing) error {
			f.Out[0][0].Data[0] = f.In[0][0].Data[0]
			record(trace.Result{Frame: f.Frame, Values: []float32{float32(f.In[0][0].Data[0])}})
			return nil
		}), nil
	}, out, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = n.Close() })
	return n, out
}

// A device that was ended goes on with what was saved: states, delay tokens,
// results.
func TestResumeGoesOnWithWhatWasSaved(t *testing.T) {
	kept := newMemoryKeeper()
	n, out := second(t, Options{Epoch: 1, Journal: kept})
	out.meet(t, n, boundary.Position{FIFO: 0, Known: true}, boundary.Position{FIFO: 2, Known: true})
	require.NoError(t, n.Start(clock.Now()))
	for seq := range uint64(3) {
		arrive(t, n, 0, seq, byte(seq+1), 0, 0, 0, 0, 0, 0, 0)
	}
	kept.wait(n, 1, 3)
	kept.wait(n, 2, 3)
	require.NoError(t, n.Close()) // from here on nothing is saved by it
	for a, want := range map[int]string{
		1: "[{0 [{1 0 0 [1]}]} {1 [{1 0 0 [3]}]} {2 [{1 0 0 [6]}]}]",
		2: "[{0 [{3 2 2 [1 0 0 0 0 0 0 0]} {2 0 0 [0 0 128 63]}]} {1 [{3 2 3 [3 0 0 0 0 0 0 0]} {2 0 0 [0 0 64 64]}]} {2 " +
			"[{3 2 4 [6 0 0 0 0 0 0 0]} {2 0 0 [0 0 192 64]}]}]",
	} {
		got := fmt.Sprint(kept.records[a].Records)
		assert.Equal(t, want, got, "actor %d saved\n%s, want\n", a, got)
	}
	// Only two records of the state are known to be saved, and nothing is committed.
	kept.records[1].Records = kept.records[1].Records[:2]
	assert.EqualValues(t, 0, n.engine.Committed(1), "committed %d, forgot", n.engine.Committed(1))
	assert.EqualValues(t, 0, kept.forgot[1], "committed %d, forgot", n.engine.Committed(1))
	assert.EqualValues(t, 0, kept.forgot[2], "committed %d, forgot", n.engine.Committed(1))

	again, out := second(t, Options{Epoch: 1 << 20, Resume: true, Journal: kept, Kept: kept.records})
	require.NoError(t, again.Start(clock.Now()))
	assert.Contains(t, strings.Join(again.Waits(), ""), "finds out", "waits")
	_, err := again.Stop(1)
	assert.ErrorIs(t, err, ErrRecovering, "stop")
	out.meet(t, again, boundary.Position{FIFO: 0, Known: true},
		boundary.Position{FIFO: 2, Known: true, Arrived: 3, Committed: 1})
	// The sink's three records are saved, of which the peer lacks the last two; the state goes on at firing 2.
	said := strings.Join(out.wait(t, 2), ", ")
	assert.Equal(t, "send 3 of 2, send 4 of 2", said, "said")
	for seq, want := range map[uint64]byte{1: 0, 2: 1, 3: 3, 4: 6} {
		assert.Equal(t, want, again.Slot(2, seq).Data[0], "delay token %d", seq)
	}
	m := ours(0, 2)
	m.To = 1 << 20
	require.True(t, again.Place(m, 0, []byte{3}))
	require.NoError(t, again.Arrived(m, 8))
	kept.wait(again, 1, 3)
	require.NoError(t, again.Err())
	kept.mu.Lock()
	r := kept.records[1].Records[2]
	kept.mu.Unlock()
	assert.EqualValues(t, 2, r.Firing, "the state after firing 2 is saved as")
	assert.EqualValues(t, 6, r.Parts[0].Data[0], "the state after firing 2 is saved as")
	b := again.Take()
	require.GreaterOrEqual(t, len(b.Results), 3, "results")
	assert.Equal(t, "[1 3 6]", fmt.Sprint(b.Values[:3]), "results")
	assert.EqualValues(t, 2, b.Results[2].Frame, "results")
}

func TestResumeRefusesWhatIsNotEnough(t *testing.T) {
	snapshot := func(b ...byte) journal.Record {
		return journal.Record{Firing: 1, Parts: []journal.Part{{Kind: journal.Snapshot, Data: b}}}
	}
	token := func(firing int64, n int) journal.Record {
		return journal.Record{Firing: firing,
			Parts: []journal.Part{{Kind: journal.Token, FIFO: 2, Seq: uint64(firing + 2), Data: make([]byte, n)}}}
	}
	for _, tt := range []struct {
		name string
		kept map[int]*journal.Actor
		want error
	}{
		{"a bad snapshot", map[int]*journal.Actor{
			1: {Records: []journal.Record{snapshot(1, 2)}}, 2: {Records: []journal.Record{token(0, 8), token(1, 8)}},
		}, kernel.ErrSnapshot},
		{"no delay token", map[int]*journal.Actor{
			1: {Records: []journal.Record{snapshot(1)}}, 2: {Records: []journal.Record{token(1, 8)}},
		}, ErrRecord},
		{"a delay token too long", map[int]*journal.Actor{
			1: {Records: []journal.Record{snapshot(1)}}, 2: {Records: []journal.Record{token(0, 9), token(1, 8)}},
		}, ErrRecord},
	} {
		n, out := second(t, Options{Epoch: 9, Resume: true, Kept: tt.kept})
		require.NoError(t, n.Start(clock.Now()))
		require.NoError(t, n.Reconnected(0))
		h := boundary.Hello{From: theirs, To: 9, Re: out.hello.Ask,
			FIFOs: []boundary.Position{{FIFO: 0, Known: true}, {FIFO: 2, Known: true}}}
		err := n.Greeted(0, &h)
		require.ErrorIs(t, err, tt.want, tt.name)
		assert.Contains(t, err.Error(), "device d1", tt.name)
	}
}

// What no restart can need is forgotten, here and in the journal.
func TestRecordsAreForgotten(t *testing.T) {
	b := enginetest.NewBuilder("loop", 300, 1)
	source, sink := b.Actor("count", 0), b.Actor("sink", 0)
	b.FIFO(source, sink, 1, 0, 2)
	b.FIFO(sink, source, 1, 3, 4)
	kept := &slow{newMemoryKeeper(), nil, make(chan struct{}, 1)}
	n, err := New(b.Plan(), 0, all(func(actor int, f *kernel.Firing) error {
		if actor == sink && f.Frame > 0 {
			<-kept.saved
		}
		return nil
	}), nil, Options{Journal: kept})
	require.NoError(t, err)
	defer n.Close()
	kept.n = n
	require.NoError(t, n.Start(clock.Now()))
	kept.wait(n, sink, 300)
	n.mu.Lock()
	defer n.mu.Unlock()
	held := len(n.actors[sink].records.list)
	assert.LessOrEqual(t, held, 10, "%d records are held, forgot before", held)
	assert.GreaterOrEqual(t, kept.forgot[sink], int64(280), "%d records are held, forgot before", held)
	assert.NoError(t, n.Err(), "%d records are held, forgot before", held)
	assert.Nil(t, n.actors[source].records, "the sink alone makes delay tokens")
	assert.Len(t, n.actors[sink].records.fifos, 1, "the sink alone makes delay tokens")
}

// slow saves a record some time after it is given it.
type slow struct {
	*memoryKeeper
	n     *Node
	saved chan struct{}
}

func (s *slow) Append(actor int, firing int64, parts ...journal.Part) error {
	err := s.memoryKeeper.Append(actor, firing, parts...)
	go func() {
		s.n.Saved(actor, firing+1)
		s.saved <- struct{}{}
	}()
	return err
}

func TestRatesOfControlTokens(t *testing.T) {
	r := &ring{slots: make([]Slot, 2), control: true}
	for i, v := range []int32{7, math.MinInt32} {
		r.slots[i].Data = binary.LittleEndian.AppendUint32(nil, uint32(v))
	}
	a, b := r.rate(2), r.rate(5)
	assert.Equal(t, 7, a, "rates")
	assert.Equal(t, math.MinInt32, b, "rates")
	r.control = false
	assert.Equal(t, 0, r.rate(0), "a token that is no control token has a rate")
}
