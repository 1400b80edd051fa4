package trace_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = 1_000_000

// passed is a trace of n tokens from a to b, whose clock is ahead by a time in ms. A token
// takes 3 ms, its firing 1 ms, its acknowledgement 2 ms; probes take 1 ms each way.
func passed(n, ahead int64) *trace.Trace {
	t := &trace.Trace{Plan: "p", Driver: "deploy", Clocks: &trace.Clocks{
		List:      []trace.Clock{{ID: "x", Began: 5, Devices: []string{"a"}}, {ID: "y", Devices: []string{"b"}}},
		Consumers: []int{1},
	}}
	there := ahead * ms
	for i := range n {
		at := i * 10 * ms
		t.Events = append(t.Events,
			trace.Event{Kind: trace.Firing, Device: "a", Unit: "cpu", Name: "source", Actor: 0, FIFO: -1, Frame: i, Start: at,
				End: at + ms},
			trace.Event{Kind: trace.Send, Device: "a", Name: "q", Actor: -1, FIFO: 0, Frame: i, Start: at + ms, End: at + 2*ms},
			trace.Event{Kind: trace.Recv, Device: "b", Name: "q", Actor: -1, FIFO: 0, Frame: i, Start: there + at + 4*ms,
				End: there + at + 4*ms},
			trace.Event{Kind: trace.Firing, Device: "b", Unit: "cpu", Name: "sink", Actor: 1, FIFO: -1, Frame: i,
				Start: there + at + 4*ms, End: there + at + 5*ms},
			trace.Event{Kind: trace.Ack, Device: "a", Name: "q", Actor: -1, FIFO: 0, Frame: i, Start: at + 7*ms, End: at + 7*ms},
		)
	}
	return t
}

func probed(t *trace.Trace, ahead int64) *trace.Trace {
	for at := int64(-ms); at < 200*ms; at += 50 * ms {
		t.Clocks.Probes = append(t.Clocks.Probes, trace.Probe{
			From: 1, To: 0, Sent: at + ahead*ms, Taken: at + ms, Answered: at + ms, Back: at + ahead*ms + 2*ms,
		})
	}
	return t
}

var passedLaws = trace.Laws{
	Lanes: map[trace.Unit]int{{Device: "a", Name: "cpu"}: 1, {Device: "b", Name: "cpu"}: 1},
	Flows: [][]int{{0, 1}}, Ends: []int{1}, Rates: []int{1},
}

func TestEventsOnOneTimeLine(t *testing.T) {
	for _, ahead := range []int64{0, -49, 86_400_000} {
		tr := probed(passed(10, ahead), ahead)
		require.NoError(t, trace.Check(tr, passedLaws))
		line, err := trace.NewLine(tr)
		require.NoError(t, err)
		for _, e := range tr.Events {
			at := line.At(e.Device, e.End)
			if e.Device == "a" {
				assert.Equal(t, clocks.Interval{Low: e.End, High: e.End}, at)
				continue
			}
			want := e.End - ahead*ms
			assert.True(t, at.Low <= want && want <= at.High, "%d is not in %+v", want, at)
			assert.InDelta(t, 2*ms, at.High-at.Low, 0.1*ms)
			placed := line.Place(e)
			assert.Equal(t, e.End-e.Start, placed.End-placed.Start)
		}
		assert.Equal(t, clocks.Interval{Low: 7, High: 7}, line.Between("b", 3, "b", 10))
		took := line.Between("a", ms, "b", ahead*ms+4*ms)
		assert.True(t, took.Low <= 3*ms && 3*ms <= took.High, "%+v", took)
		for i := range tr.Events { // back to front
			if j := len(tr.Events) - 1 - i; i < j {
				tr.Events[i], tr.Events[j] = tr.Events[j], tr.Events[i]
			}
		}
		line.Sort(tr.Events)
		var order []string
		for _, e := range tr.Events[:5] {
			order = append(order, string(e.Kind)+" "+e.Device)
		}
		assert.Equal(t, []string{"firing a", "send a", "recv b", "firing b", "ack a"}, order, "ahead by %d ms", ahead)
	}
}

// Events of one clock that get one time keep the order that their clock gives.
func TestEventsOfOneClockKeepTheirOrder(t *testing.T) {
	tr := probed(passed(3, 0), 0)
	tr.Clocks.List[1].Devices = []string{"b", "c"}
	// Clock y runs at nearly twice the speed for this much: both ends are the same ns of x.
	tr.Clocks.Probes = nil
	for at := int64(-ms); at < 200*ms; at += 10 * ms {
		tr.Clocks.Probes = append(tr.Clocks.Probes, trace.Probe{
			From: 1, To: 0, Sent: at + at/2000, Taken: at, Answered: at, Back: at + at/2000,
		})
	}
	tr.Events = nil
	for i := range int64(20_000) {
		tr.Events = append(tr.Events, trace.Event{Kind: trace.Firing, Device: []string{"c", "b"}[i%2], Start: i, End: i})
	}
	line, err := trace.NewLine(tr)
	require.NoError(t, err)
	line.Sort(tr.Events)
	for i, e := range tr.Events {
		require.Equal(t, int64(i), e.End)
	}
}

