package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Traffic is what one connection has carried since it was made, as the NATS server
// counts it: the bytes of messages, without subjects and the protocol's own lines.
type Traffic struct {
	Connection uint64 // tells it from an earlier one of the same client
	FromClient int64
	ToClient   int64
}

// Server reads the counters of the NATS server that carries a run's messages.
type Server interface {
	// Traffic returns what every open connection has carried, by the client's name; it
	// leaves out clients of equal names.
	Traffic() (map[string]Traffic, error)
}

const (
	// strayBytes bounds what a connection carries between the reading of an agent's
	// counters and that of the server's, beside the answer that brings the former: at most
	// six heartbeats, as these come twice a second, and requests of others, such as nats
	// micro ls, to the agent's service, with their answers.
	strayBytes = 4 << 10
	// settleLimit is how long the server may take to count what it has passed on.
	settleLimit = 2 * time.Second
	settleEvery = 5 * time.Millisecond
)

// messages is what was counted of a run's messages, beside its trace.
type messages struct {
	server      map[string]Traffic // the server's counters before the run; nil: not known
	unknown     error              // why they are not
	coordinator uint64             // bytes that the coordinator had published before it
	other       map[string]int64   // by device: bytes beside those of tokens sent for the first time
}

var errNoCounters = errors.New("the NATS server is not this program's own, so its counters can't be read")

// countBefore reads the counters before the run begins, when all sub-models are loaded.
func (r *run) countBefore() {
	r.messages.coordinator, r.messages.other = r.nc.Stats().OutBytes, map[string]int64{}
	if r.driver.Server == nil {
		r.messages.unknown = errNoCounters
		return
	}
	r.messages.server, r.messages.unknown = r.driver.Server.Traffic()
}

// countAfter takes what an agent has counted until the end.
func (r *run) countAfter(name string, reply *wire.Reply) {
	t := &r.tally.trace
	t.Counted = append(t.Counted, reply.Counted...)
	for _, c := range reply.Captured {
		if a := c.Actor; a >= 0 && a < len(r.plan.Work) && r.plan.DeviceOf(a).Name == name { // else it can't be true
			t.Captured = append(t.Captured, trace.Captured{Device: name, Name: r.plan.Graph.Actors[a].Name, Actor: a,
				Counts: c.Counts})
		}
	}
	if reply.WaitedNs > 0 {
		t.Waited = append(t.Waited, trace.Waited{Device: name, Ns: reply.WaitedNs})
	}
	t.Metered = append(t.Metered, reply.Metered...)
	if reply.State != nil {
		t.States = append(t.States, device.Of{Device: name, Span: *reply.State})
	}
	r.countOther(name, reply)
}

// countOther takes what an agent has sent beside tokens, the answer that says so included.
func (r *run) countOther(device string, reply *wire.Reply) {
	answer, _ := json.Marshal(reply) // as it was sent; it has been decoded from that
	r.messages.other[device] = reply.OtherBytes + wire.MessageBytes(int64(len(answer)), r.nc.MaxPayload())
}

// countAgain asks again what agents have sent, now that no trace batch will be sent again.
func (r *run) countAgain() error {
	ctx := context.WithoutCancel(r.ctx)
	req := wire.FinishRequest{RunRequest: wire.RunRequest{Run: r.id}, Received: true}
	for _, device := range slices.Sorted(maps.Keys(r.messages.other)) {
		reply, err := r.ask(ctx, r.plan.Platform.Device(device), wire.Finish, answerLimit, req)
		if err != nil {
			return err
		}
		r.countOther(device, reply)
	}
	return nil
}

