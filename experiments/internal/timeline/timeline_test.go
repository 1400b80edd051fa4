package timeline

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/trace"
)

// fleet is the trace of so many instances, each with a device, a link to the server and frames
// of its own period: an instance with index i has a frame each (i+1) x 10 ms, which takes 9 ms.
func fleet(instances, frames int) *trace.Trace {
	t := &trace.Trace{Plan: "fleet", Driver: "sim", Emulated: true}
	for i := range instances {
		for n := range int64(frames) {
			t.Events = append(t.Events, frame(i, n, n*int64(i+1)*10e6)...)
		}
	}
	return t
}

// frame is the events of a frame of an instance that begins at a time.
func frame(i int, n, at int64) []trace.Event {
	device, link := fmt.Sprintf("cam-%d", i), fmt.Sprintf("wifi-%d", i)
	name := func(actor string) string { return device + "/" + actor }
	fifo := name("camera.frame") + "->" + name("net[0:5].in")
	event := func(kind trace.Kind, device, unit, name string, actor int, from, to int64) trace.Event {
		return trace.Event{Kind: kind, Device: device, Unit: unit, Name: name, Actor: actor, Frame: n, Start: at + from,
			End: at + to}
	}
	return []trace.Event{
		event(trace.Firing, device, "cpu", name("camera"), 3*i, 0, 1e6),
		event(trace.Send, device, link, fifo, -1, 1e6, 4e6),
		event(trace.Recv, "server", link, fifo, -1, 5e6, 5e6),
		event(trace.Firing, "server", "cpu", name("net[0:5]"), 3*i+1, 5e6, 8e6),
		event(trace.Firing, "server", "cpu", name("sink"), 3*i+2, 8e6, 9e6),
	}
}

// holds returns how many frames of each shown instance lie wholly in a view's window.
func holds(t *trace.Trace, v *View) []int {
	all := make([]int, len(v.Instances))
	events := append([]trace.Event(nil), t.Events...)
	for i, s := range spans(events, newNames(events), len(v.Instances)) {
		for _, f := range s {
			if f.from >= v.From && f.to <= v.To {
				all[i]++
			}
		}
	}
	return all
}

// What is sent for an instance of which no firing is known is none of those that are shown.
func TestUnknownInstance(t *testing.T) {
	tr := fleet(2, 6)
	tr.Events = append(tr.Events, trace.Event{
		Kind: trace.Send, Device: "cam-0", Unit: "wifi-0", Name: "cam-9/a.out->cam-9/b.in", Actor: -1, Start: 0, End: 60e6,
	})
	tr.Events = append(tr.Events, trace.Event{
		Kind: trace.Recv, Device: "server", Unit: "wifi-0", Name: "cam-9/a.out->cam-9/b.in", Start: 60e6, End: 60e6,
	})
	v, err := Of(tr)
	require.NoError(t, err)
	assert.Equal(t, []string{"cam-0", "cam-1"}, v.Instances)
	assert.NotContains(t, v.Actors, "a")
	strangers := 0
	for _, lane := range v.Lanes {
		for _, b := range lane.Blocks {
			if b.Instance < 0 {
				strangers++
				assert.Equal(t, -1, b.Actor)
				assert.True(t, b.Send)
			}
		}
	}
	assert.Equal(t, 1, strangers)
}

// Frames 3 and 4 of instances of different speeds don't meet; the window is one in which all
// of them work.
func TestAllInstancesWorkInTheWindow(t *testing.T) {
	tr := fleet(3, 40)
	v, err := Of(tr)
	require.NoError(t, err)
	assert.Equal(t, []string{"cam-0", "cam-1", "cam-2"}, v.Instances)
	for i, n := range holds(tr, v) {
		assert.GreaterOrEqual(t, n, whole, v.Instances[i])
	}
	assert.GreaterOrEqual(t, v.From, int64(390e6/3), "not in the middle of the time in which all work")
	assert.LessOrEqual(t, v.From, int64(2*390e6/3)+10e6)
	assert.Equal(t, int64(30e6+9e6), v.To-v.From, "two frames of the slowest one")
	assert.Equal(t, []string{"camera", "net[0:5]", "sink"}, v.Actors)
	var lanes []string
	for _, l := range v.Lanes {
		lanes = append(lanes, l.Name)
	}
	assert.Equal(t, []string{
		"cam-0 cpu", "cam-0 → server (wifi-0)", "cam-1 cpu", "cam-1 → server (wifi-1)", "cam-2 cpu",
		"cam-2 → server (wifi-2)", "server cpu",
	}, lanes)
}

func TestOfManyInstances(t *testing.T) {
	v, err := Of(fleet(300, 4))
	require.NoError(t, err)
	assert.Equal(t, 300, v.Of)
	assert.Len(t, v.Instances, Most)
	assert.Equal(t, "cam-7", v.Instances[7], "in the order of the plan")
	assert.Len(t, v.Lanes, 2*Most+1)
	others := 0
	for _, b := range v.Lanes[2*Most].Blocks {
		if b.Instance < 0 {
			others++
			assert.Equal(t, -1, b.Actor)
		}
	}
	assert.Positive(t, others, "what the server does for others is shown")
}

