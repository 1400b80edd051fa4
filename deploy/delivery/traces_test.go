package delivery_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// The ends of the network: the coordinator is 0, device d is d+1.
const coordinator = 0

// traceRun has two devices deliver the results of one sink each, and what they
// recorded, to a coordinator. What happens next is drawn.
type traceRun struct {
	rng      *rand.Rand
	network  *world.Network[any]
	devices  []*tracer
	nowNs    int64
	frames   int64
	noNumber bool // broken: the coordinator takes every batch that comes

	in      *delivery.Incoming
	results delivery.Results
	values  [][]float32 // by actor: of the results taken, in order
	records map[delivery.Source][]int64
}

// tracer is a device: its sink is the actor with its index.
type tracer struct {
	index    int
	epoch    uint64
	out      *delivery.Outgoing
	fired    int64 // frames whose results are saved
	received int64 // frames whose results the coordinator is known to have
	recorded int64 // by this incarnation
	batch    wire.Batch
}

func newTraceRun(seed uint64) *traceRun {
	rng := rand.New(rand.NewPCG(seed, 1))
	r := &traceRun{
		rng: rng, network: world.NewNetwork[any](rng), frames: int64(10 + rng.IntN(30)),
		in: delivery.NewIncoming(), results: make(delivery.Results, 2), values: make([][]float32, 2),
		records: map[delivery.Source][]int64{},
	}
	for i := range r.results {
		d := &tracer{index: i}
		r.devices = append(r.devices, d)
		r.boot(d)
	}
	return r
}

// value is what a sink records for a frame.
func value(actor int, frame int64) float32 { return float32(1000*(actor+1)) + float32(frame) }

// boot starts an incarnation of a device, which gives again the results that are not
// known to have been received.
func (r *traceRun) boot(d *tracer) {
	d.epoch++
	d.batch, d.recorded = wire.Batch{}, 0
	d.out = delivery.NewOutgoing(d.epoch, func(_ int, frame int64) { d.received = max(d.received, frame) })
	for frame := d.received; frame < d.fired; frame++ {
		d.result(frame)
	}
}

func (d *tracer) result(frame int64) {
	d.batch.Results = append(d.batch.Results, wire.Result{Actor: int32(d.index), N: 1, Frame: frame})
	d.batch.Values = append(d.batch.Values, value(d.index, frame))
}

// fire takes a frame: its result is saved, and recorded.
func (d *tracer) fire() {
	d.result(d.fired)
	d.fired++
	d.batch.Records = append(d.batch.Records, wire.Record{Kind: wire.Firing, Index: int32(d.index), Frame: d.recorded})
	d.recorded++
}

// happen lets one thing happen.
func (r *traceRun) happen(quiet bool) error {
	r.nowNs += delivery.RepeatNs / 50
	d := r.devices[r.rng.IntN(len(r.devices))]
	end := d.index + 1
	publish := func(data []byte) { r.network.Send(end, coordinator, slices.Clone(data)) }
	switch n := r.rng.IntN(20); {
	case n < 4:
		if d.fired < r.frames {
			d.fire()
		}
	case n < 7:
		d.out.Add(d.batch, r.nowNs, publish)
		d.batch = wire.Batch{}
	case n < 11:
		m, ok := r.network.Take(end, coordinator)
		if ok {
			return r.collect(d.index, m)
		}
	case n < 15:
		m, ok := r.network.Take(coordinator, end)
		if ok {
			d.out.Received(m.(wire.Received))
		}
	case n < 17:
		if d.out.Late(r.nowNs) {
			d.out.Again(r.nowNs, publish)
		}
	case n == 17 && r.network.Late() > 0:
		return r.late()
	case n == 18 && !quiet:
		r.network.Break(end, coordinator)
	case n == 19 && !quiet && r.rng.IntN(6) == 0:
		r.network.Break(end, coordinator)
		r.boot(d)
	}
	return nil
}

// late has a message of a broken connection arrive.
func (r *traceRun) late() error {
	to, m := r.network.TakeLate()
	if to != coordinator {
		r.devices[to-1].out.Received(m.(wire.Received))
		return nil
	}
	b, err := wire.DecodeBatch(m.([]byte))
	if err != nil {
		return err
	}
	actor := 0
	for _, rec := range b.Records {
		actor = int(rec.Index)
	}
	for _, res := range b.Results {
		actor = int(res.Actor)
	}
	return r.collect(actor, m)
}

// collect takes a batch at the coordinator, which says what it has received.
func (r *traceRun) collect(device int, m any) error {
	b, err := wire.DecodeBatch(m.([]byte))
	if err != nil {
		return err
	}
	from := delivery.Source{Device: fmt.Sprint(device), Epoch: b.Epoch}
	if r.in.Due(from, b) || r.noNumber {
		for _, rec := range b.Records {
			r.records[from] = append(r.records[from], rec.Frame)
		}
		values := b.Values
		for _, res := range b.Results {
			due, err := r.results.Take(res.Actor, res.Frame)
			if err != nil {
				return err
			}
			if due {
				r.values[res.Actor] = append(r.values[res.Actor], values[:res.N]...)
			}
			values = values[res.N:]
		}
		r.in.Took(from)
	}
	r.network.Send(coordinator, device+1, r.in.Received(from))
	return nil
}

// complete reports whether the coordinator has all results and all batches of the
// present incarnations.
func (r *traceRun) complete() bool {
	sent := map[delivery.Source]uint64{}
	for _, d := range r.devices {
		kept, _ := d.out.Kept()
		if d.fired < r.frames || len(d.batch.Results)+len(d.batch.Records) > 0 || kept > 0 {
			return false
		}
		sent[delivery.Source{Device: fmt.Sprint(d.index), Epoch: d.epoch}] = d.out.Batches()
	}
	return r.in.Complete(sent)
}

// run lets things happen until all has been received, and checks what has.
func (r *traceRun) run() error {
	for n := 0; !r.complete(); n++ {
		if n > 100_000 {
			return errors.New("it never ends")
		}
		err := r.happen(n > 2000)
		if err != nil {
			return err
		}
	}
	for _, d := range r.devices {
		var want []float32
		for frame := range r.frames {
			want = append(want, value(d.index, frame))
		}
		if !slices.Equal(r.values[d.index], want) {
			return fmt.Errorf("device %d: results %v, want %v", d.index, r.values[d.index], want)
		}
		for epoch := uint64(1); epoch <= d.epoch; epoch++ {
			got := r.records[delivery.Source{Device: fmt.Sprint(d.index), Epoch: epoch}]
			for i, frame := range got {
				if frame != int64(i) {
					return fmt.Errorf("device %d, incarnation %d: records %v", d.index, epoch, got)
				}
			}
			if epoch == d.epoch && int64(len(got)) != d.recorded {
				return fmt.Errorf("device %d: %d records received of %d", d.index, len(got), d.recorded)
			}
		}
	}
	return nil
}

// TestTraces delivers traces while connections break, which loses, doubles and reorders
// batches and what is said of them, and devices crash: every result arrives once and in
// order, and every record of an incarnation at most once, in order and without gaps.
func TestTraces(t *testing.T) {
	world.Each(t, func(seed uint64) error { return newTraceRun(seed).run() })
}

// TestBrokenTraces lets the coordinator take every batch that comes: runs must show it.
func TestBrokenTraces(t *testing.T) {
	for seed := range uint64(100) {
		r := newTraceRun(seed)
		r.noNumber = true
		if r.run() != nil {
			return
		}
	}
	require.Fail(t, "no run shows it")
}
