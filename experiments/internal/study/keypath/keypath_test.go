package keypath_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/experiments/internal/study/keypath"
)

type link struct {
	Name      string               `yaml:"name"`
	Bandwidth quantity.BytesPerSec `yaml:"bandwidth"`
	Latency   time.Duration        `yaml:"latency,omitempty"`
	Hidden    int                  `yaml:"-"`
}

type file struct {
	Links  []link         `yaml:"links"`
	Params map[string]any `yaml:"params"`
	Power  *struct {
		Idle *quantity.Watts `yaml:"idle"`
	} `yaml:"power"`
	Frames int64
	Lanes  uint8   `yaml:"lanes"`
	Share  float64 `yaml:"share"`
	State  bool    `yaml:"state"`
}

func data() *file {
	return &file{
		Links:  []link{{Name: "wired", Bandwidth: 1e6}, {Name: "wifi", Latency: time.Second}},
		Params: map[string]any{"threshold": 0.5, "size": uint64(300), "mode": "fast", "on": true, "list": []any{1}},
	}
}

func set(t *testing.T, f *file, path, text string) (keypath.Value, error) {
	t.Helper()
	p, err := keypath.Parse(path)
	require.NoError(t, err)
	at, err := p.Find(f)
	if err != nil {
		return keypath.Value{}, err
	}
	v, err := at.Parse(text)
	if err == nil {
		at.Set(v)
	}
	return v, err
}

func TestSet(t *testing.T) {
	f := data()
	for _, c := range []struct {
		path, text string
		number     float64
	}{
		{"links[0].bandwidth", "8Mbit/s", 1e6}, {"$.links[wifi].latency", "5 ms", 0.005}, {"links[1].name", "lan",
			math.NaN()},
		{"params.threshold", "0.7", 0.7}, {"params.size", "512", 512}, {"params.mode", "slow", math.NaN()},
		{"params.on", "false", math.NaN()}, {"power.idle", "850mW", 0.85}, {"frames", "40", 40}, {"lanes", "3", 3},
		{"share", "1e-3", 0.001}, {"state", "true", math.NaN()},
	} {
		v, err := set(t, f, c.path, c.text)
		require.NoError(t, err, c.path)
		if math.IsNaN(c.number) {
			assert.True(t, math.IsNaN(v.Number), c.path)
			continue
		}
		assert.Equal(t, c.number, v.Number, c.path)
	}
	assert.Equal(t, []link{{Name: "wired", Bandwidth: 1e6}, {Name: "lan", Latency: 5 * time.Millisecond}}, f.Links)
	assert.Equal(t, map[string]any{"threshold": 0.7, "size": uint64(512), "mode": "slow", "on": false, "list": []any{1}},
		f.Params)
	assert.Equal(t, quantity.Watts(0.85), *f.Power.Idle)
	assert.Equal(t, []any{int64(40), uint8(3), 0.001, true}, []any{f.Frames, f.Lanes, f.Share, f.State})
}

func TestBadPathsAndValues(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"links[2].name", "", "no such key: links[2].name: links has 2 items, counted from 0"},
		{"links[lan].name", "", `no such key: links[lan].name: links has no item named "lan"; it has wifi, wired`},
		{"links.name", "", `no such key: links.name: links is one value and has no key "name"`},
		{"frames[0]", "", "no such key: frames[0]: frames is no list"},
		{"link", "", `no such key: link: the file has no key "link"; it has frames, lanes, links, params, power, ` +
			`share, state; did you mean "links"?`},
		{"links[0].hidden", "", `no such key: links[0].hidden: links[0] has no key "hidden"; it has bandwidth, ` +
			`latency, name`},
		{"params.speed", "", "no such key: params.speed: nothing stands under params.speed; write a value there for " +
			"the study to vary"},
		{"frames", "1.5", `not a value of the key: frames is a whole number such as 10; found "1.5"`},
		{"lanes", "-1", `not a value of the key: lanes is a whole number from 0 on such as 10; found "-1"`},
		{"lanes", "256", `not a value of the key: lanes is a whole number from 0 on such as 10; found "256"`},
		{"share", "NaN", `not a value of the key: share is a finite number such as 0.5; found "NaN"`},
		{"state", "maybe", `not a value of the key: state is true or false; found "maybe"`},
		{"params.threshold", "high", `not a value of the key: params.threshold is a number; found "high"`},
		{"params.list", "1", "not a value of the key: params.list is a list or a mapping, and a study varies single " +
			"values; name one in it"},
		{"links", "1", `not a value of the key: links is a list or a mapping, and a study varies single values; name ` +
			`one in it; found "1"`},
		{"links[0].latency", "5", `not a value of the key: links[0].latency: bad quantity: expected a duration with ` +
			`its unit, such as 5ms, 5s or 5us; found "5"`},
	} {
		_, err := set(t, data(), c.path, c.text)
		assert.EqualError(t, err, c.want, c.path)
	}
	for path, want := range map[string]string{
		"":         `no such key: "" has an empty name; write it as platform.links[0].latency`,
		"a..b":     `no such key: "a..b" has an empty name; write it as platform.links[0].latency`,
		"a[]":      `no such key: "a[]": a bracket holds the index or the name of an item, such as links[0] or links[wifi]`,
		"a[0":      `no such key: "a[0": a bracket holds the index or the name of an item, such as links[0] or links[wifi]`,
		"a[0]name": `no such key: "a[0]name": behind ] comes . or [`,
	} {
		_, err := keypath.Parse(path)
		assert.EqualError(t, err, want)
	}
}

func TestUnder(t *testing.T) {
	p, err := keypath.Parse("$.platform.links[wifi].latency")
	require.NoError(t, err)
	assert.Equal(t, "platform.links[wifi].latency", p.String())
	assert.Equal(t, 4, p.Len())
	assert.True(t, p.Under("platform", "links", "*", "latency"))
	assert.True(t, p.Under("platform"))
	assert.False(t, p.Under("platform", "*"))
	assert.False(t, p.Under("platform", "links", "wifi"))
	assert.False(t, p.Under("platform", "links", "*", "latency", "more"))
}

func Example() {
	f := data()
	p, err := keypath.Parse("links[wifi].latency")
	if err != nil {
		fmt.Println(err)
		return
	}
	at, err := p.Find(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := at.Parse("20ms")
	at.Set(v)
	fmt.Println(f.Links[1].Latency, v.Number, at.Format(0.0015), err)
	// Output: 20ms 0.02 1.5ms <nil>
}
