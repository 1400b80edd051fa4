package profile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		samples []time.Duration
		want    time.Duration
	}{
		{nil, 0},
		{[]time.Duration{7}, 7},
		{[]time.Duration{9, 1, 5}, 5},
		{[]time.Duration{100, 2, 4, 1}, 3},
	} {
		before := append([]time.Duration(nil), c.samples...)
		assert.Equal(t, c.want, (profile.Entry{Samples: c.samples}).Median(), c.samples)
		assert.Equal(t, append([]time.Duration(nil), c.samples...), before, "the samples' order changed")
	}
}

func TestCost(t *testing.T) {
	p := &profile.Profile{Entries: map[string]profile.Entry{
		"a": {Samples: []time.Duration{3}}, "empty": {OutBytes: []int64{1}},
	}}
	e, err := p.Cost("a")
	require.NoError(t, err)
	assert.EqualValues(t, 3, e.Median())
	for _, key := range []string{"b", "empty"} {
		_, err := p.Cost(key)
		require.ErrorIs(t, err, profile.ErrMissing)
		assert.Contains(t, err.Error(), key)
	}
}

func TestJSONKeepsAll(t *testing.T) {
	want := profile.Profile{
		Machine:   "m",
		Entries:   map[string]profile.Entry{"k": {Samples: []time.Duration{1, 2}, OutBytes: []int64{3}}},
		Transport: profile.Transport{PerMessage: 1, PerByte: 0.5, SendPerMessage: 2, SendPerByte: 0.25, Dispatch: 3},
	}
	b, err := json.Marshal(want)
	require.NoError(t, err)
	var got profile.Profile
	err = json.Unmarshal(b, &got)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