// Tokens and acknowledgements alone relate clocks: they left 3 ms and 2 ms before they came.
func TestCausalityRelatesClocks(t *testing.T) {
	tr := passed(10, 1000)
	line, err := trace.NewLine(tr)
	require.NoError(t, err)
	at := line.At("b", 1050*ms)
	assert.True(t, at.Low <= 50*ms && 50*ms <= at.High, "%+v", at)
	assert.InDelta(t, 5*ms, at.High-at.Low, 0.1*ms)
	tr.Restarts = 1
	_, err = trace.NewLine(tr)
	require.ErrorIs(t, err, trace.ErrClocks, "of an interrupted run only probes count")
	assert.Contains(t, err.Error(), "device b")
}

func TestClocksThatCannotBeCompared(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*trace.Trace)
		want   error
		text   string
	}{
		"no clocks": {func(t *trace.Trace) { t.Clocks.List = nil }, trace.ErrClocks, "a list of none"},
		"a device without clock": {func(t *trace.Trace) { t.Clocks.List = t.Clocks.List[:1] }, trace.ErrClocks,
			"device b"},
		"a probe of no clock": {func(t *trace.Trace) { t.Clocks.Probes[1].To = 7 }, clocks.ErrMessage, "to 7"},
		"a token that came before it left": {func(t *trace.Trace) {
			t.Events[7].Start, t.Events[7].End = -100*ms, -100*ms
		}, clocks.ErrJump, "device b"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := probed(passed(10, 0), 0)
			tt.change(tr)
			err := trace.Check(tr, passedLaws)
			require.ErrorIs(t, err, tt.want)
			require.ErrorIs(t, err, trace.ErrClocks)
			assert.Contains(t, err.Error(), tt.text)
		})
	}
}

func TestTraceOfSeveralClocksRoundTrip(t *testing.T) {
	want := probed(passed(3, 5), 5)
	var b bytes.Buffer
	require.NoError(t, trace.Write(&b, want))
	assert.True(t, strings.HasPrefix(b.String(), `{"format":2,`), b.String()[:40])
	got, err := trace.Read(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = trace.Read(strings.NewReader(`{"format":3,"plan":"p"}`))
	require.ErrorIs(t, err, trace.ErrFormat)
	assert.Contains(t, err.Error(), "format 3")
}

func TestChromeOfSeveralClocks(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, trace.Chrome(&b, probed(passed(2, -1000), -1000)))
	assert.Contains(t, b.String(), `"name":"sink","cat":"firing","ph":"X","pid":2,"tid":4,"ts":4000.000,"dur":1000.000,`+
		`"args":{"clock_uncertainty_us":10`)
}

// Ten devices with 100,000 events each: the budget of a merge is 2 s.
func BenchmarkMerge(b *testing.B) {
	t := &trace.Trace{Clocks: &trace.Clocks{Consumers: make([]int, 9)}}
	devices := "abcdefghij"
	for d := range 10 {
		t.Clocks.List = append(t.Clocks.List, trace.Clock{ID: devices[d : d+1], Devices: []string{devices[d : d+1]}})
		if d == 9 {
			break
		}
		t.Clocks.Consumers[d] = 9
		for i := range int64(100_000 / 3) {
			at, from, to := i*10*ms, devices[d:d+1], devices[9:]
			t.Events = append(t.Events,
				trace.Event{Kind: trace.Firing, Device: from, Name: "source", Actor: d, FIFO: -1, Frame: i, Start: at,
					End: at + ms},
				trace.Event{Kind: trace.Send, Device: from, FIFO: d, Actor: -1, Frame: i, Start: at + ms, End: at + 2*ms},
				trace.Event{Kind: trace.Recv, Device: to, FIFO: d, Actor: -1, Frame: i, Start: at + 3*ms, End: at + 3*ms},
				trace.Event{Kind: trace.Ack, Device: from, FIFO: d, Actor: -1, Frame: i, Start: at + 9*ms, End: at + 9*ms})
			if d == 0 {
				t.Events = append(t.Events, trace.Event{Kind: trace.Firing, Device: to, Name: "sink", Actor: 9, FIFO: -1, Frame: i,
					Start: at + 4*ms, End: at + 8*ms})
			}
		}
	}
	b.ReportMetric(float64(len(t.Events)), "events")
	for b.Loop() {
		line, err := trace.NewLine(t)
		require.NoError(b, err)
		line.Sort(t.Events)
	}
}
