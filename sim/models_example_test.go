package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
)

const classification = `
plan: classification
application:
  name: classification
  actors:
    - {name: camera, kernel: camera, out: [{port: frame, type: "uint8[96,96,3]"}]}
    - {name: classify, kernel: classify, in: [{port: frame}], out: [{port: scores, type: "float32[4]"}]}
    - {name: sink, kernel: sink, in: [{port: scores}]}
  fifos:
    - {from: camera.frame, to: classify.frame}
    - {from: classify.scores, to: sink.scores}
platform:
  name: testbed
  devices:
    - {name: box, role: endpoint, units: [{name: cpu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: radio, between: [box, server], bandwidth_bytes_per_sec: 1e6, latency: 2ms}
instances:
  - mapping: [{unit: box.cpu, through: camera}, {unit: server.cpu}]
workload: {kind: single-stream, frames: 10}
`

// lasts simulates the plan and returns when its last event ends.
func lasts(d *sim.Driver) (time.Duration, error) {
	file, err := planfile.Parse("classification.yaml", []byte(classification))
	if err != nil {
		return 0, err
	}
	p, err := compile.Compile(file, nil)
	if err != nil {
		return 0, err
	}
	t, err := d.Run(context.Background(), p)
	if err != nil {
		return 0, err
	}
	return last(t), nil
}

func last(t *trace.Trace) time.Duration {
	var end int64
	for _, e := range t.Events {
		end = max(end, e.End)
	}
	return time.Duration(end).Round(time.Microsecond)
}

// throttled is a cost model: firings take 2 ms, and every fifth 12 ms, as of a processor
// that lowers its clock now and then.
type throttled struct{}

// Cost implements sim.CostModel. It returns a Cost for every kind of firing.
func (throttled) Cost(*profile.Profile, string, string) (sim.Cost, error) { return &firings{}, nil }

type firings struct{ n int }

// Next implements sim.Cost. A model that draws at random draws from rng alone.
func (f *firings) Next(*rand.Rand) time.Duration {
	f.n++
	if f.n%5 == 0 {
		return 12 * time.Millisecond
	}
	return 2 * time.Millisecond
}

// A cost model of one's own.
func ExampleCostModel() {
	for _, m := range []sim.CostModel{sim.Constant(2 * time.Millisecond), throttled{}} {
		d, err := lasts(&sim.Driver{Cost: m})
		fmt.Println(d, err)
	}
	// Output:
	// 378.489ms <nil>
	// 438.489ms <nil>
}

// relayed is a link model: a satellite between the devices, beside what Queue models.
type relayed struct {
	sim.Queue
	hop time.Duration
}

// Cross implements sim.LinkModel: a token arrives later, but keeps the link no longer busy.
func (r relayed) Cross(l *plan.Link, p *profile.Profile, from string, bytes int64) sim.Crossing {
	c := r.Queue.Cross(l, p, from, bytes)
	c.Flight += r.hop
	return c
}

// Ack implements sim.LinkModel.
func (r relayed) Ack(l *plan.Link, p *profile.Profile) time.Duration {
	return r.Queue.Ack(l, p) + r.hop
}

// A link model of one's own, made from one that is there.
func ExampleLinkModel() {
	for _, hop := range []time.Duration{0, 250 * time.Millisecond} {
		d, err := lasts(&sim.Driver{Cost: sim.Constant(0), Link: relayed{hop: hop}})
		fmt.Println(d, err)
	}
	// Output:
	// 318.489ms <nil>
	// 5.568489s <nil>
}
