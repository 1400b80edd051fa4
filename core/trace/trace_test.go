package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func firing(device string, actor int, frame, start, end int64) trace.Event {
	return trace.Event{Kind: trace.Firing, Device: device, Unit: "cpu", Name: "a" + string(rune('0'+actor)), Actor: actor,
		FIFO:  -1,
		Frame: frame, Start: start, End: end, Kernel: end - start}
}

func token(kind trace.Kind, device string, frame, start, end, bytes int64) trace.Event {
	return trace.Event{Kind: kind, Device: device, Unit: "wifi", Name: "a0.o->a1.i", Actor: -1, FIFO: 0, Frame: frame,
		Start: start, End: end, Bytes: bytes}
}

// good is a complete run of two frames over two devices, and its laws.
func good() (*trace.Trace, trace.Laws) {
	t := &trace.Trace{Plan: "p", Driver: "sim", Seed: 7, Events: []trace.Event{
		firing("end", 0, 0, 0, 10),
		token(trace.Send, "end", 0, 10, 14, 100),
		firing("end", 0, 1, 10, 20),
		token(trace.Recv, "srv", 0, 15, 15, 100),
		firing("srv", 1, 0, 15, 18),
		token(trace.Send, "end", 1, 20, 24, 90),
		{Kind: trace.Ack, Device: "end", Name: "a0.o->a1.i", Actor: -1, Frame: 0, Start: 19, End: 19},
		token(trace.Recv, "srv", 1, 25, 25, 90),
		firing("srv", 1, 1, 25, 30),
	}}
	return t, trace.Laws{
		Lanes: map[trace.Unit]int{{Device: "end", Name: "cpu"}: 1, {Device: "srv", Name: "cpu"}: 1},
		Flows: [][]int{{0, 1}}, Rates: []int{1},
	}
}

func TestCheckAccepts(t *testing.T) {
	tr, laws := good()
	assert.NoError(t, trace.Check(tr, laws))
	// Devices merged one after the other: receipts before what was sent.
	slices.SortStableFunc(tr.Events, func(a, b trace.Event) int { return -strings.Compare(a.Device, b.Device) })
	assert.NoError(t, trace.Check(tr, laws), "merged by device")
}

func TestCheckViolations(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *trace.Trace, l *trace.Laws)
		words string
	}{
		{"a frame twice", func(t *trace.Trace, l *trace.Laws) { t.Events[2].Frame = 0 },
			"a0 fired frame 0 where frame 1 was due"},
		{"a frame lost", func(t *trace.Trace, l *trace.Laws) { t.Events = t.Events[:8] },
			"actor 1 fired 1 times, actor 0 of the same flow 2 times"},
		{"an actor that never fired", func(t *trace.Trace, l *trace.Laws) { l.Flows = append(l.Flows, []int{1, 9}) },
			"actor 9 fired 0 times"},
		{"bytes changed", func(t *trace.Trace, l *trace.Laws) { t.Events[3].Bytes = 99 }, "100 bytes sent, 99 received"},
		{"not received", func(t *trace.Trace, l *trace.Laws) { t.Events = slices.Delete(t.Events, 7, 8) },
			"2 tokens sent, 1 received"},
		{"received twice", func(t *trace.Trace, l *trace.Laws) { t.Events = append(t.Events, t.Events[7]) },
			"2 tokens sent, 3 received"},
		{"token out of order", func(t *trace.Trace, l *trace.Laws) { t.Events[1].Frame = 1 },
			"sent a token of frame 1 where one of frame 0"},
		{"wrong rate", func(t *trace.Trace, l *trace.Laws) { l.Rates[0] = 2 }, "where one of frame 0"},
		{"received before it was sent", func(t *trace.Trace, l *trace.Laws) { t.Events[3].Start, t.Events[3].End = 9, 9 },
			"received at 9 ns, before"},
		{"overlap", func(t *trace.Trace, l *trace.Laws) { t.Events[2].Start = 9 }, "ran 2 firings at a time on 1 lanes"},
		{"unknown unit", func(t *trace.Trace, l *trace.Laws) { t.Events[0].Unit = "gpu" }, "no unit gpu"},
		{"ends before it starts", func(t *trace.Trace, l *trace.Laws) { t.Events[8].End = 20 }, "lasts from 25 to 20"},
		{"before the run", func(t *trace.Trace, l *trace.Laws) { t.Events[0].Start = -5 }, "lasts from -5"},
		{"no actor", func(t *trace.Trace, l *trace.Laws) { t.Events[0].Actor = -1 }, "names no actor"},
		{"no FIFO", func(t *trace.Trace, l *trace.Laws) { t.Events[3].FIFO = -1 }, "names no FIFO"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, laws := good()
			c.spoil(tr, &laws)
			err := trace.Check(tr, laws)
			require.ErrorIs(t, err, trace.ErrConservation)
			assert.Contains(t, err.Error(), c.words)
		})
	}
}

