package agent

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// traceSender sends trace batches until the coordinator has received them. A nil
// traceSender does nothing. Its methods may be called from any goroutine.
type traceSender struct {
	nc      *nats.Conn
	run     string
	subject string
	epoch   uint64
	sub     *nats.Subscription
	failed  func(error)
	end     chan struct{}
	closing sync.Once
	wg      sync.WaitGroup

	// behind says that firings should wait until the coordinator, which takes batches,
	// has taken more of them. One that takes none is not waited for.
	behind atomic.Bool

	mu      sync.Mutex
	out     *delivery.Outgoing
	takenNs int64 // when the coordinator last told what it has received, or when the run began
}

// look sets behind. The mutex is held.
func (p *traceSender) look() {
	_, all := p.out.Kept()
	records := p.out.KeptRecords()
	behind := records > delivery.KeptBytes/2 || all-records > resultBytes
	p.behind.Store(behind && clock.Now()-p.takenNs < patienceNs)
}

// resultBytes is for how many bytes of results that have not been received firings go on:
// those of hundreds of frames of a detector's largest outputs. Results are never forgotten.
const resultBytes = 256 << 20

// patienceNs is how long firings wait for a coordinator that takes nothing.
const patienceNs = 5 * delivery.RepeatNs

// loadOf names a load of a run.
type loadOf struct {
	device, coordinator, run string
	epoch                    uint64
	rejected                 *wire.Rejected
}

// newTraceSender returns the sender of a load. heard is told that the coordinator was heard,
// received which results have been received; nil: nobody needs to know. failed is told of what can't be sent.
func newTraceSender(nc *nats.Conn, l loadOf, heard func(), received func(actor int, frame int64),
	failed func(error)) (*traceSender, error) {
	p := &traceSender{
		nc: nc, run: l.run, subject: wire.TraceSubject(l.device, l.coordinator, l.run), epoch: l.epoch,
		end: make(chan struct{}), failed: failed, out: delivery.NewOutgoing(l.epoch, received),
	}
	var err error
	subject := wire.ReceivedSubject(l.coordinator, l.device, l.run)
	p.sub, err = nc.Subscribe(subject, func(msg *nats.Msg) {
		var r wire.Received
		if json.Unmarshal(msg.Data, &r) != nil {
			l.rejected.Add("received"+wire.Malformed, 1)
			return
		}
		heard()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.out.Received(r)
		p.takenNs = clock.Now()
		p.look()
	})
	if err == nil {
		err = waitingNews.set(p.sub)
	}
	if err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", subject, err)
	}
	p.wg.Go(p.repeat)
	return p, nil
}

// send sends what was recorded, which it copies.
func (p *traceSender) send(all wire.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.Batches() == 0 {
		p.takenNs = clock.Now()
	}
	p.out.Add(all, clock.Now(), p.publish)
	p.look()
}

// publish sends a batch. What is lost is sent again.
func (p *traceSender) publish(data []byte) {
	if err := transport.Passing(p.nc, transport.Publish(p.nc, p.subject, data)); err != nil {
		p.failed(err)
	}
}

// again sends the oldest of what has not been received.
func (p *traceSender) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Again(clock.Now(), p.publish)
}

// repeat sends again what nobody has received for a while.
func (p *traceSender) repeat() {
	tick := time.NewTicker(delivery.RepeatNs)
	defer tick.Stop()
	for {
		select {
		case <-p.end:
			return
		case <-tick.C:
		}
		p.mu.Lock()
		if now := clock.Now(); p.out.Late(now) {
			p.out.Again(now, p.publish)
		}
		p.look()
		p.mu.Unlock()
	}
}

// settle waits, for as long as firings do, until all has been received: nothing is sent
// again then.
func (p *traceSender) settle() {
	if p == nil {
		return
	}
	for deadline := clock.Now() + patienceNs; clock.Now() < deadline; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		kept, _ := p.out.Kept()
		p.mu.Unlock()
		if kept == 0 {
			return
		}
	}
}

// batches returns how many there have been.
func (p *traceSender) batches() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Batches()
}

// close ends sending. It may be called again, as a run may end while the next one is loaded.
func (p *traceSender) close() {
	if p == nil {
		return
	}
	p.closing.Do(func() { close(p.end) })
	p.wg.Wait()
	_ = p.sub.Unsubscribe() // it fails only on a closed connection
}