// What happens at a time on a unit of several lanes lies in rows of its own.
func TestRows(t *testing.T) {
	l := Lane{Blocks: []Block{{Start: 0, End: 4}, {Start: 1, End: 2}, {Start: 2, End: 5}, {Start: 4, End: 6}}}
	l.pack()
	assert.Equal(t, 2, l.Rows)
	assert.Equal(t, []int{0, 1, 1, 0}, []int{l.Blocks[0].Row, l.Blocks[1].Row, l.Blocks[2].Row, l.Blocks[3].Row})
}

// Frames that were lost on their way are short, and no whole ones.
func TestLostFramesAreNotWhole(t *testing.T) {
	tr := &trace.Trace{Plan: "p"}
	for n := range int64(30) {
		events := frame(0, n, n*10e6)
		if n >= 12 && n <= 16 {
			events = events[:1]
		}
		tr.Events = append(tr.Events, events...)
	}
	v, err := Of(tr)
	require.NoError(t, err)
	assert.Equal(t, int64(19e6), v.To-v.From)
	assert.GreaterOrEqual(t, v.From, int64(170e6))
}

func TestOfOneInstance(t *testing.T) {
	tr := &trace.Trace{Plan: "p", Events: []trace.Event{
		{Kind: trace.Firing, Device: "d", Unit: "cpu", Name: "a", Frame: 0, Start: 3, End: 7},
		{Kind: trace.Send, Device: "d", Unit: "lan", Name: "a.out->a.in", Actor: -1, Frame: 0, Start: 7, End: 9},
	}}
	v, err := Of(tr)
	require.NoError(t, err)
	assert.Equal(t, []string{""}, v.Instances)
	assert.Equal(t, []int64{3, 9}, []int64{v.From, v.To})
	require.Len(t, v.Lanes, 2)
	assert.Equal(t, "d → lan", v.Lanes[1].Name, "where it arrives is not in the trace")
	assert.Equal(t, []string{"a"}, v.Actors)
}

// Events on clocks of their own lie on one time line, as exactly as messages say.
func TestSeveralClocks(t *testing.T) {
	const ahead = 1e9 // the server's clock, of the camera's
	tr := &trace.Trace{Plan: "p", Clocks: &trace.Clocks{Consumers: []int{1}, List: []trace.Clock{
		{ID: "a", Devices: []string{"cam-0"}}, {ID: "b", Devices: []string{"server"}},
	}}}
	for n := range int64(30) {
		at := n * 10e6
		for _, e := range frame(0, n, at) {
			if e.Device == "server" {
				e.Start, e.End = e.Start+ahead, e.End+ahead
			}
			tr.Events = append(tr.Events, e)
		}
		tr.Clocks.Probes = append(tr.Clocks.Probes, trace.Probe{
			From: 0, To: 1, Sent: at, Taken: at + ahead + 1e5, Answered: at + ahead + 1e5, Back: at + 2e5,
		})
	}
	v, err := Of(tr)
	require.NoError(t, err)
	assert.InDelta(t, 19e6, v.To-v.From, 3e5)
	assert.Less(t, v.To, int64(300e6), "on the first clock")
	assert.Positive(t, v.Off)
	assert.Less(t, v.Off, int64(3e5))
}

func TestNothingToShow(t *testing.T) {
	_, err := Of(&trace.Trace{Plan: "p"})
	require.ErrorIs(t, err, ErrNothing)
	assert.EqualError(t, err, "timeline of p: no whole frame to show")
	_, err = Of(&trace.Trace{Clocks: &trace.Clocks{}})
	assert.ErrorIs(t, err, trace.ErrClocks)
}

func TestLongNames(t *testing.T) {
	assert.Equal(t, "mobilenet[0:5]", shortened("mobilenet[0:5]"))
	assert.Equal(t, "aaaaaaaaaaaaaaa…bbbbbbbbbbbbbbb", shortened("aaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbb"))
}

// Of any run the window is as short as any other that holds as many frames, if it lies where
// all instances work; a slow search says the same.
func TestWindowIsTheShortest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all [][]span
		for i := range rapid.IntRange(1, 3).Draw(t, "instances") {
			var s []span
			at := int64(0)
			for range rapid.IntRange(1, 12).Draw(t, fmt.Sprint("frames of ", i)) {
				at += rapid.Int64Range(1, 50).Draw(t, "gap")
				s = append(s, span{at, at + rapid.Int64Range(0, 80).Draw(t, "takes")})
			}
			all = append(all, s)
		}
		from, to, ok := window(all)
		require.True(t, ok)
		enough := func(from, to int64) bool {
			for _, s := range all {
				n := 0
				for _, f := range s {
					if f.from >= from && f.to <= to {
						n++
					}
				}
				if n < min(whole, len(s)) {
					return false
				}
			}
			return true
		}
		require.True(t, enough(from, to), "%v: %d to %d", all, from, to)
		for _, s := range all {
			for _, f := range s {
				require.False(t, f.from == from && enough(from, to-1), "it is longer than need be")
			}
		}
	})
}
