package node

import (
	"runtime"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bounds of what the heap may grow by: no leak of something in every frame keeps them,
// as the least object has 8 bytes.
const (
	leakFrames    = 2000    // before the first look; the last one is after four times as many
	leakStep      = 100     // frames between two takes
	bytesPerFrame = 2       // of growth
	bytesAnyway   = 8 << 10 // of growth, such as of the runtime's own objects
	messagesRoom  = 64      // more than credits let be under way
)

// message is what a node has said to its peer.
type message struct {
	from  int // device
	kind  int
	token boundary.TokenID
	hello boundary.Hello
}

// The kinds of messages.
const (
	sentToken = iota
	sentAck
	sentHello
)

// wiredOutbox hands over what a node says to whoever carries it to the peer.
type wiredOutbox struct {
	device int
	out    chan<- message
}

func (w *wiredOutbox) Send(t boundary.TokenID, _ int64) { w.out <- message{from: w.device, token: t} }
func (w *wiredOutbox) Ack(t boundary.TokenID, _ int64) {
	w.out <- message{from: w.device, kind: sentAck, token: t}
}

func (w *wiredOutbox) Greet(_ int, h *boundary.Hello, _ bool) error {
	m := message{from: w.device, kind: sentHello, hello: *h}
	m.hello.FIFOs = append([]boundary.Position(nil), h.FIFOs...)
	w.out <- m
	return nil
}

// carry brings messages of two nodes to each other until stop is closed: the nodes say
// more than the sinks wait for, such as the acknowledgements of the last tokens.
func carry(nodes []*Node, messages <-chan message, stop <-chan struct{}) error {
	for {
		var m message
		select {
		case m = <-messages:
		case <-stop:
			return nil
		}
		from, to := nodes[m.from], nodes[1-m.from]
		var err error
		switch m.kind {
		case sentHello:
			err = to.Greeted(0, &m.hello)
		case sentAck:
			if !to.Acked(m.token) {
				err = to.Err()
			}
		default:
			err = from.Hold(m.token.FIFO, m.token.Seq, func(s *Slot) error {
				if !to.Place(m.token, 0, s.Data[:s.Len]) {
					return nil
				}
				return to.Arrived(m.token, s.Len)
			})
		}
		if err != nil {
			return err
		}
	}
}

// liveBytes returns the bytes of the live objects of the heap.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC() // what a sync.Pool has kept over the first one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Two nodes with a boundary between them, tokens that go round and states that are saved
// hold as much after many frames as after few.
func TestNodesHoldNothingOfFramesThatAreOver(t *testing.T) {
	b := enginetest.NewBuilder("leak", 4*leakFrames, 1, 1)
	actors := b.Chain(1, 2, 0, 1, 1)
	source, sink := actors[0], actors[2]
	b.FIFO(sink, source, 1, 3, 4)
	begin, end := make(chan struct{}, leakStep), make(chan struct{}, leakStep)
	mk := all(func(actor int, _ *kernel.Firing) error {
		switch actor {
		case source:
			<-begin
		case sink:
			end <- struct{}{}
		}
		return nil
	})
	messages := make(chan message, messagesRoom)
	nodes := make([]*Node, 2)
	for i := range nodes {
		var err error
		nodes[i], err = New(b.Plan(), i, mk, &wiredOutbox{i, messages}, Options{Epoch: uint64(i + 1)})
		require.NoError(t, err)
	}
	carried, stop := make(chan error, 1), make(chan struct{})
	go func() { carried <- carry(nodes, messages, stop) }()
	for _, n := range nodes {
		require.NoError(t, n.Reconnected(0))
		require.NoError(t, n.Start(clock.Now()))
	}
	run := func(frames int) int64 {
		for range frames / leakStep {
			for range leakStep {
				begin <- struct{}{}
			}
			for range leakStep {
				<-end
			}
			for _, n := range nodes {
				require.NoError(t, n.Err())
				n.Take()
			}
		}
		return liveBytes()
	}
	early := run(leakFrames)
	late := run(3 * leakFrames)
	close(stop)
	require.NoError(t, <-carried)
	for _, n := range nodes {
		require.NoError(t, n.Close())
	}
	assert.LessOrEqual(t, late-early, int64(3*leakFrames*bytesPerFrame+bytesAnyway), "bytes of live objects")
}
