package studycmd

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
)

func TestMediumOfABase(t *testing.T) {
	shared := func(medium string) (*planfile.File, error) {
		s, err := study.Parse("study.yaml", []byte("study: s\nbase:\n  experiment: toy\n  medium: "+medium+
			"\nvary: [{key: 'platform.media[cell].capacity_bytes_per_sec', values: [1, 2]}]\n"))
		require.NoError(t, err)
		f := &planfile.File{Platform: plan.Platform{Links: []plan.Link{{Name: "a"}, {Name: "b"}}}}
		return f, (&loader{loaded: &loaded{spec: s}}).share(f)
	}
	f, err := shared("{name: cell, capacity_bytes_per_sec: 8Mbit/s}")
	require.NoError(t, err)
	assert.Equal(t, []plan.Medium{{Name: "cell", CapacityBytesPerSec: 1e6}}, f.Platform.Media)
	for _, l := range f.Platform.Links {
		assert.Equal(t, "cell", l.Medium)
	}
	_, err = shared("{name: cell}")
	require.EqualError(t, err, "bad input: study.yaml:4:12: bad platform: medium cell has no capacity; give it one, such "+
		"as capacity_bytes_per_sec: 54Mbit/s, or a trace")
	_, err = shared("{name: cell, capacity_bytes_per_sec: 1, contention: aloha}")
	require.EqualError(t, err, "bad input: study.yaml:4:63: bad platform: medium cell: contention \"aloha\"; expected "+
		"none, linear or a Wi-Fi standard: 802.11a, 802.11b, 802.11g")
}
