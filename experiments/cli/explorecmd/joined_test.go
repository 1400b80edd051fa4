package explorecmd

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
)

func costing(ms int, basis string) profile.Entry {
	return profile.Entry{Samples: []time.Duration{time.Duration(ms) * time.Millisecond}, Basis: basis}
}

// Costs that are added fill what a profile lacks, and take the place of what it has only estimates of.
func TestJoin(t *testing.T) {
	p := &profile.Profile{
		Entries: map[string]profile.Entry{"a": costing(1, "")},
		Devices: map[string]*profile.Device{"box": {Dispatch: 7, Entries: map[string]profile.Entry{
			"a": costing(2, ""), "b": costing(3, "scaled"), "c": costing(4, "scaled"),
		}}},
	}
	more := &profile.Profile{
		Entries: map[string]profile.Entry{"a": costing(10, ""), "b": costing(11, "")},
		Devices: map[string]*profile.Device{
			"box":    {Dispatch: 9, Entries: map[string]profile.Entry{"a": costing(12, ""), "b": costing(13, "")}},
			"server": {Entries: map[string]profile.Entry{"b": costing(14, "")}},
		},
	}
	joined := join(p, more)
	assert.Equal(t, map[string]profile.Entry{"a": costing(1, ""), "b": costing(11, "")}, joined.Entries)
	assert.Equal(t, map[string]profile.Entry{
		"a": costing(2, ""), "b": costing(13, ""), "c": costing(4, "scaled"),
	}, joined.Devices["box"].Entries)
	assert.EqualValues(t, 7, joined.Devices["box"].Dispatch)
	assert.Equal(t, more.Devices["server"], joined.Devices["server"])
	assert.Equal(t, costing(3, "scaled"), p.Devices["box"].Entries["b"], "the profile is not changed")

	assert.Equal(t, map[string]profile.Entry{"a": costing(2, "")}, measuredOnly(p).Devices["box"].Entries)
	assert.Len(t, p.Devices["box"].Entries, 3, "the profile is not changed")
}

// Links of a testbed that no profile has are said to take no time.
func TestUnlinked(t *testing.T) {
	on := &platform{file: &planfile.File{Platform: plan.Platform{Links: []plan.Link{{Name: "near"}, {Name: "far"}}}}}
	p := &profile.Profile{Links: map[string]*profile.Link{"near": {}}}
	(&exploration{}).unlinked(on, p)
	assert.Empty(t, on.notes, "they are emulated")
	x := &exploration{testbed: &result.Testbed{}}
	x.unlinked(on, p)
	x.unlinked(on, p)
	assert.Equal(t, []string{"link far was not measured, and counts as taking no time"}, on.notes)
}