func TestCheckLanes(t *testing.T) {
	laws := trace.Laws{Lanes: map[trace.Unit]int{{Device: "d", Name: "cpu"}: 2}}
	tr := &trace.Trace{Events: []trace.Event{
		firing("d", 0, 0, 0, 10), firing("d", 1, 0, 2, 6), firing("d", 2, 0, 6, 6), firing("d", 3, 0, 6, 12),
		firing("d", 0, 1, 10, 11),
	}}
	assert.NoError(t, trace.Check(tr, laws), "two at a time on two lanes")
	tr.Events = append(tr.Events, firing("d", 1, 1, 5, 7))
	assert.ErrorIs(t, trace.Check(tr, laws), trace.ErrConservation, "three at a time on two lanes")
}

func TestCheckBoundsItsReport(t *testing.T) {
	tr := &trace.Trace{}
	for range 1000 {
		tr.Events = append(tr.Events, firing("d", 0, 5, 0, 1))
	}
	n := strings.Count(trace.Check(tr, trace.Laws{}).Error(), "\n") + 1
	assert.Equal(t, 20, n, "got %d violations, want the first 20", n)
}

func TestWriteRead(t *testing.T) {
	want, _ := good()
	want.Emulated, want.Partial = true, "stopped by <hand>"
	var a, b bytes.Buffer
	require.NoError(t, trace.Write(&a, want))
	n := strings.Count(a.String(), "\n")
	assert.Equal(t, 1+len(want.Events), n, "got %d lines, want a header and %d events", n, len(want.Events))
	got, err := trace.Read(bytes.NewReader(a.Bytes()))
	require.NoError(t, err)
	require.Equal(t, want, got)
	err = trace.Write(&b, got)
	require.NoError(t, err, "written again it differs")
	assert.Equal(t, b.Bytes(), a.Bytes(), "written again it differs")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteErrors(t *testing.T) {
	tr, _ := good()
	for name, write := range map[string]func() error{
		"Write":  func() error { return trace.Write(broken{}, tr) },
		"Chrome": func() error { return trace.Chrome(broken{}, tr) },
	} {
		err := write()
		require.Error(t, err, "%s: got %v, want disk full", name, err)
		assert.Contains(t, err.Error(), "disk full", "%s: got %v, want disk full", name, err)
	}
}

func TestReadErrors(t *testing.T) {
	const header = `{"plan":"p","driver":"sim","seed":1,"emulated":false}` + "\n"
	for _, c := range []struct{ name, text, words string }{
		{"empty", "", "line 1"},
		{"no header", "plan", "line 1"},
		{"bad event", header + `{"kind":"ack"}` + "\n" + `{"kind":`, "line 3"},
		{"unknown kind", header + `{"kind":"nap"}`, `"nap"`},
		{"negative duration", header + `{"kind":"send","start":2,"end":1}`, "before its start"},
	} {
		_, err := trace.Read(strings.NewReader(c.text))
		require.ErrorIs(t, err, trace.ErrFormat, c.name)
		assert.Contains(t, err.Error(), c.words, c.name)
	}
}

func TestChrome(t *testing.T) {
	tr, _ := good()
	tr.Events[0].End = 12_345
	var b bytes.Buffer
	require.NoError(t, trace.Chrome(&b, tr))
	var file struct {
		TraceEvents []struct {
			Name, Ph, Cat string
			Pid, Tid      int
			Ts, Dur       float64
			Args          map[string]any
		}
	}
	err := json.Unmarshal(b.Bytes(), &file)
	require.NoError(t, err, "%v in %s", err, b.String())
	rows, spans, instants := map[string]bool{}, 0, 0
	for _, e := range file.TraceEvents {
		switch e.Ph {
		case "M":
			rows[e.Args["name"].(string)] = true
		case "X":
			spans++
			if e.Cat == "firing" && e.Name == "a0" && e.Args["frame"] == 0.0 {
				assert.Equal(t, 12.345, e.Dur, "duration %v µs, want 12.345", e.Dur)
			}
		case "i":
			instants++
		}
	}
	assert.Equal(t, 6, spans, "got %d spans and %d instants, want 6 and 3", spans, instants)
	assert.Equal(t, 3, instants, "got %d spans and %d instants, want 6 and 3", spans, instants)
	for _, row := range []string{"end", "srv", "cpu", "send wifi", "receive"} {
		assert.True(t, rows[row], "no row")
	}
}
