package profile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/core/profile"
)

// The first sample was taken while the machine was twice as slow as for the second.
func drifting() profile.Entry {
	return profile.Entry{Samples: []time.Duration{200, 100}, References: []time.Duration{20, 10}, OutBytes: []int64{7}}
}

func TestCorrectedFollowsTheReference(t *testing.T) {
	c, ok := drifting().Corrected(15)
	assert.True(t, ok)
	assert.Equal(t, profile.Entry{
		Samples: []time.Duration{150, 150}, References: []time.Duration{15, 15}, OutBytes: []int64{7},
	}, c)
	then, ok := drifting().Reference()
	assert.True(t, ok)
	assert.Equal(t, time.Duration(15), then)
}

func TestCorrectedWithoutReference(t *testing.T) {
	for _, e := range []profile.Entry{
		{}, {Samples: []time.Duration{3}}, {Samples: []time.Duration{3, 4}, References: []time.Duration{1}},
	} {
		c, ok := e.Corrected(15)
		assert.False(t, ok)
		assert.Equal(t, e, c)
	}
	_, ok := drifting().Corrected(0)
	assert.False(t, ok)
}

func TestCorrectedProfile(t *testing.T) {
	bare := profile.Entry{Samples: []time.Duration{3}}
	p := &profile.Profile{Machine: "m", Entries: map[string]profile.Entry{"a": drifting(), "b": bare}}
	c := p.Corrected(10)
	assert.Equal(t, time.Duration(100), c.Entries["a"].Median())
	assert.Equal(t, bare, c.Entries["b"])
	assert.Equal(t, drifting(), p.Entries["a"], "the stored profile changed")
}

func TestAddKeepsReferencesOfAllOrNone(t *testing.T) {
	var e profile.Entry
	e.Add(drifting())
	e.Add(drifting())
	assert.Equal(t, []time.Duration{20, 10, 20, 10}, e.References)
	e.Add(profile.Entry{Samples: []time.Duration{1}})
	assert.Empty(t, e.References)
	assert.Len(t, e.Samples, 5)
	assert.Equal(t, []int64{7}, e.OutBytes)
}
