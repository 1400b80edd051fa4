package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// told is what a trace says of a frame.
type told struct {
	began, ended int64
	busy         []energy.Interval // of the endpoint
	bytes        int64
	atr          int
}

// framesOf collects the frames of a trace in the plainest way: of what happened to one several
// times, all counts until its result was there.
func framesOf(p *plan.Plan, t *trace.Trace) map[string]*told {
	all, endpoint := map[string]*told{}, map[string]string{}
	at := func(e *trace.Event, a int) *told {
		key := fmt.Sprintf("%s %d", p.Work[a].Instance, e.Frame)
		if all[key] == nil {
			all[key] = &told{began: -1}
		}
		return all[key]
	}
	for a := range slices.Backward(p.Work) {
		if p.Work[a].Source {
			endpoint[p.Work[a].Instance] = p.DeviceOf(a).Name
		}
	}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Firing && p.Work[e.Actor].Sink {
			at(e, e.Actor).ended = max(at(e, e.Actor).ended, e.End)
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case trace.Firing:
			f, w := at(e, e.Actor), &p.Work[e.Actor]
			if w.Source && f.began < 0 {
				f.began = e.Start
				if s := p.Schedule(w.Instance); s.PeriodNs > 0 && !p.Workload.Drops() {
					f.began = s.PeriodNs * e.Frame
				}
			}
			if e.Device == endpoint[w.Instance] && (t.Restarts == 0 || e.End <= f.ended) {
				f.busy = append(f.busy, energy.Interval{FromNs: e.Start, ToNs: e.End})
			}
			f.atr = max(f.atr, e.Rate)
		case trace.Send:
			q := p.Graph.FIFOs[e.FIFO]
			if f := at(e, q.From); e.Device == endpoint[p.Work[q.From].Instance] &&
				!p.Graph.Actors[q.From].Out[q.OutPort].Feedback {
				f.busy = append(f.busy, energy.Interval{FromNs: e.Start, ToNs: e.End})
				f.bytes += e.Bytes
			}
		case trace.Capture:
			at(e, e.Actor).began = e.Start
		}
	}
	return all
}

// What is added up in a run is what its trace says, whatever fails in it, whatever it skips and
// whatever it drops: counts and sums exactly.
func TestObservedIsThatOfTheTrace(t *testing.T) {
	interrupted, dropped, dynamic := 0, 0, 0
	for seed := range uint64(400) {
		p := faulty(seed)
		d := &Driver{Cost: hashed{}, Profile: nil}
		if seed%2 == 0 {
			whole, err := d.Run(t.Context(), p)
			require.NoError(t, err, "seed %d", seed)
			spoil(p, rand.New(rand.NewPCG(seed, 1)), whole.Events[len(whole.Events)-1].End)
		}
		tr, err := d.Run(t.Context(), p)
		if err != nil {
			_, again := d.Summarize(t.Context(), p)
			require.EqualError(t, again, err.Error(), "seed %d", seed)
			continue
		}
		var frames []summary.Frame
		s, err := d.Observe(t.Context(), p, summary.Observer{Frame: func(f *summary.Frame) error {
			frames = append(frames, *f)
			return nil
		}})
		require.NoError(t, err, "seed %d", seed)
		checkObserved(t, seed, p, tr, s, frames)
		if tr.Restarts > 0 {
			interrupted++
		}
		for _, c := range tr.Captured {
			dropped += int(c.Dropped)
		}
		if len(p.Workload.Choices) > 0 {
			dynamic++
		}
	}
	assert.Greater(t, interrupted, 50)
	assert.Greater(t, dropped, 50)
	assert.Greater(t, dynamic, 50)
}

func checkObserved(t *testing.T, seed uint64, p *plan.Plan, tr *trace.Trace, s *summary.Run, frames []summary.Frame) {
	t.Helper()
	busy, firings := map[trace.Unit]time.Duration{}, map[trace.Unit]int64{}
	sent, received := map[string]int64{}, map[string]int64{}
	end := int64(0)
	for _, e := range tr.Events {
		switch e.Kind {
		case trace.Firing:
			busy[trace.Unit{Device: e.Device, Name: e.Unit}] += time.Duration(e.End - e.Start)
			firings[trace.Unit{Device: e.Device, Name: e.Unit}]++
			end = max(end, e.End)
		case trace.Send:
			sent[e.Unit] += e.Bytes
		case trace.Recv:
			received[e.Unit] += e.Bytes
		}
	}
	require.Equal(t, time.Duration(end), s.End, "seed %d", seed)
	for _, u := range s.Units {
		key := trace.Unit{Device: u.Device, Name: u.Unit}
		require.Equal(t, busy[key], u.Busy, "seed %d, %v", seed, key)
		require.Equal(t, firings[key], u.Firings, "seed %d, %v", seed, key)
		delete(firings, key)
	}
	require.Empty(t, firings, "seed %d", seed)
	for _, l := range s.Links {
		sent[l.Link] -= l.Bytes
		received[l.Link] -= l.Bytes - l.LostBytes - l.UnderwayBytes
	}
	for _, left := range []map[string]int64{sent, received} {
		maps.DeleteFunc(left, func(_ string, n int64) bool { return n == 0 })
	}
	require.Empty(t, sent, "seed %d", seed)
	require.Empty(t, received, "seed %d", seed)
	want := framesOf(p, tr)
	require.Len(t, frames, int(p.Workload.Frames)*len(s.Instances), "seed %d", seed)
	next := make([]int64, len(s.Instances))
	for _, f := range frames {
		require.Equal(t, next[f.Instance], f.Number, "seed %d", seed)
		next[f.Instance]++
		name := s.Instances[f.Instance].Name
		w := want[fmt.Sprintf("%s %d", name, f.Number)]
		require.NotNil(t, w, "seed %d", seed)
		require.Equal(t, w.ended, f.EndedNs, "seed %d, %s, frame %d", seed, name, f.Number)
		if tr.Restarts > 0 {
			continue
		}
		require.Equal(t, w.began, f.BeganNs, "seed %d, %s, frame %d", seed, name, f.Number)
		length := int64(0)
		for _, i := range energy.Union(w.busy) {
			length += i.ToNs - i.FromNs
		}
		require.Equal(t, length, f.EndpointNs, "seed %d, %s, frame %d: %v", seed, name, f.Number, w.busy)
		require.Equal(t, w.bytes, f.Bytes, "seed %d, %s, frame %d", seed, name, f.Number)
		require.Equal(t, w.atr, f.ATR, "seed %d, %s, frame %d", seed, name, f.Number)
	}
}
