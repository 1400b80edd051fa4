package factor_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

func parsed(t *testing.T) *planfile.File {
	t.Helper()
	f, err := planfile.Parse("plan.yaml", []byte(studytest.Plan))
	require.NoError(t, err)
	return f
}

func base(t *testing.T) *factor.Base {
	t.Helper()
	return &factor.Base{
		File: parsed(t), Actors: []string{"camera", "shrink", "detect", "sink"}, Profiles: []string{"a", "b"},
	}
}

// applied changes a plan file to a level of a factor.
func applied(t *testing.T, key, of, text string) (*planfile.File, *factor.Target) {
	t.Helper()
	b := base(t)
	f, err := factor.New(b, key, of)
	require.NoError(t, err)
	l, err := f.Level(b, text)
	require.NoError(t, err)
	file := parsed(t)
	target := factor.ToFile(file)
	require.NoError(t, f.Apply(target, l))
	return file, target
}

func TestWhatFactorsChange(t *testing.T) {
	f, _ := applied(t, factor.Cut, "", "detect")
	assert.Equal(t, "detect", f.Instances[0].Mapping[0].Through)
	f, _ = applied(t, factor.Codec, "", "int8")
	assert.Equal(t, "int8", f.Instances[0].Codec)
	f, _ = applied(t, factor.Bandwidth, "", "8Mbit/s")
	assert.EqualValues(t, 1e6, f.Platform.Links[0].BandwidthBytesPerSec)
	f, _ = applied(t, factor.Latency, "wifi", "7ms")
	assert.Equal(t, 7*time.Millisecond, f.Platform.Links[0].Latency)
	f, _ = applied(t, factor.Slowdown, "cam.cpu", "4.5")
	assert.Equal(t, 4.5, f.Platform.Devices[0].Units[0].Slowdown)
	f, _ = applied(t, factor.FrameRate, "", "25")
	assert.Equal(t, 40*time.Millisecond, f.Workload.Period)
	require.NoError(t, f.Check())
	poisson := parsed(t)
	poisson.Workload.Kind, poisson.Workload.Rate = plan.Poisson, 1
	rate, err := factor.New(base(t), factor.FrameRate, "")
	require.NoError(t, err)
	require.NoError(t, rate.Check(poisson, factor.Level{Text: "25", Number: 25}))
	assert.Equal(t, 25.0, poisson.Workload.Rate)
	f, _ = applied(t, "workload.frames", "", "99")
	assert.EqualValues(t, 99, f.Workload.Frames)
	f, _ = applied(t, "fifo_capacity", "", "5")
	assert.Equal(t, 5, f.FIFOCapacity)
	f, _ = applied(t, factor.Phase, "", "random")
	assert.Equal(t, plan.RandomPhase, f.Workload.Phase)
	_, target := applied(t, factor.Profile, "", "b")
	assert.Equal(t, "b", target.Profile)
}

