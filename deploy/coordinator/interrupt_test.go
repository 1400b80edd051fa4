package coordinator_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patient is how long a test waits for what must come at last.
const patient = 90 * time.Second

// runWhile runs an endless plan and meanwhile does what is given; then the run ends as
// soon as it has seen enough, if that isn't nil. Its context ends with the run.
func runWhile(t *testing.T, d *coordinator.Driver, p *plan.Plan, enough func(*trace.Trace) bool,
	meanwhile func(context.Context) error) *trace.Trace {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patient)
	defer cancel()
	var over atomic.Bool
	d.Patience = patient
	d.Enough = func(_ *plan.Plan, tr *trace.Trace) bool { return over.Load() && (enough == nil || enough(tr)) }
	did := make(chan error, 1)
	go func() {
		err := meanwhile(ctx)
		if err != nil {
			cancel()
		}
		over.Store(true)
		did <- err
	}()
	tr, err := d.Run(ctx, p)
	cancel()
	assert.NoError(t, (<-did), "during the run")
	require.NoError(t, err)
	return tr
}

// begun returns how many frames the plan's first actor, its source, has begun.
func begun(tr *trace.Trace) (n int64) {
	for _, e := range tr.Events {
		if e.Kind == trace.Firing && e.Actor == 0 {
			n = max(n, e.Frame+1)
		}
	}
	return n
}

// watched is a device whose trace batches are followed.
type watched struct {
	device string
	sub    *nats.Subscription
	epoch  uint64 // the greatest that has come: every start of the agent has a greater one
}

func watch(t *testing.T, tb *testbed.Testbed, devices ...string) (list []*watched) {
	t.Helper()
	for _, device := range devices {
		sub, err := tb.Conn().SubscribeSync(wire.TraceSubject(device, tb.Driver().Name, wire.Any))
		require.NoError(t, err)
		list = append(list, &watched{device: device, sub: sub})
	}
	return list
}

// next waits for a batch.
func (w *watched) next(ctx context.Context) (*wire.Batch, error) {
	msg, err := w.sub.NextMsgWithContext(ctx)
	if err != nil {
		return nil, err
	}
	b, err := wire.DecodeBatch(msg.Data)
	if err == nil {
		w.epoch = max(w.epoch, b.Epoch)
	}
	return b, err
}

// until waits for a batch under an epoch of at least since with a firing that will do.
func (w *watched) until(ctx context.Context, since uint64, will func(*wire.Record) bool) error {
	for {
		b, err := w.next(ctx)
		if err != nil {
			return err
		}
		if b.Epoch >= since && slices.ContainsFunc(b.Records,
			func(r wire.Record) bool { return r.Kind == wire.Firing && will(&r) }) {
			return nil
		}
	}
}

// atWork waits until the device has fired an actor since its agent got an epoch.
func (w *watched) atWork(ctx context.Context, since uint64) error {
	return w.until(ctx, since, func(*wire.Record) bool { return true })
}

// fires waits until the device has fired an actor of the plan.
func (w *watched) fires(ctx context.Context, actor int32) error {
	return w.until(ctx, 0, func(r *wire.Record) bool { return r.Index == actor })
}

// skip takes the batches that have come.
func (w *watched) skip(ctx context.Context) error {
	n, _, err := w.sub.Pending()
	for ; n > 0 && err == nil; n-- {
		_, err = w.next(ctx)
	}
	return err
}

// interrupt kills a device's agent, or the NATS server for "", and returns when it has
// been started again and is at work: the agent has fired under a greater epoch, every
// device has sent firings by another server.
func interrupt(ctx context.Context, tb *testbed.Testbed, devices []*watched, victim string) error {
	server := tb.Conn().ConnectedServerId()
	if err := tb.Kill(victim); err != nil {
		return err
	}
	for id := ""; victim == "" && (id == "" || id == server); id = tb.Conn().ConnectedServerId() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	for _, w := range devices {
		since := w.epoch
		switch victim {
		case "": // what came by the server that is gone is in the queue
			if err := w.skip(ctx); err != nil {
				return err
			}
		case w.device:
			since++
		default:
			continue
		}
		if err := w.atWork(ctx, since); err != nil {
			return err
		}
	}
	return nil
}
