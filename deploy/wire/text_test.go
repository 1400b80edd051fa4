package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ünïcode\n\tand lines":       "plain, ünïcode\n\tand lines",
		"\x1b[31mred\x1b]0;title\x07\x1b":   "?[31mred?]0;title??",
		"back\rspace\b\x00\x7f\u0085\u009b": "back?space?????",
		"right\u202eto left\ufeff":          "right?to left?",
		"cut \xc3":                          "cut ?",
		"":                                  "",
	} {
		assert.Equal(t, want, wire.Clean(in, 100))
	}
	assert.Equal(t, "aaaa ...", wire.Clean("aaaaaa", 4))
	assert.Equal(t, "aaa? ...", wire.Clean("aaaéa", 4), "cut within a character")
}

// What a detail says is cleaned, too, whatever field it is in.
func TestCleanDetail(t *testing.T) {
	const esc = "\x1b[2J"
	r := wire.Reply{Status: &wire.AgentStatus{Detail: &wire.Detail{
		Work: &wire.Work{
			Role: esc, EnergyMissing: esc, Units: []wire.UnitWork{{Name: esc, Provider: esc}},
			Links: []wire.LinkWork{{Name: esc, Peer: esc}}, FIFOs: []wire.FIFOWork{{Name: esc, Peer: esc}},
		},
		State: &device.State{
			PowerMode: esc, Missing: []string{esc}, Clocks: []device.Clock{{Of: esc, Governor: esc}},
			Zones: []device.Zone{{Name: esc}}, Throttled: []device.Throttle{{Name: esc}},
		},
	}}}
	r.Clean()
	b, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, string(b), "u001b")
	assert.Equal(t, 14, strings.Count(string(b), "?[2J"))
}

func TestCleanReplies(t *testing.T) {
	const esc = "\x1b[2J"
	r := wire.Reply{Error: esc, Incarnation: esc, Notes: []string{esc, strings.Repeat("n", 1<<20)},
		Began: &wire.Began{Clock: esc},
		Status: &wire.AgentStatus{Device: esc, Version: esc, ORT: esc, Run: esc, Failed: esc, Waits: []string{esc},
			Host: esc, State: esc, Rejected: map[string]uint64{esc: 2},
			Fingerprint: &device.Fingerprint{Processor: esc, System: esc, Board: esc, PowerMode: esc, Runtime: esc, Program: esc,
				Accelerators: []string{esc}, Providers: []string{esc}, Clocks: []device.Limits{{Of: esc, Governor: esc}}}}}
	r.Clean()
	said, err := json.Marshal(r.Status.Fingerprint)
	require.NoError(t, err)
	assert.NotContains(t, string(said), `\u001b`)
	assert.Equal(t, 10, strings.Count(string(said), "?[2J"))
	for _, text := range append([]string{r.Error, r.Incarnation, r.Began.Clock, r.Status.Device, r.Status.Version,
		r.Status.ORT, r.Status.Run, r.Status.Failed, r.Status.Host, string(r.Status.State)},
		append(r.Notes, r.Status.Waits...)...) {
		assert.NotContains(t, text, "\x1b")
		assert.NotEmpty(t, text)
		assert.LessOrEqual(t, len(text), wire.NoteBytes+4)
	}
	assert.Equal(t, map[string]uint64{"?[2J": 2}, r.Status.Rejected)
	a := wire.Alive{Incarnation: esc, Run: esc, Failed: esc, Goodbye: esc, Ended: &wire.Ended{Why: esc}}
	a.Clean()
	assert.NotContains(t, a.Incarnation+a.Run+a.Failed+a.Goodbye+a.Ended.Why, "\x1b")
}