// What a link does to tokens is reached by its keys, as numbers with their units, and checked.
func TestImpairmentsAsFactors(t *testing.T) {
	b := base(t)
	l := &b.File.Platform.Links[0]
	l.Jitter = plan.Jitter{Kind: plan.GammaJitter, Mean: time.Millisecond}
	l.Loss = plan.Loss{Timeout: time.Second}
	l.Outages = []plan.Outage{{For: time.Second}}
	const link = "platform.links[wifi]."
	for _, tt := range []struct {
		key, text string
		number    float64
		unit      string
		got       func(l *plan.Link) any
		want      any
	}{
		{"jitter.mean", "3ms", 3e-3, "s", func(l *plan.Link) any { return l.Jitter.Mean }, 3 * time.Millisecond},
		{"jitter.stddev", "2ms", 2e-3, "s", func(l *plan.Link) any { return l.Jitter.Stddev }, 2 * time.Millisecond},
		{"loss.rate", "0.05", 0.05, "", func(l *plan.Link) any { return l.Loss.Rate }, 0.05},
		{"loss.timeout", "200ms", 0.2, "s", func(l *plan.Link) any { return l.Loss.Timeout }, 200 * time.Millisecond},
		{"loss.window", "64KiB", 65536, "bytes", func(l *plan.Link) any { return l.Loss.Window }, quantity.Bytes(65536)},
		{"outages[0].from", "3s", 3, "s", func(l *plan.Link) any { return l.Outages[0].From }, 3 * time.Second},
		{"outages[0].for", "3s", 3, "s", func(l *plan.Link) any { return l.Outages[0].For }, 3 * time.Second},
		{"outages[0].every", "9s", 9, "s", func(l *plan.Link) any { return l.Outages[0].Every }, 9 * time.Second},
	} {
		f, err := factor.New(b, link+tt.key, "")
		require.NoError(t, err, tt.key)
		assert.Equal(t, tt.unit, f.Unit, tt.key)
		assert.True(t, f.Valued, tt.key)
		level, err := f.Level(b, tt.text)
		require.NoError(t, err, tt.key)
		assert.InDelta(t, tt.number, level.Number, 1e-12, tt.key)
		require.NoError(t, f.Check(b.File, level), tt.key)
		assert.Equal(t, tt.want, tt.got(l), tt.key)
	}
	p, err := compile.Compile(b.File, nil)
	require.NoError(t, err)
	own := *p
	factor.ToPlan(&own).Values.Platform.Links[0].Outages[0].For = time.Hour
	assert.Equal(t, 3*time.Second, p.Platform.Links[0].Outages[0].For, "the skeleton is read-only")

	trace, err := factor.New(b, link+"trace", "")
	require.NoError(t, err)
	assert.False(t, trace.Valued, "its file is read for every level")
	rate, err := factor.New(b, link+"loss.rate", "")
	require.NoError(t, err)
	level, err := rate.Level(b, "1.5")
	require.NoError(t, err)
	require.ErrorContains(t, rate.Check(b.File, level), "link wifi: loss rate 1.5; expected a fraction from 0 to 0.99")
}

// Copies of an endpoint have links and instances of their own, and follow its values.
func TestCount(t *testing.T) {
	f, _ := applied(t, factor.Count, "cam", "3")
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"cam", "server", "cam-2", "cam-3"}, p.Platform.DeviceNames())
	var links []string
	for _, l := range p.Platform.Links {
		links = append(links, l.Name+" "+l.Between[0]+" "+l.Between[1])
	}
	assert.Equal(t, []string{"wifi cam server", "wifi-2 cam-2 server", "wifi-3 cam-3 server"}, links)
	instances := map[string]string{}
	for a := range p.Work {
		if p.Work[a].Source {
			instances[p.Work[a].Instance] = p.DeviceOf(a).Name
		}
	}
	assert.Equal(t, map[string]string{"cam": "cam", "cam-2": "cam-2", "cam-3": "cam-3"}, instances)

	own := *p
	changed := factor.ToPlan(&own)
	changed.Values.Platform.Links[0].Latency = time.Second
	changed.Values.Platform.Devices[0].Units[0].Slowdown = 9
	factor.Follow(changed.Values)
	for i := range 3 {
		assert.Equal(t, time.Second, own.Platform.Links[i].Latency)
		assert.Equal(t, time.Millisecond, p.Platform.Links[i].Latency, "the skeleton is read-only")
	}
	assert.Equal(t, "cam-3", own.Platform.Links[2].Between[0])
	assert.Equal(t, 9.0, own.Platform.Devices[3].Units[0].Slowdown)
	assert.Equal(t, 2.0, p.Platform.Devices[3].Units[0].Slowdown)
	assert.Equal(t, 1.0, own.Platform.Devices[1].Units[0].Slowdown)
}

func TestOneIsTheSame(t *testing.T) {
	f, _ := applied(t, factor.Count, "cam", "1")
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	assert.Empty(t, p.Work[0].Instance)
	assert.Len(t, p.Platform.Devices, 2)
}

func TestValuedFactors(t *testing.T) {
	for key, want := range map[string]bool{
		factor.Cut: false, factor.Codec: false, factor.Profile: true, factor.FrameRate: true, factor.Bandwidth: true,
		"workload.frames": true, "workload.kind": false, "platform.devices[cam].power.idle": false, "seed": true,
		"application.actors[0].name": false,
	} {
		f, err := factor.New(base(t), key, "")
		require.NoError(t, err, key)
		assert.Equal(t, want, f.Valued, key)
	}
}

