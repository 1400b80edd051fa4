package planfile_test

import (
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sharedPlan = cameraAndSink + `platform:
  devices:
    - {name: d, role: endpoint, units: [{name: cpu}]}
    - {name: e, role: server, units: [{name: cpu}]}
  links:
    - {name: l, between: [d, e], medium: cell}
  media:
    - {name: cell, capacity_bytes_per_sec: 54Mbit/s}
instances: [{mapping: [{unit: d.cpu, through: cam}, {unit: e.cpu}]}]
workload: {kind: offline, frames: 9}
`

func TestMedia(t *testing.T) {
	parse := func(edits ...string) (*planfile.File, error) {
		f, err := planfile.Parse("p.yaml", []byte(strings.NewReplacer(edits...).Replace(sharedPlan)))
		if err == nil {
			err = f.Check()
		}
		return f, err
	}
	f, err := parse("54Mbit/s}", "54Mbit/s, contention: 802.11a, message_bytes: 9000}")
	require.NoError(t, err)
	m := f.Platform.Media[0]
	m.Pos = plan.Medium{}.Pos
	assert.Equal(t, plan.Medium{Name: "cell", CapacityBytesPerSec: 54e6 / 8, Contention: "802.11a", MessageBytes: 9000}, m)
	assert.Equal(t, 0, f.Platform.Medium(&f.Platform.Links[0]))

	const medium = "bad input: p.yaml:15:"
	with := func(more string) []string { return []string{"54Mbit/s}", "54Mbit/s, " + more + "}"} }
	of := func(capacity string) []string { return []string{"54Mbit/s", capacity} }
	for says, edits := range map[string][]string{
		medium + "8: bad platform: medium cell has no capacity; give it one, such as capacity_bytes_per_sec: 54Mbit/s, or " +
			"a trace": {", capacity_bytes_per_sec: 54Mbit/s", ""},
		medium + "44: bad platform: medium cell: capacity of -1 bytes/s; expected more than 0, such as 54Mbit/s": of("-1"),
		medium + "44: bad quantity: expected bytes or bits per second, such as 12.5MB/s, 12.5MiB/s, 100Mbit/s or 12500000, " +
			"which is in bytes; found \".nan\"": of(".nan"),
		medium + "44: bad platform: medium cell: capacity of -125000 bytes/s; expected more than 0, such as 54Mbit/s": of(
			"-1Mbit/s"),
		medium + "61: bad platform: medium cell has a capacity and a trace of it; remove one": with("trace: a.csv"),
		medium + "66: bad platform: medium cell has no trace to loop":                         with("trace_loop: true"),
		medium + "67: bad platform: medium cell: -1ms per message; expected 0 to 1m0s, such as 50us": with(
			"per_message: -1ms"),
		medium + "67: bad platform: medium cell: 2h0m0s per message; expected 0 to 1m0s, such as 50us": with(
			"per_message: 2h"),
		medium + "69: bad platform: medium cell: messages of -5 bytes; expected 1 to 1073741824, or nothing for 1500": with(
			"message_bytes: -5"),
		medium + "66: bad platform: medium cell: contention \"aloha\"; expected none, linear or a Wi-Fi standard: 802.11a, " +
			"802.11b, 802.11g": with("contention: aloha"),
		medium + "67: bad platform: medium cell: 802.11b says itself what a message takes; remove per_message": with(
			"per_message: 50us, contention: 802.11b"),
		medium + "8: bad platform: medium cell: 0 per station; linear contention needs a part of a message's time above 0 " +
			"and at most 100, such as per_station: 0.05": with("contention: linear"),
		medium + "67: expected a number such as 0.5, found .nan": with("per_station: .nan, contention: linear"),
		medium + "67: bad platform: medium cell: 101 per station; linear contention needs a part of a message's time above " +
			"0 and at most 100, such as per_station: 0.05": with("per_station: 101, contention: linear"),
		medium + "67: bad platform: medium cell: only linear contention has a cost per station; remove it": with(
			"per_station: 0.1"),
		medium + "14: bad platform: no link is on medium cell; name it under medium of those that share it, or remove it": {
			", medium: cell", ""},
		medium + "14: bad platform: no link is on medium cell; name it under medium of those that share it, or remove it\n" +
			"bad input: p.yaml:13:42: bad platform: link l is on medium \"air\"; the media are cell": {
			"medium: cell", "medium: air"},
		"bad input: p.yaml:13:42: bad platform: link l is on medium \"cell\"; the platform has no media; list it under " +
			"media": {
			"  media:\n    - {name: cell, capacity_bytes_per_sec: 54Mbit/s}\n", ""},
		"bad input: p.yaml:13:55: bad platform: link l has a trace, and is on medium cell; give the trace to the medium": {
			"medium: cell", "medium: cell, trace: a.csv"},
		"bad input: p.yaml:13:57: bad platform: link l has outages, and is on medium cell; give the medium a trace of 0 " +
			"bytes/s at these times, or the plan faults of the link": {
			"medium: cell", "medium: cell, outages: [{from: 1s, for: 1s}]"},
		"bad input: p.yaml:16:14: bad platform: two media are named \"cell\"; give every one a name of its own": {
			"54Mbit/s}", "54Mbit/s}\n    - {name: cell, capacity_bytes_per_sec: 1}"},
		"bad input: p.yaml:15:14: bad platform: a medium has no name; give it one that no other has\n" +
			"bad input: p.yaml:13:42: bad platform: link l is on medium \"cell\"; the platform has no media; list it under " +
			"media": {"name: cell", `name: ""`},
	} {
		_, err := parse(edits...)
		assert.ErrorIs(t, err, yamlfile.ErrInput)
		assert.EqualError(t, err, says)
	}
}
