// Package probe asks a device over NATS what its clock shows, as NTP does, so that
// core/trace can compare the clocks of a run. It compares none itself.
package probe

import (
	"context"
	"time"

	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	// Burst is how many probes follow each other at first and at last: of so many, one is
	// rarely held up on its way.
	Burst = 8
	// Every is the time from one probe to the next one.
	Every = 500 * time.Millisecond
	limit = time.Second // for the answer to a probe
)

// Sample is one probe: Sent and Back on the clock of who asked, in ns, and what the device
// said in between.
type Sample struct {
	Sent, Back int64
	wire.Probe
}

// Asker is who asks.
type Asker struct {
	Name  string // in subjects
	Conn  *nats.Conn
	Clock clock.Clock
}

// Ask probes the clock of a device once.
func (a *Asker) Ask(ctx context.Context, device string) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s := Sample{Sent: a.Clock.Now()}
	msg, err := a.Conn.RequestWithContext(ctx, wire.ProbeSubject(a.Name, device), nil)
	s.Back = a.Clock.Now()
	if err == nil {
		s.Probe, err = wire.DecodeProbe(msg.Data)
	}
	return s, err
}

// Some probes the clock of a device Burst times, as long as it answers, and gives took the
// samples.
func (a *Asker) Some(ctx context.Context, device string, took func(Sample)) {
	for range Burst {
		s, err := a.Ask(ctx, device)
		if err != nil {
			return // there is another time
		}
		took(s)
	}
}

// Run does what Some does, and probes on Every so often until ctx ends.
func (a *Asker) Run(ctx context.Context, device string, took func(Sample)) {
	a.Some(ctx, device, took)
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s, err := a.Ask(ctx, device); err == nil {
			took(s)
		}
	}
}