func TestBadFactors(t *testing.T) {
	for _, c := range []struct{ key, of, want string }{
		{"speed", "", `nothing to vary: "speed" is neither cut, codec, profile, count, bandwidth, latency, slowdown, ` +
			`frame_rate, phase, nor the path of a key such as platform.links[0].latency`},
		{"platform.link", "", `no such key: platform.link: platform has no key "link"; it has devices, links, media, ` +
			`name; did you mean "links"?`},
		{factor.Bandwidth, "lan", `nothing to vary: the plan has no link "lan"; it has wifi`},
		{factor.Slowdown, "cam", "nothing to vary: a slowdown is of a unit; say of: device.unit"},
		{factor.Slowdown, "cam.gpu", `no such key: platform.devices[cam].units[gpu].slowdown: platform.devices[cam].units ` +
			`has no item named "gpu"; it has cpu; did you mean "cpu"?`},
		{factor.Count, "", `nothing to vary: there is no device "" to count; say of: which, of cam, server`},
	} {
		_, err := factor.New(base(t), c.key, c.of)
		assert.EqualError(t, err, c.want)
	}
	shaped := base(t)
	shaped.File.Platform.Links[0].Profile = "lab.json"
	for _, key := range []string{factor.Latency, "platform.links[0].latency"} {
		_, err := factor.New(shaped, key, "")
		require.ErrorIs(t, err, factor.ErrTarget)
		assert.ErrorContains(t, err, "the profile lab.json says what tokens cost on platform.links[")
		assert.ErrorContains(t, err, "so its latency changes nothing; remove profile there")
	}
	b := base(t)
	for _, c := range []struct{ key, of, level, want string }{
		{factor.Cut, "", "nms", `not a value of the factor: there is no actor "nms"; there are camera, shrink, detect, sink`},
		{factor.Phase, "", "even", `not a value of the factor: there is no phase "even"; there are same, spread, random`},
		{factor.Profile, "", "c", `not a value of the factor: there is no profile "c"; there are a, b`},
		{factor.Count, "cam", "0", `not a value of the factor: a count is a whole number from 1 to 100000; found "0"`},
		{factor.FrameRate, "", "0", `not a value of the factor: a frame rate is a number above 0, in frames per ` +
			`second; found "0"`},
		{factor.Bandwidth, "", "fast", "not a value of the key: platform.links[wifi].bandwidth_bytes_per_sec: bad " +
			"quantity: " +
			`expected bytes or bits per second, such as 12.5MB/s, 12.5MiB/s, 100Mbit/s or 12500000, which is in bytes; ` +
			`found "fast"`},
	} {
		f, err := factor.New(b, c.key, c.of)
		require.NoError(t, err)
		_, err = f.Level(b, c.level)
		assert.EqualError(t, err, c.want)
	}
	f, err := factor.New(b, factor.Slowdown, "cam.cpu")
	require.NoError(t, err)
	l, err := f.Level(b, "0.5")
	require.NoError(t, err)
	assert.EqualError(t, f.Check(parsed(t), l), "bad input: plan.yaml:18:37: bad platform: unit cam.cpu: slowdown "+
		"0.5; a unit "+
		"can't be emulated faster than the machine, expected at least 1")
}

func texts(levels []factor.Level) (all []string) {
	for _, l := range levels {
		all = append(all, l.Text)
	}
	return all
}

func TestRanges(t *testing.T) {
	b := base(t)
	f, err := factor.New(b, factor.Latency, "")
	require.NoError(t, err)
	f.From, f.To, f.Log = 0.001, 0.1, true
	steps, err := f.Steps(b.File, 3)
	require.NoError(t, err)
	assert.Equal(t, []string{"1ms", "10ms", "100ms"}, texts(steps))
	assert.InDelta(t, 0.01, steps[1].Number, 1e-12)
	l, err := f.At(b.File, 0.5)
	require.NoError(t, err)
	assert.Equal(t, "10ms", l.Text)

	f, err = factor.New(b, factor.Count, "cam")
	require.NoError(t, err)
	f.From, f.To = 1, 4
	seen := map[string]int{}
	for i := range 400 {
		l, err := f.At(b.File, (float64(i)+0.5)/400)
		require.NoError(t, err)
		seen[l.Text]++
	}
	assert.Equal(t, map[string]int{"1": 100, "2": 100, "3": 100, "4": 100}, seen)
	all, err := f.All(b.File)
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3", "4"}, texts(all))
	steps, err = f.Steps(b.File, 9)
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3", "4"}, texts(steps), "each whole number once")
	assert.True(t, f.Ordered())
	f.Levels = []factor.Level{{Text: "b", Number: math.NaN()}}
	assert.False(t, f.Ordered())
}
