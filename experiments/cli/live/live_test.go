package live_test

import (
	"encoding/json"
	"fmt"

	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// began is when the agents of the tests were started.
var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is the answer of a device at a time of its run in s, in which it did frames at a rate. Its unit
// is busy for unitShare of the time, its link to the peer for linkShare, at 1 MB/s.
func at(name, peer string, seconds, framesPerSec, unitShare, linkShare float64) live.Reading {
	ns := func(share float64) int64 { return int64(share * seconds * 1e9) }
	return live.Reading{Device: name, Status: &wire.AgentStatus{
		Device: name, State: wire.Running, Run: "run1", PID: 7, Started: began, AtNs: 1e15 + ns(1),
		Frames: int64(framesPerSec * seconds), Total: 1000, Held: &wire.Held{Owner: wire.Owner{Coordinator: "lab"}},
		SentBytes: uint64(ns(linkShare)) / 1000, ReceivedBytes: uint64(ns(1)) / 1e6,
		Detail: &wire.Detail{Work: &wire.Work{
			Role: "endpoint", Units: []wire.UnitWork{{Name: "cpu", Provider: "cpu", Lanes: 1, BusyNs: ns(unitShare)}},
			Links: []wire.LinkWork{{Name: name + "-" + peer, Peer: peer, BusyNs: ns(linkShare),
				SentBytes: ns(linkShare) / 1000, BytesPerSec: 1e6, Shaped: true}},
			FIFOs: []wire.FIFOWork{{Name: "head->tail", Peer: peer, Sends: true, Tokens: 1, Capacity: 4}},
		}},
	}}
}

// pair are two readings of an endpoint and a server, 10 s apart.
func pair(framesPerSec, endpoint, link, server float64) (before, now []live.Reading) {
	for _, seconds := range []float64{20, 30} {
		readings := []live.Reading{at("endpoint", "server", seconds, framesPerSec, endpoint, link),
			at("server", "endpoint", seconds, framesPerSec, server, 0)}
		before, now = now, readings
	}
	return before, now
}

func TestBottlenecks(t *testing.T) {
	var b strings.Builder
	say := func(name string, before, now []live.Reading) {
		fmt.Fprintf(&b, "%s:\n", name)
		for _, line := range live.ScreenOf(before, now).Bottlenecks {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	before, now := pair(11.7, 0.41, 0.97, 0.3)
	say("the link", before, now)
	before, now = pair(30, 0.99, 0.2, 0.3)
	say("the endpoint", before, now)
	before, now = pair(30, 0.2, 0.2, 1.02)
	say("the server, with firings that ended in the time and began before", before, now)
	before, now = pair(0.5, 0.2, 0.95, 0.1)
	say("few frames", before, now)
	before, now = pair(20, 0.4, 0.3, 0.25)
	say("one frame after another", before, now)
	now[0].Status.Detail.Work.Links[0].Shaped, now[0].Status.Detail.Work.FIFOs[0].Tokens = false, 4
	say("a full FIFO before a link that was measured", before, now)
	now[0].Status.Detail.Work.Links[0].BytesPerSec = 0
	say("a full FIFO before a link that is not shaped", before, now)
	before, now = pair(0, 0.1, 0.1, 0.1)
	now[1].Status.Waits = []string{"tail waits for tokens of head->tail", "sink waits for tokens of tail->sink", "a third"}
	say("a run that stands", before, now)
	before, now = pair(20, 0.9, 0.3, 0.25)
	now[0].Status.Detail.Work.WaitedNs = 2e9
	now[0].Status.Detail.State = &device.State{Throttled: []device.Throttle{{Name: "under-voltage", Flag: true, Value: 1}}}
	say("waiting for records, and throttled", before, now)
	before, now = pair(20, 0.9, 0.3, 0.25)
	before[1].Status.Run, now[1].Status.Run = "run2", "run2"
	before[0].Status.Detail.Work.Links[0].Name, now[0].Status.Detail.Work.Links[0].Name = "wifi", "wifi"
	now[0].Status.Detail.Work.Links[0].BusyNs += 9e9
	say("two runs, one of them over a link with a name of its own", before, now)
	before, now = pair(20, 0.9, 0.3, 0.25)
	before[0].Status.Run, before[1].Status.Run = "run0", "run0"
	say("a run that has just begun", before, now)
	now[0].Status.State, now[1].Status.State = wire.Loading, wire.Free
	say("no run goes on", before, now)
	say("nobody answers", before, []live.Reading{{Device: "endpoint", Error: "no agent"}})
	golden.Check(t, filepath.Join("testdata", "bottlenecks.txt"), b.String())
}

// All that a row shows, from two answers of the device.
func TestRow(t *testing.T) {
	before, now := pair(12, 0.4, 0.97, 0.3)
	b, n := before[0].Status, now[0].Status
	n.Detail.State = &device.State{PowerMode: "0 MAXN", Zones: []device.Zone{{Name: "cpu", Celsius: 50},
		{Name: "gpu", Celsius: 61.5}}}
	b.Detail.Work.Energy, n.Detail.Work.Energy = &energy.Amount{Joules: 100, CoveredNs: 20e9}, &energy.Amount{Joules: 168,
		CoveredNs: 30e9}
	n.Detail.Work.Links[0].ResentTokens = 3
	row, err := json.MarshalIndent(live.RowOf(before[0], now[0]), "", "  ")
	require.NoError(t, err)
	golden.Check(t, filepath.Join("testdata", "row.json"), append(row, '\n'))
}

// Rates are of two answers of one agent about one run.
func TestWhatHasNoRates(t *testing.T) {
	for name, change := range map[string]func(b, n *live.Reading){
		"no earlier answer":  func(b, _ *live.Reading) { *b = live.Reading{} },
		"an agent restarted": func(b, _ *live.Reading) { b.Status.Started = began.Add(-time.Hour) },
		"another process":    func(b, _ *live.Reading) { b.Status.PID = 8 },
		"the same answer":    func(b, n *live.Reading) { *n = *b },
	} {
		before, now := pair(12, 0.4, 0.97, 0.3)
		change(&before[0], &now[0])
		row := live.RowOf(before[0], now[0])
		assert.Nil(t, row.Rates, name)
		assert.Nil(t, row.Units[0].Busy, name)
		assert.Nil(t, row.Links[0].SentBytesPerSec, name)
		assert.Empty(t, live.Bottlenecks([]live.Row{row}), name)
	}
	before, now := pair(12, 0.4, 0.97, 0.3)
	before[0].Status.Run = "earlier"
	row := live.RowOf(before[0], now[0])
	assert.Zero(t, row.Rates.FramesPerSec, "another run")
	assert.InDelta(t, 970e3, row.Rates.SentBytesPerSec, 1, "bytes are the agent's")
	assert.Nil(t, row.Units[0].Busy, "another run")

	now[0].Status.Detail = nil
	row = live.RowOf(before[0], now[0])
	assert.Empty(t, row.Units, "an agent of an earlier version")
	assert.Equal(t, "lab", row.Owner)
	row = live.RowOf(before[0], live.Reading{Device: "endpoint", Error: "it is gone"})
	assert.Equal(t, live.Row{Device: "endpoint", Error: "it is gone"}, row)
}
