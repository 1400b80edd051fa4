package coordinator_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/stretchr/testify/require"
)

// chain returns a plan of count -> pass -> sink with tokens of the given type, the
// pass and the sink on the second device.
func chain(name string, frames int64, token graph.TokenType, link plan.Link) *plan.Plan {
	b := enginetest.NewBuilder(name, frames, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	p := b.Plan()
	for i := range p.Graph.Actors {
		for _, ports := range [][]graph.Port{p.Graph.Actors[i].In, p.Graph.Actors[i].Out} {
			for j := range ports {
				ports[j].Type = token
			}
		}
	}
	l := &p.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency, l.Seal, l.Trace = link.BandwidthBytesPerSec, link.Latency, link.Seal, link.Trace
	return p
}

func tensor(bytes int64) graph.TokenType {
	return graph.TokenType{Elem: "uint8", Shape: []int64{bytes}}
}

func opaque(bound int64) graph.TokenType {
	return graph.TokenType{Elem: graph.Opaque, Shape: []int64{bound}}
}

func TestConformance(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1", "d2")
	rates, err := profile.NewRates([]profile.Rate{{BytesPerSec: 50e6}, {At: 20 * time.Millisecond},
		{At: 30 * time.Millisecond, BytesPerSec: 20e6}}, true, func(int) string { return "" })
	require.NoError(t, err)
	driver := func(*testing.T) enginetest.Driver {
		d := tb.Driver()
		d.Read = func(*plan.Link) *profile.Link { return &profile.Link{Rates: rates} }
		return d
	}
	enginetest.Conformance(t, driver,
		chain("tokens of several chunks", 10, tensor(3*plan.ChunkBytes+100), plan.Link{}),
		chain("tokens of several messages", 5, tensor(1<<20+100), plan.Link{}),
		chain("tokens of whole chunks", 10, tensor(2*plan.ChunkBytes), plan.Link{}),
		chain("opaque tokens", 20, opaque(plan.ChunkBytes+40), plan.Link{}),
		chain("empty opaque tokens", 3, opaque(1), plan.Link{}),
		chain("shaped link", 10, tensor(2*plan.ChunkBytes),
			plan.Link{BandwidthBytesPerSec: 50e6, Latency: 2 * time.Millisecond}),
		chain("sealed tokens of several messages", 5, tensor(1<<20+100), plan.Link{Seal: true}),
		chain("sealed opaque tokens", 20, opaque(plan.ChunkBytes+40), plan.Link{Seal: true}),
		chain("empty sealed tokens", 3, opaque(1), plan.Link{Seal: true}),
		chain("shaped and sealed link", 10, tensor(2*plan.ChunkBytes),
			plan.Link{BandwidthBytesPerSec: 50e6, Latency: 2 * time.Millisecond, Seal: true}),
		chain("link with a trace", 10, tensor(2*plan.ChunkBytes), plan.Link{Trace: "wifi.csv", Latency: time.Millisecond}),
		chain("link with latency alone", 5, tensor(100), plan.Link{Latency: 2 * time.Millisecond}),
		chain("link with bandwidth alone", 5, tensor(100), plan.Link{BandwidthBytesPerSec: 1e6}),
	)
}
