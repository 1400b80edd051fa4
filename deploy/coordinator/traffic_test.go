package coordinator

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

func TestTokensCountWithTheHeadersOfTheirParts(t *testing.T) {
	b := enginetest.NewBuilder("p", 1, 1, 1)
	b.Chain(1, 1, 0, 1)
	p := b.Plan()
	p.Platform.Links[0].BandwidthBytesPerSec = 1e6
	tr := &trace.Trace{Events: []trace.Event{
		{Kind: trace.Send, Device: "d0", Bytes: plan.ChunkBytes + 1},
		{Kind: trace.Recv, Device: "d1", Bytes: plan.ChunkBytes + 1},
		{Kind: trace.Send, Device: "d0"},
		{Kind: trace.Ack, Device: "d0", Bytes: 9},
		{Kind: trace.Firing, Device: "d1", FIFO: -1},
	}}
	assert.Equal(t, map[string]crossed{
		"d0": {sent: plan.ChunkBytes + 1 + 3*wire.HeaderBytes}, "d1": {received: plan.ChunkBytes + 1 + 2*wire.HeaderBytes},
	}, tokenBytes(p, tr, 1<<20))
}

func TestTheServersBytesAreThoseOfTheTrace(t *testing.T) {
	devices := map[string]crossed{"d0": {sent: 1000}, "d1": {received: 1000}}
	other := map[string]int64{"d0": 10, "d1": 20}
	const all = 10 + 20 + 5
	for name, tt := range map[string]struct {
		from0, to1 int64
		less       bool
		words      string
	}{
		"tokens alone":      {1000, 1000, false, ""},
		"with all the rest": {1000 + 10 + strayBytes, 1000 + all + strayBytes, false, ""},
		"a record too many": {999, 1000, true, "device d0: sent 1000 bytes"},
		"a record lost":     {1000 + 10 + strayBytes + 1, 1000, false, "device d0: sent 1000 bytes"},
		"bytes not given":   {1000, 999, true, "device d1: received 1000 bytes"},
		"bytes given twice": {1000, 1000 + all + strayBytes + 1, false, "device d1: received 1000 bytes"},
	} {
		counted := map[string]Traffic{"d0": {FromClient: tt.from0}, "d1": {ToClient: tt.to1}}
		less, err := compareBytes(devices, counted, other, all)
		assert.Equal(t, tt.less, less, name)
		if tt.words == "" {
			assert.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, trace.ErrConservation, name)
		assert.ErrorContains(t, err, tt.words, name)
	}
}

// Several errors come in one order.
func TestErrorsOfTrafficAreInOrder(t *testing.T) {
	devices := map[string]crossed{}
	for i := range 8 {
		devices[fmt.Sprint("d", i)] = crossed{sent: 1}
	}
	_, first := compareBytes(devices, nil, nil, 0)
	require.Error(t, first)
	for range 20 {
		_, err := compareBytes(devices, nil, nil, 0)
		require.Equal(t, first.Error(), err.Error())
	}
}

// A device whose firings waited for records says so in the trace.
func TestWaitedForRecordsIsInTheTrace(t *testing.T) {
	nc, err := nats.Connect("", nats.RetryOnFailedConnect(true))
	require.NoError(t, err)
	defer nc.Close()
	r := &run{nc: nc, tally: newTally(twoInstances(1)), messages: messages{other: map[string]int64{}}}
	r.countAfter("d0", &wire.Reply{WaitedNs: 5})
	r.countAfter("d1", &wire.Reply{})
	assert.Equal(t, []trace.Waited{{Device: "d0", Ns: 5}}, r.tally.trace.Waited)
}
