package agent

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// pending bounds what of a subscription waits to be taken. What comes beyond it is dropped and
// counted.
type pending struct{ messages, bytes int64 }

const (
	// resends is how often all that the credits allow may wait: once as it was sent first, and
	// once more as it is sent again after a reconnect.
	resends = 2
	// spare messages may wait beside that, such as acknowledgements that say the same again.
	spare = 1024
)

// waiting returns the bound of the data or acknowledgements of a FIFO: its capacity in tokens
// is what a peer may send before it hears of a commit. A token comes in as many messages as
// the least max_payload makes of it.
func (s *session) waiting(fifo int, kind wire.Kind) pending {
	tokens := resends * int64(s.plan.Graph.FIFOs[fifo].Capacity)
	if kind == wire.Ack {
		n := tokens + spare
		return pending{n, n * wire.HeaderBytes}
	}
	bytes := s.plan.Graph.Type(fifo).Bytes()
	link := s.link(slice.FIFO{FIFO: fifo})
	all, over := wire.TokenBytes(link, bytes, wire.LeastPayload), wire.Overhead(link)
	return pending{tokens*(all-bytes)/over + spare, tokens*all + spare*over}
}

// waitingHellos returns the bound of a peer's hellos about that many FIFOs.
func waitingHellos(fifos int) pending {
	parts := wire.MessageBytes(wire.HelloBytes(fifos), wire.LeastPayload)
	return pending{spare, resends*parts + spare*wire.HelloBytes(1)}
}

// waitingNews is the bound of small messages of which the last one says all.
var waitingNews = pending{spare, 1 << 20}

// set bounds a subscription.
func (p pending) set(sub *nats.Subscription) error {
	return sub.SetPendingLimits(int(p.messages), int(p.bytes))
}

// listener takes the messages of a subject.
type listener struct {
	nc      *nats.Conn
	subject string
	take    nats.MsgHandler
	kind    string // of its messages, for wire.Rejected
	most    pending
}

// subscription is one whose end is waited for.
type subscription struct {
	*nats.Subscription
	nc      *nats.Conn
	kind    string
	drained func()
}

// over returns how many of its messages were dropped as they were over its bound.
func (s *subscription) over() uint64 {
	n, err := s.Dropped()
	if err != nil {
		return 0 // it has ended: that was counted before
	}
	return uint64(n)
}

// subscribe takes the messages of a subject until the session is closed. A message that makes
// its handler panic ends the run, as what it has left behind is not known, but not the agent.
func (s *session) subscribe(l listener) error {
	guarded := func(msg *nats.Msg) {
		defer func() {
			if p := recover(); p != nil {
				s.agent.rejected.Add(l.kind+wire.Panicked, 1)
				s.node.Fail(fmt.Errorf("%w on a message of %s: %v\n%s", ErrPanic, l.subject, p, debug.Stack()))
			}
		}()
		l.take(msg)
	}
	sub, err := l.nc.Subscribe(l.subject, guarded)
	if err == nil {
		err = l.most.set(sub)
	}
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", l.subject, err)
	}
	s.drained.Add(1)
	drained := sync.OnceFunc(s.drained.Done)
	sub.SetClosedHandler(func(string) { drained() })
	s.subs = append(s.subs, subscription{sub, l.nc, l.kind, drained})
	return nil
}

// countOver counts what subscriptions that end have dropped.
func (s *session) countOver() {
	for i := range s.subs {
		s.agent.rejected.Add(s.subs[i].kind+wire.OverBound, s.subs[i].over())
	}
}

// dropped returns what the agent has dropped so far, also in the session that goes on; nil
// for nothing.
func (a *Agent) dropped() map[string]uint64 {
	all := a.rejected.Counts()
	if s := a.running.Load(); s != nil {
		for i := range s.subs {
			if n := s.subs[i].over(); n > 0 {
				if all == nil {
					all = map[string]uint64{}
				}
				all[s.subs[i].kind+wire.OverBound] += n
			}
		}
	}
	return all
}
