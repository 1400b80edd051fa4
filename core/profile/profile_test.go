package profile_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
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
		if got := (profile.Entry{Samples: c.samples}).Median(); got != c.want {
			t.Errorf("%v: got %v, want %v", c.samples, got, c.want)
		}
		if !reflect.DeepEqual(before, append([]time.Duration(nil), c.samples...)) {
			t.Errorf("the samples' order changed: %v", c.samples)
		}
	}
}

func TestCost(t *testing.T) {
	p := &profile.Profile{Entries: map[string]profile.Entry{"a": {Samples: []time.Duration{3}}, "empty": {OutBytes: []int64{1}}}}
	if e, err := p.Cost("a"); err != nil || e.Median() != 3 {
		t.Errorf("got %v, %v", e, err)
	}
	for _, key := range []string{"b", "empty"} {
		if _, err := p.Cost(key); !errors.Is(err, profile.ErrMissing) || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v", key, err)
		}
	}
}

func TestJSONKeepsAll(t *testing.T) {
	want := profile.Profile{
		Machine:   "m",
		Entries:   map[string]profile.Entry{"k": {Samples: []time.Duration{1, 2}, OutBytes: []int64{3}}},
		Transport: profile.Transport{PerMessage: 1, PerByte: 0.5, SendPerMessage: 2, SendPerByte: 0.25, Dispatch: 3},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got profile.Profile
	if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}
