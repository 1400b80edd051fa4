package agent

import (
	"encoding/binary"
	"encoding/json"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// Bounds that keep a batch below NATS's max_payload.
const (
	maxRecords = 16384
	maxResults = 128
)

const (
	// keepBytes bounds the batches that an agent keeps until the coordinator has
	// received them. Beyond it the oldest records are forgotten, but no result.
	keepBytes = 16 << 20
	// againEvery is when what was not received is sent again, and againBytes how much
	// of it at a time.
	againEvery = time.Second
	againBytes = 1 << 20
)

// post sends trace batches until the coordinator has received them. A nil post
// does nothing. Its methods may be called from any goroutine.
type post struct {
	nc      *nats.Conn
	subject string
	epoch   uint64
	sub     *nats.Subscription
	end     chan struct{}
	wg      sync.WaitGroup

	mu      sync.Mutex
	kept    []*letter // in the order of their numbers
	bytes   int
	next    uint64 // number of the next batch
	dropped uint64

	// received is told which results have been received: all of an actor's frames
	// before the given one. nil: nobody cares.
	received func(actor int, frame int64)
}

// letter is an encoded batch.
type letter struct {
	seq     uint64
	data    []byte
	results []wire.Result
	bare    bool      // its records have been forgotten
	sent    time.Time // last
}

func newPost(nc *nats.Conn, req *wire.LoadRequest, device string, received func(actor int, frame int64)) *post {
	p := &post{nc: nc, subject: wire.TraceSubject(req.Run, device), epoch: req.Epoch, end: make(chan struct{}), received: received}
	// Without it batches are kept for longer, and sent again.
	p.sub, _ = nc.Subscribe(wire.ReceivedSubject(req.Run, device), func(msg *nats.Msg) {
		var r wire.Received
		if json.Unmarshal(msg.Data, &r) == nil && r.Epoch == p.epoch {
			p.forget(r.Batches)
		}
	})
	p.wg.Go(p.repeat)
	return p
}

// send sends what was recorded, which it copies.
func (p *post) send(all wire.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(all.Records)+len(all.Results) > 0 {
		b := wire.Batch{Epoch: p.epoch, Seq: p.next}
		b.Records, all.Records = split(all.Records, maxRecords)
		b.Results, all.Results = split(all.Results, maxResults)
		values := 0
		for _, r := range b.Results {
			values += int(r.N)
		}
		b.Values, all.Values = split(all.Values, values)
		l := &letter{seq: p.next, data: b.Append(nil), results: append([]wire.Result(nil), b.Results...)}
		p.next++
		p.kept = append(p.kept, l)
		p.bytes += len(l.data)
		p.shrink()
		p.publish(l)
	}
}

func split[T any](s []T, n int) (head, tail []T) {
	n = min(n, len(s))
	return s[:n], s[n:]
}

// shrink forgets the oldest records beyond the bound.
func (p *post) shrink() {
	for _, l := range p.kept {
		if p.bytes <= keepBytes {
			return
		}
		if l.bare {
			continue
		}
		b, err := wire.DecodeBatch(l.data)
		if err != nil {
			continue // it is our own
		}
		p.dropped += uint64(len(b.Records))
		p.bytes -= len(l.data)
		b.Records = nil
		l.data, l.bare = b.Append(nil), true
		p.bytes += len(l.data)
	}
}

func (p *post) publish(l *letter) {
	binary.LittleEndian.PutUint64(l.data[wire.DroppedOffset:], p.dropped)
	_ = p.nc.Publish(p.subject, l.data) // what is lost is sent again
	l.sent = time.Now()
}

// again sends the oldest of what has not been received.
func (p *post) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, i := 0, 0; i < len(p.kept) && n < againBytes; i++ {
		p.publish(p.kept[i])
		n += len(p.kept[i].data)
	}
}

// repeat sends again what nobody has received for a while.
func (p *post) repeat() {
	tick := time.NewTicker(againEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.end:
			return
		case <-tick.C:
		}
		p.mu.Lock()
		late := len(p.kept) > 0 && time.Since(p.kept[0].sent) >= againEvery
		p.mu.Unlock()
		if late {
			p.again()
		}
	}
}

// forget drops the batches before next.
func (p *post) forget(next uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.kept) > 0 && p.kept[0].seq < next {
		l := p.kept[0]
		p.bytes -= len(l.data)
		p.kept[0] = nil
		p.kept = p.kept[1:]
		if p.received != nil {
			for _, r := range l.results {
				p.received(int(r.Actor), r.Frame+1)
			}
		}
	}
}

// batches returns how many there have been.
func (p *post) batches() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// close ends sending.
func (p *post) close() {
	if p == nil {
		return
	}
	close(p.end)
	p.wg.Wait()
	if p.sub != nil {
		_ = p.sub.Unsubscribe() // it fails only on a closed connection
	}
}