// checkBytes proves, once the server has counted all, that the trace's tokens are what
// it carried. Where that can't be told, the trace says so.
func (r *run) checkBytes() error {
	t := &r.tally.trace.Trace
	devices := tokenBytes(r.plan, t, r.nc.MaxPayload())
	if len(devices) == 0 {
		return nil // nothing crosses
	}
	if r.messages.unknown == nil {
		if err := r.countAgain(); err != nil {
			return err
		}
	}
	all := int64(r.nc.Stats().OutBytes - r.messages.coordinator)
	for _, n := range r.messages.other {
		all += n
	}
	for deadline := time.Now().Add(settleLimit); ; time.Sleep(settleEvery) {
		now, err := r.traffic(devices)
		if err != nil {
			t.Unchecked = append(t.Unchecked, "bytes of the trace against those of the NATS server: "+err.Error())
			return nil
		}
		var less bool
		less, err = compareBytes(devices, now, r.messages.other, all)
		if !less || time.Now().After(deadline) {
			return err
		}
	}
}

// traffic returns what the devices' connections have carried since countBefore. An
// error says why that is not known.
func (r *run) traffic(devices map[string]crossed) (map[string]Traffic, error) {
	if r.messages.unknown != nil {
		return nil, r.messages.unknown
	}
	after, err := r.driver.Server.Traffic()
	if err != nil {
		return nil, err
	}
	since := map[string]Traffic{}
	for _, device := range slices.Sorted(maps.Keys(devices)) {
		var sum Traffic
		for _, name := range []string{wire.ConnectionName(device), wire.DataConnectionName(device)} {
			a, counted := after[name]
			b, before := r.messages.server[name]
			_, answered := r.messages.other[device]
			switch {
			case !counted || !before:
				return nil, fmt.Errorf("it knows no single connection of device %s", device)
			case a.Connection != b.Connection:
				return nil, fmt.Errorf("device %s has connected again", device)
			case !answered:
				return nil, fmt.Errorf("device %s has not told its own counters", device)
			}
			sum.FromClient += a.FromClient - b.FromClient
			sum.ToClient += a.ToClient - b.ToClient
		}
		since[device] = sum
	}
	return since, nil
}

// crossed is what a device has sent and received according to a trace: bytes of all
// messages that carry its tokens.
type crossed struct{ sent, received int64 }

// tokenBytes returns what devices have sent and received, by device, in messages of at
// most limit bytes.
func tokenBytes(p *plan.Plan, t *trace.Trace, limit int64) map[string]crossed {
	devices := map[string]crossed{}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != trace.Send && e.Kind != trace.Recv {
			continue
		}
		var link *plan.Link
		if route := p.Routes[e.FIFO]; route >= 0 {
			link = &p.Platform.Links[route]
		}
		n, d := wire.TokenBytes(link, e.Bytes, limit), devices[e.Device]
		if e.Kind == trace.Send {
			d.sent += n
		} else {
			d.received += n
		}
		devices[e.Device] = d
	}
	return devices
}

// compareBytes proves of every device, from what the server counted, that
//
//   - it took the trace's tokens from the device, each part with its header, and beside
//     them no more than the device's other messages (acknowledgements, greetings,
//     heartbeats, trace batches, answers, tokens sent again) and strayBytes;
//   - it gave the trace's tokens to the device, and beside them no more than all others'
//     other messages and strayBytes, as every message reaches a device at most once.
//
// other is by device, and all is their sum with the coordinator's. less reports that the server has
// counted less than the tokens, which may be because it is late. An error wraps
// trace.ErrConservation.
func compareBytes(
	devices map[string]crossed, counted map[string]Traffic, other map[string]int64, all int64,
) (less bool, err error) {
	var errs []error
	compare := func(device, what string, traced, counted, most int64) {
		less = less || counted < traced
		if counted < traced || counted > traced+most+strayBytes {
			errs = append(errs, fmt.Errorf(
				"%w: device %s: %s %d bytes in messages of tokens by the trace; the NATS server counted %d, expected that to %d "+
					"more",
				trace.ErrConservation, device, what, traced, counted, most+strayBytes))
		}
	}
	for _, device := range slices.Sorted(maps.Keys(devices)) {
		c := devices[device]
		compare(device, "sent", c.sent, counted[device].FromClient, other[device])
		compare(device, "received", c.received, counted[device].ToClient, all)
	}
	return less, errors.Join(errs...)
}
