package coordinator

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/probe"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// runClocks knows which clocks the devices of a run have, and what probes of them said.
type runClocks struct {
	own clock.Clock // the coordinator's

	mu      sync.Mutex
	of      map[int]string   // by device: its clock's ID
	began   map[string]int64 // by ID: when the run began on the clock
	samples []sample
}

// sample is a probe: Sent and Back are on the clock with the ID by, which is the coordinator's
// or a device's.
type sample struct {
	by string
	probe.Sample
}

func newRunClocks(own clock.Clock) *runClocks {
	if own == nil {
		own = clock.Machine()
	}
	return &runClocks{own: own, of: map[int]string{}, began: map[string]int64{}}
}

// note notes the clock of a device; one that has changed is another clock under the same
// events, and an error that wraps trace.ErrClocks.
func (c *runClocks) note(device int, name, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, ok := c.of[device]; ok && before != id {
		return fmt.Errorf("%w: device %s was started again, with another clock: %s instead of %s", trace.ErrClocks, name, id,
			before)
	}
	c.of[device] = id
	return nil
}

// start returns when a device shall begin. On the first device of a clock other than the
// coordinator's, that is for the device to say.
func (c *runClocks) start(device int) wire.StartRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := wire.StartRequest{Lead: int64(leadTime)}
	if at, ok := c.began[c.of[device]]; ok {
		req.T0, req.Clock = at, c.of[device]
	}
	return req
}

// beganAt notes when the run began on a clock, unless that is known.
func (c *runClocks) beganAt(b wire.Began) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.began[b.Clock]; !ok {
		c.began[b.Clock] = b.At
	}
}

func (c *runClocks) add(s sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.samples = append(c.samples, s)
}

// firsts returns a device of every clock but the coordinator's, or none if the devices have
// one clock: then nothing needs to be compared.
func (c *runClocks) firsts(devices []int) []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var firsts []int
	seen := map[string]bool{}
	for _, d := range devices {
		id := c.of[d]
		if !seen[id] && id != c.own.ID() {
			firsts = append(firsts, d)
		}
		seen[id] = true
	}
	if len(seen) < 2 {
		return nil
	}
	return firsts
}

// clocks returns the run's clocks for its trace, with that many of the last samples at most;
// nil if the devices have one clock.
func (r *run) clocks(most int) *trace.Clocks {
	c, devices := r.times, r.devices()
	if c.firsts(devices) == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &trace.Clocks{}
	index := map[string]int{}
	add := func(id string) {
		if _, ok := index[id]; !ok {
			index[id] = len(t.List)
			t.List = append(t.List, trace.Clock{ID: id, Began: c.began[id]})
		}
	}
	for _, d := range devices {
		add(c.of[d])
		clock := &t.List[index[c.of[d]]]
		clock.Devices = append(clock.Devices, r.name(d))
	}
	add(c.own.ID())
	for _, s := range c.samples[max(len(c.samples)-most, 0):] {
		from, known := index[s.by]
		to, too := index[s.Clock]
		fromZero, began := c.began[s.by]
		toZero, began2 := c.began[s.Clock]
		if known && too && began && began2 && from != to {
			t.Probes = append(t.Probes, trace.Probe{From: from, To: to, Sent: s.Sent - fromZero, Taken: s.Taken - toZero,
				Answered: s.Answered - toZero, Back: s.Back - fromZero})
		}
	}
	for _, q := range r.plan.Graph.FIFOs {
		t.Consumers = append(t.Consumers, q.To)
	}
	return t
}

// probed takes what an agent recorded of a probe of another device's clock. Until it is known
// when the run began on the agent's, its times say nothing.
func (r *run) probed(device string, rec *wire.Record) {
	c := r.times
	c.mu.Lock()
	defer c.mu.Unlock()
	by := c.of[r.plan.Platform.Device(device)]
	began, known := c.began[by]
	if !known {
		return
	}
	c.samples = append(c.samples, sample{by, probe.Sample{
		Sent: rec.Start + began, Back: rec.End + began,
		Probe: wire.Probe{Taken: rec.Frame, Answered: rec.Value, Clock: c.of[int(rec.Index)]},
	}})
}

// probe probes the devices' clocks until the run ends.
func (r *run) probe() {
	a := r.asker()
	for _, d := range r.times.firsts(r.devices()) {
		r.wg.Go(func() { a.Run(r.ctx, r.name(d), r.tookProbe) })
	}
}

// probeMore probes the devices' clocks a few times more, and waits for that.
func (r *run) probeMore() {
	a := r.asker()
	var wg sync.WaitGroup
	for _, d := range r.times.firsts(r.devices()) {
		wg.Go(func() { a.Some(r.ctx, r.name(d), r.tookProbe) })
	}
	wg.Wait()
}

func (r *run) asker() probe.Asker {
	return probe.Asker{Name: r.coordinator, Conn: r.nc, Clock: r.times.own}
}

func (r *run) tookProbe(s probe.Sample) { r.times.add(sample{r.times.own.ID(), s}) }

// toProbe returns the peers whose clocks a device shall probe: of two peers with different
// clocks, the first one in the plan probes the other.
func (r *run) toProbe(device int) []string {
	c := r.times
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, s := range r.slices {
		if s.Device != r.name(device) {
			continue
		}
		for _, peer := range s.Peers() {
			if p := r.plan.Platform.Device(peer); p > device && c.of[p] != c.of[device] {
				names = append(names, peer)
			}
		}
	}
	return names
}

const (
	// recentSamples is how many samples of every device checkClocks looks at: those of some
	// 40 s.
	recentSamples = 100
	// confirm is how long checkClocks waits for more probes, which tell whose clock it was.
	confirm = 3 * probe.Every
)

// checkClocks fails if probes show that a clock has jumped of late. It is called on and on.
func (r *run) checkClocks() error {
	if time.Since(r.checked) < probe.Every {
		return nil
	}
	r.checked = time.Now()
	c := r.clocks(recentSamples * len(r.slices))
	if c == nil {
		return nil
	}
	_, err := trace.NewLine(&trace.Trace{Clocks: c})
	switch {
	case !errors.Is(err, clocks.ErrJump):
		return nil // if it is an error, there are too few samples yet
	case r.jumped.IsZero():
		r.jumped = time.Now()
	}
	if time.Since(r.jumped) < confirm {
		return nil
	}
	return err
}

// sort puts the events of the trace in order, and relates the clocks that they lie on: by
// events only if the run was not interrupted so far.
func (r *run) sort() error {
	t := &r.tally.trace
	t.Restarts, t.Dropped = r.restarts()+r.fallbacks, r.tally.batches.Dropped()
	t.Clocks = r.clocks(math.MaxInt)
	return t.sort()
}
