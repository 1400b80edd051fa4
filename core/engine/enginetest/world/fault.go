package world

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
)

// fault draws whether a connection breaks, a device crashes or comes back. When the
// run is idle, devices come back sooner.
func (w *World) fault(idle bool) error {
	err := w.comeBack(idle)
	if err != nil {
		return err
	}
	err = w.partition()
	if err != nil {
		return err
	}
	if w.Faults.Reconnects > 0 && w.rng.IntN(40) == 0 {
		w.Faults.Reconnects--
		err = w.reconnect(w.devices[w.rng.IntN(len(w.devices))])
		if err != nil {
			return err
		}
	}
	if w.Faults.Crashes > 0 && w.rng.IntN(60) == 0 {
		w.Faults.Crashes--
		return w.crash(w.devices[w.rng.IntN(len(w.devices))])
	}
	return nil
}

// comeBack starts the devices that have been down for long enough.
func (w *World) comeBack(idle bool) error {
	for _, d := range w.devices {
		if d.engine != nil {
			continue
		}
		if d.back--; d.back > 0 && !(idle && w.rng.IntN(4) == 0) {
			continue
		}
		err := w.boot(d)
		if err != nil {
			return err
		}
		err = w.tell(d, engine.Found)
		if err != nil {
			return err
		}
	}
	return nil
}

// tell tells those who have a fallback that a peer is lost, or found.
func (w *World) tell(d *device, kind engine.EventKind) error {
	for _, o := range w.devices {
		at := slices.Index(o.peers, d.index)
		if o.engine == nil || at < 0 || o.slice.Alone == nil {
			continue
		}
		err := w.step(o, engine.Event{Kind: kind, Peer: at})
		if err != nil {
			return err
		}
	}
	return nil
}

// partition draws whether nothing gets from the first device to the second and back
// for some time, which both notice, or ends that.
func (w *World) partition() error {
	if w.cutOff > 0 {
		w.network.Drop(0, 1)
		if w.cutOff--; w.cutOff > 0 {
			return nil
		}
		return w.tellFirst(engine.Found)
	}
	if w.Faults.Partitions > 0 && len(w.devices) > 1 && w.rng.IntN(60) == 0 {
		w.Faults.Partitions--
		w.cutOff = 1 + w.rng.IntN(300)
		return w.tellFirst(engine.Lost)
	}
	return nil
}

// tellFirst tells the first two devices of each other.
func (w *World) tellFirst(kind engine.EventKind) error {
	for i, d := range w.devices[:2] {
		at := slices.Index(d.peers, 1-i)
		if d.engine == nil || at < 0 {
			continue
		}
		err := w.step(d, engine.Event{Kind: kind, Peer: at})
		if err != nil {
			return err
		}
	}
	return nil
}

// reconnect breaks a device's connection and makes it again.
func (w *World) reconnect(d *device) error {
	for _, o := range w.devices {
		w.network.Break(d.index, o.index)
	}
	if d.engine == nil {
		return nil
	}
	for p := range d.peers {
		err := w.step(d, engine.Event{Kind: engine.Reconnected, Peer: p})
		if err != nil {
			return err
		}
	}
	return nil
}

// crash ends a device's process: its memory is gone, and of the records not yet
// durable the last ones.
func (w *World) crash(d *device) error {
	if d.engine == nil {
		return nil
	}
	keep := w.rng.IntN(len(d.saves) + 1)
	d.engine = nil
	for range keep {
		err := w.flush(d)
		if err != nil {
			return err
		}
	}
	d.back = 1 + w.rng.IntN(max(w.Faults.DownEvents, 1))
	for _, o := range w.devices {
		w.network.Break(d.index, o.index)
	}
	return w.tell(d, engine.Lost)
}

// lossy is what has a rate of loss of its own.
type lossy struct {
	direction
	kind engine.EventKind // Data, Ack or HelloFrom
}

// lost draws whether a message that is sent is lost without anybody noticing.
func (w *World) lost(l lossy) bool {
	if !w.Faults.Silent {
		return false
	}
	rate, drawn := w.loss[l]
	if !drawn {
		rate = []float64{0, 0, .02, .1, .3}[w.rng.IntN(5)]
		if w.loss == nil {
			w.loss = map[lossy]float64{}
		}
		w.loss[l] = rate
	}
	return rate > 0 && w.rng.Float64() < rate
}
